"""Signed notes, the envelope of every checkpoint (C2SP signed-note)."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from askfirst.core.base64_text import b64, b64_decode
from askfirst.core.errors import MalformedNote, UntrustedNote
from askfirst_sdk.keys import KeyFormatError, VerifierKey, check_name

MAX_SIGNATURES: Final = 100
MAX_NOTE_BYTES: Final = 1_000_000
_KEY_ID_BYTES: Final = 4
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who is said to have signed, and with what result."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it reads, nothing verified; `text` ends with a newline."""

    text: str
    signatures: tuple[Signature, ...]


def format_note(note: Note) -> bytes:
    """Return a note's bytes; MalformedNote for one that no reader would take."""
    lines = "".join(f"— {line.name} {b64(line.key_id + line.signature)}\n" for line in note.signatures)
    data = f"{note.text}\n{lines}".encode()
    if parse_note(data) != note:
        raise MalformedNote("The text or a signature of the note can not be written.")
    return data


def sign_note(text: str, key: VerifierKey, sign: Callable[[bytes], bytes]) -> bytes:
    """Return a note with one signature; `sign` returns the 64-byte Ed25519 signature by `key` of the bytes given."""
    return format_note(Note(text, (Signature(key.name, key.key_id, sign(text.encode("utf-8"))),)))


def parse_note(data: bytes) -> Note:
    """Return a note as it reads, nothing verified; MalformedNote for other bytes."""
    if len(data) > MAX_NOTE_BYTES:
        raise MalformedNote(f"A note has at most {MAX_NOTE_BYTES} bytes.")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedNote("The note is not UTF-8.") from error
    if _CONTROL.search(whole):
        raise MalformedNote("The note has a control character.")
    # The last empty line parts them: a text may have empty lines of its own.
    text, parted, lines = whole.rpartition("\n\n")
    if not parted or not lines.endswith("\n"):
        raise MalformedNote("The note has no text, no signature, or no final newline.")
    signatures = lines[:-1].split("\n")
    if len(signatures) > MAX_SIGNATURES:
        raise MalformedNote(f"The note has more than {MAX_SIGNATURES} signatures.")
    return Note(text + "\n", tuple(map(_signature, signatures)))


def open_note(data: bytes, keys: Iterable[VerifierKey]) -> Note:
    """Return a note that at least one of the keys signed, with the signatures that were verified and no others.

    Raises MalformedNote for other bytes, and UntrustedNote if no known key signed it, or if a signature by a known
    key does not hold. Signatures by unknown keys are ignored.
    """
    note = parse_note(data)
    known = {(key.name, key.key_id): key for key in keys}
    message = note.text.encode("utf-8")
    held: list[Signature] = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.signed(line.signature, message):
            raise UntrustedNote(f"The signature by {key.kid} does not hold.")
        if line not in held:
            held.append(line)
    if not held:
        raise UntrustedNote(f"The note is signed by none of the known keys: {_named(known.values())}.")
    return Note(note.text, tuple(held))


def _signature(line: str) -> Signature:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        check_name(name)
        data = b64_decode(encoded)
    except (KeyFormatError, ValueError) as error:
        raise MalformedNote("A signature line of the note is malformed.") from error
    if mark != "—" or len(data) <= _KEY_ID_BYTES:
        raise MalformedNote("A signature line of the note is malformed.")
    return Signature(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])


def _named(keys: Iterable[VerifierKey]) -> str:
    names: Sequence[str] = sorted(key.kid for key in keys)
    return ", ".join(names) or "there are none"
