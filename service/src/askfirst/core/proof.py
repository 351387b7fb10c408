"""The file that proves one entry of the ledger to somebody who has only the public key (C2SP tlog-proof)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from askfirst.core.base64_text import b64, b64_decode
from askfirst.core.checkpoint import Checkpoint, open_checkpoint, parse_size
from askfirst.core.errors import MalformedProof, ProofMismatch
from askfirst.core.tree import HASH_BYTES
from askfirst.core.tree_proofs import verify_inclusion
from askfirst_sdk.keys import VerifierKey

MAX_PROOF_BYTES: Final = 2_000_000
_HEADER: Final = "c2sp.org/tlog-proof@v1"
_EXTRA: Final = "extra "
_INDEX: Final = "index "
# An audit path has one hash for each level of the tree, and a size has 63 bits.
_MAX_HASHES: Final = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """That the entry at `index` is under a checkpoint: the audit path, nearest hash first, and the note as it is.

    `extra` is for the application, and nothing vouches for it.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def format_proof(proof: Proof) -> bytes:
    """Return a proof's bytes; MalformedProof for one that no reader would take."""
    lines = [_HEADER]
    if proof.extra is not None:
        lines.append(_EXTRA + b64(proof.extra))
    lines.append(f"{_INDEX}{proof.index}")
    lines.extend(map(b64, proof.hashes))
    data = "\n".join(lines).encode("ascii") + b"\n\n" + proof.checkpoint
    if parse_proof(data) != proof:
        raise MalformedProof("The proof can not be written.")
    return data


def parse_proof(data: bytes) -> Proof:
    """Return the proof in a file, nothing verified; MalformedProof for other bytes."""
    if len(data) > MAX_PROOF_BYTES:
        raise MalformedProof(f"A proof has at most {MAX_PROOF_BYTES} bytes.")
    head, parted, checkpoint = data.partition(b"\n\n")
    if not parted or not checkpoint:
        raise MalformedProof("The proof holds no checkpoint.")
    try:
        header, *lines = head.decode("ascii").split("\n")
        extra = b64_decode(lines.pop(0)[len(_EXTRA) :]) if lines and lines[0].startswith(_EXTRA) else None
        index = parse_size(lines[0][len(_INDEX) :]) if lines and lines[0].startswith(_INDEX) else None
        hashes = tuple(map(b64_decode, lines[1:]))
    except ValueError as error:
        raise MalformedProof("The proof holds a line that is not base64.") from error
    if header != _HEADER or index is None:
        raise MalformedProof("The proof does not begin with its header and the index of an entry.")
    if len(hashes) > _MAX_HASHES or any(len(each) != HASH_BYTES for each in hashes):
        raise MalformedProof("The proof holds a hash that is not 32 bytes, or too many.")
    return Proof(index, hashes, checkpoint, extra)


def check_proof(proof: Proof, leaf_hash: bytes, origin: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the checkpoint that a leaf is proven to be under, of the log named `origin`.

    Raises MalformedNote, UntrustedNote or MalformedCheckpoint for the checkpoint, and ProofMismatch if the leaf is not
    the one at the proof's index.
    """
    checkpoint = open_checkpoint(proof.checkpoint, origin, keys)
    if not verify_inclusion(proof.index, checkpoint.size, leaf_hash, proof.hashes, checkpoint.root):
        raise ProofMismatch(f"The entry is not number {proof.index} of the {checkpoint.size} under this checkpoint.")
    return checkpoint
