"""What a log signs: so many entries, and this root over them (C2SP tlog-checkpoint)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from askfirst.core.base64_text import b64, b64_decode
from askfirst.core.errors import MalformedCheckpoint
from askfirst.core.note import open_note, sign_note
from askfirst.core.tree import EMPTY_ROOT, HASH_BYTES
from askfirst_sdk.keys import VerifierKey

# A size is a 64-bit number everywhere; below 2^63 every database column holds it.
MAX_SIZE: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_LEAST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the log named `origin`: its number of leaves and the 32-byte root over them."""

    origin: str
    size: int
    root: bytes


def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    """Return the text that is signed: three lines, each ending with a newline.

    Raises MalformedCheckpoint for an origin with white space or a plus sign, a size out of range, or a root that is
    not 32 bytes.
    """
    body = f"{origin}\n{size}\n{b64(root)}\n"
    parse_checkpoint(body)
    return body


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint in the text of a note; MalformedCheckpoint for any other text.

    Extension lines, which are opaque, are passed over; our own logs write none.
    """
    lines = text.split("\n")
    if len(lines) <= _LEAST_LINES or lines.pop() != "" or not all(lines):
        raise MalformedCheckpoint("A checkpoint has at least three lines, none of them empty.")
    origin, number, encoded = lines[:3]
    size = parse_size(number)
    if size is None:
        raise MalformedCheckpoint("The second line of a checkpoint is the tree size in decimal digits.")
    if "+" in origin or any(character.isspace() for character in origin):
        raise MalformedCheckpoint("The origin of a log has no white space and no plus sign.")
    try:
        root = b64_decode(encoded)
    except ValueError as error:
        raise MalformedCheckpoint("The third line of a checkpoint is the root in base64.") from error
    if len(root) != HASH_BYTES or (size == 0) != (root == EMPTY_ROOT):
        raise MalformedCheckpoint("The root is not 32 bytes, or not one that a tree of this size can have.")
    return Checkpoint(origin, size, root)


def sign_checkpoint(checkpoint: Checkpoint, key: VerifierKey, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the signed note of a checkpoint; `sign` returns the 64-byte Ed25519 signature by `key`."""
    return sign_note(checkpoint_body(checkpoint.origin, checkpoint.size, checkpoint.root), key, sign)


def open_checkpoint(data: bytes, origin: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the checkpoint of the log named `origin` in a note that one of the keys signed.

    Raises MalformedNote, UntrustedNote, or MalformedCheckpoint, also for a checkpoint of another log.
    """
    checkpoint = parse_checkpoint(open_note(data, keys).text)
    if checkpoint.origin != origin:
        raise MalformedCheckpoint(f"The checkpoint is of the log {checkpoint.origin}, not of {origin}.")
    return checkpoint


def open_own_checkpoint(data: bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the checkpoint in a note, of whichever log the key that signed it is named by.

    A log that was closed and goes on under another name has checkpoints of both. Raises like `open_checkpoint`.
    """
    by_name: dict[str, list[VerifierKey]] = {}
    for key in keys:
        by_name.setdefault(key.name, []).append(key)
    claimed = data.partition(b"\n")[0].decode("utf-8", "replace")
    if claimed in by_name:
        return open_checkpoint(data, claimed, by_name[claimed])
    if not by_name:
        return open_checkpoint(data, claimed, ())
    name, own = next(iter(by_name.items()))
    return open_checkpoint(data, name, own)


def parse_size(text: str) -> int | None:
    """Return a tree size or index from decimal digits without leading zeros; None for any other text."""
    if not _NUMBER.fullmatch(text):
        return None
    number = int(text)
    return number if number <= MAX_SIZE else None
