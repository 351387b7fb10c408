"""Find the last checkpoint that a log which is to be closed was signed for, also where the database has lost it."""

from collections.abc import Sequence
from typing import NamedTuple

from askfirst.core.checkpoint import Checkpoint, open_own_checkpoint
from askfirst.core.errors import MalformedCheckpoint, MalformedNote, UntrustedNote
from askfirst.core.note import parse_note
from askfirst.core.proof_document import RECEIPTS
from askfirst.usecases.keys import KeyChest
from askfirst.usecases.ports import Ledger
from askfirst.usecases.publish_checkpoint import damaged
from askfirst.usecases.rows import Organisation
from askfirst_sdk.keys import VerifierKey


class LastPromise(NamedTuple):
    """The note of the last checkpoint, and the key that signed it where the database has lost that."""

    note: str
    lost: VerifierKey | None = None


def last_promise(
    ledger: Ledger, chest: KeyChest, organisation: Organisation, kept: str | None, keys: Sequence[VerifierKey]
) -> LastPromise | None:
    """Return what the log promised last: by the checkpoint `kept` outside the database, or by the database's.

    `keys` are the checkpoint keys that the database knows. A copy from before a succession, or a change of keys,
    lacks the key of what is kept outside, and the chest has it still. Raises LedgerFault where that is not so, or
    where what is kept can not be believed; None where nothing was signed.
    """
    stored = ledger.last_checkpoint(organisation.log_id)
    if kept is None:
        return LastPromise(stored.note) if stored else None
    try:
        lost = _lost_key(chest, kept, keys)
        outside = open_own_checkpoint(kept.encode(), [*keys, *([lost] if lost else [])])
    except (MalformedNote, MalformedCheckpoint) as error:
        raise damaged(error) from None
    if lost is not None and outside.origin != organisation.origin:
        # The log that took over from the one of this copy: it came later, however long either was.
        return LastPromise(kept, lost)
    if stored is not None:
        inside = Checkpoint(stored.note.partition("\n")[0], stored.size, stored.root)
        if _rank(inside, organisation) >= _rank(outside, organisation):
            return LastPromise(stored.note, lost)
    return LastPromise(kept, lost)


def _rank(checkpoint: Checkpoint, organisation: Organisation) -> tuple[bool, int]:
    # What an earlier log promised is named by the one that took over from it.
    return checkpoint.origin == organisation.origin, checkpoint.size


def _lost_key(chest: KeyChest, kept: str, keys: Sequence[VerifierKey]) -> VerifierKey | None:
    """Return the key that signed what is kept outside, where the database does not know it."""
    signatures = parse_note(kept.encode()).signatures
    known = {(key.name, key.key_id) for key in keys}
    if any((line.name, line.key_id) in known for line in signatures):
        return None
    for line in signatures:
        found = chest.of_id(line.key_id)
        if found is not None and found.verifier.name == line.name and not line.name.endswith(RECEIPTS):
            return found.verifier
    named = ", ".join(f"{line.name}+{line.key_id.hex()}" for line in signatures)
    raise UntrustedNote(
        f"The checkpoint that is kept outside the database was signed by {named}, which neither the database nor the "
        "folder of keys has: put the folder of keys back as it was when that was signed, and try again."
    )
