"""Sign the tree's head, once it is committed and only if it extends what was signed before."""

from collections.abc import Callable, Sequence
from typing import Protocol

from askfirst.core.checkpoint import Checkpoint as Signed
from askfirst.core.checkpoint import open_own_checkpoint, sign_checkpoint
from askfirst.core.errors import (
    AnchorMoved,
    CheckpointRefused,
    LedgerFault,
    MalformedCheckpoint,
    MalformedNote,
    UntrustedNote,
)
from askfirst.core.tiles import hash_reader
from askfirst.core.tree import consistency_proof
from askfirst.core.tree_proofs import verify_consistency
from askfirst.usecases.opened_logs import closed_at, require_opened
from askfirst.usecases.ports import Clock, Ledger
from askfirst.usecases.rows import Checkpoint, Head, Organisation
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.signing import SigningKey


class Anchor(Protocol):
    """Where the last signed checkpoint is kept outside the database, so that a restored backup is noticed."""

    def prepare(self, log_id: int) -> None:
        """Do beforehand, and while nobody waits for it, what may take long. Raises AnchorAway."""
        ...

    def read(self, log_id: int) -> str | None:
        """Return the last signed note, or None before the first."""
        ...

    def write(self, log_id: int, note: str) -> None:
        """Keep a signed note durably; it replaces the one that was read. Raises AnchorMoved where several publishers
        share the place and another one is there by now: then nothing is kept, and the next `read` returns that one;
        AnchorAway where nobody knows whether it was kept."""
        ...


def publish_checkpoint(
    ledger: Ledger,
    anchor: Anchor,
    organisation: Organisation,
    key: SigningKey,
    *,
    clock: Clock,
    known: Sequence[VerifierKey] = (),
) -> Checkpoint | None:
    """Sign and store a checkpoint if the tree grew, else return None; also None where another node is at it. What
    another node signed is kept in `anchor` too.

    `known` are the log's other checkpoint keys: the last checkpoint may be signed by the key before this one.

    Raises CheckpointRefused where the tree does not extend a checkpoint that was signed before, in the database or
    outside it: then the database was restored from an older copy, or rewritten; LedgerFault where the log has another
    name than its key, or than the entry that opened it last: then somebody gave it that name without closing it.
    """
    with ledger.publishing(organisation.log_id) as mine:
        if not mine:
            return None
        try:
            return _publish(ledger, anchor, organisation, key, clock, known)
        except AnchorMoved:
            # Another node of this database was at it before, or somebody signs another database: the kept one tells.
            return _publish(ledger, anchor, organisation, key, clock, known)


def _publish(
    ledger: Ledger,
    anchor: Anchor,
    organisation: Organisation,
    key: SigningKey,
    clock: Clock,
    known: Sequence[VerifierKey],
) -> Checkpoint | None:
    log_id = organisation.log_id
    if key.verifier.name != organisation.origin:
        said = f"The log is named {organisation.origin}, and its key {key.verifier.name}"
        raise LedgerFault(f"{said}: it was renamed by hand; see what else was altered with: askfirst ledger verify")
    head = ledger.head(log_id)
    stored, kept = ledger.last_checkpoint(log_id), anchor.read(log_id)
    signed = [(stored.size, stored.root)] if stored else []
    body, kept_size = None, 0
    if kept is not None:
        body = _open_kept(kept, [key.verifier, *known])
        # What was kept of a log that was closed binds that one; its successor names it and begins anew.
        if body.origin == organisation.origin:
            signed.append((body.size, body.root))
            kept_size = body.size
        else:
            _require_named(ledger, organisation, head, body)
    for size, root in signed:
        require_extension(lambda level, position: ledger.read_tile(log_id, level, position), head, size, root)
    if head.size == (stored.size if stored else 0):
        if stored and stored.size > kept_size:
            _keep(anchor, organisation, stored, [key.verifier, *known])
        return None
    require_opened(ledger, organisation, body)
    note = sign_checkpoint(Signed(organisation.origin, head.size, head.root), key.verifier, key.sign).decode()
    # Outside first: a crash between the two leaves a promise that the database will keep, not a gap in the memory.
    anchor.write(log_id, note)
    checkpoint = ledger.add_checkpoint(log_id, Checkpoint(head.size, head.root, note, clock()))
    if checkpoint.root != head.root:
        raise _refused("another node signed another tree", head, checkpoint.size, checkpoint.root)
    return checkpoint


def _require_named(ledger: Ledger, organisation: Organisation, head: Head, body: Signed) -> None:
    """Raise CheckpointRefused where a closed log was signed for more than its successor names.

    It goes on elsewhere then, or the one that closed it did not know all of it: to replace what is kept of it would
    hide that.
    """
    named = closed_at(ledger, organisation, body.origin)
    if named is not None and body.size > named:
        reason = f"it took over from {body.origin} and names {named} entries that were signed for there"
        raise _refused(reason, head, body.size, body.root)


def _open_kept(kept: str, keys: Sequence[VerifierKey]) -> Signed:
    try:
        return open_own_checkpoint(kept.encode(), keys)
    except UntrustedNote as error:
        raise UntrustedNote(
            f"The checkpoint that is kept outside the database does not hold: {error} Where the database is a copy "
            "from before that key, bring back the newer one, or close this log: askfirst ledger succeed"
        ) from None
    except (MalformedNote, MalformedCheckpoint) as error:
        raise damaged(error) from None


def damaged(error: LedgerFault) -> UntrustedNote:
    """Return the fault of a kept checkpoint that is none any more, as a disk leaves a file."""
    return UntrustedNote(
        f"The checkpoint that is kept outside the database is damaged: {error} Put a copy of the log's last one in "
        "its place, from whoever keeps it; ledger.md says how, and what to do where nobody has one."
    )


def _keep(anchor: Anchor, organisation: Organisation, stored: Checkpoint, keys: Sequence[VerifierKey]) -> None:
    """Keep what another node signed, so that this one would notice too where the database lost it.

    Raises LedgerFault where the stored note is not one of this log's, or not of what its row says.
    """
    body = open_own_checkpoint(stored.note.encode(), keys)
    if body != Signed(organisation.origin, stored.size, stored.root):
        # One of a log that was closed is left out: what is kept is to bind the one that goes on.
        if body.origin == organisation.origin:
            raise LedgerFault(f"Checkpoint {stored.size} was signed for something else than its row says.")
        return
    anchor.write(organisation.log_id, stored.note)


def require_extension(read_tile: Callable[[int, int], bytes], head: Head, size: int, root: bytes) -> None:
    """Raise CheckpointRefused unless the tree of `head` extends the signed tree of `size` and `root`."""
    if size > head.size:
        raise _refused("entries that were signed for are missing", head, size, root)
    if size == 0:
        return
    if size == head.size:
        extends = root == head.root
    else:
        proof = consistency_proof(size, head.size, hash_reader(head.size, read_tile))
        extends = verify_consistency(size, head.size, root, head.root, proof)
    if not extends:
        raise _refused("it is not a continuation of that one", head, size, root)


def _refused(reason: str, head: Head, size: int, root: bytes) -> CheckpointRefused:
    return CheckpointRefused(reason, size=head.size, root=head.root, last_size=size, last_root=root)
