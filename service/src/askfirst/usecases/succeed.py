"""Close a log whose signed entries were lost, and go on under another name that says so."""

import re
from collections.abc import Collection

from askfirst.core.errors import BadName, LedgerFault, NameTaken, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.proof_document import RECEIPTS
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.keys import CHECKPOINT, KeyChest, change_state, change_with_keys, make_key
from askfirst.usecases.last_promise import last_promise
from askfirst.usecases.log_addresses import log_name, require_free, require_unused
from askfirst.usecases.names import check_words
from askfirst.usecases.ports import Acting, Catalogue, CatalogueTransaction, Ledger
from askfirst.usecases.rows import Organisation, PublicKey
from askfirst_sdk.keys import VerifierKey

LOG_ORIGIN = re.compile(r"[^\s+]{1,200}")
# A log is found at /log/NAME/, and never at the address of the one before it: caches keep what that had there.
_LOG_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MOST_REASON = 1000
_TAKE_ANOTHER = "It may also be of an attempt that failed. Take another name."


def check_log_origin(origin: str) -> None:
    """Raise BadName unless `origin` can name a log: what ends as the keys of receipts are named never does."""
    if not LOG_ORIGIN.fullmatch(origin) or not origin.isprintable() or origin.endswith(RECEIPTS):
        raise BadName("origin", origin, f"up to 200 characters without white space or +, and not end with {RECEIPTS}")


def succeed(
    catalogue: Catalogue,
    ledger: Ledger,
    chest: KeyChest,
    organisation: Organisation,
    *,
    origin: str,
    kept: str | None,
    reason: str,
    by: Acting,
    lost_origin: str | None = None,
) -> Organisation:
    """Close the organisation's log and open its successor named `origin`, and return the organisation as it is now.

    The entries that are still there keep their places in the new log, and its checkpoints are signed by a new key under
    the new name: nobody is told that it continues what the old one promised. `kept` is the last checkpoint as it is
    kept outside the database; the new log names it, or the database's where none is kept. Where the database is a copy
    from before a succession or a change of keys, the key of that checkpoint is taken back from the chest; where it is
    of a log that this database never named, `lost_origin` has to be that log's name.

    Raises BadName or NameTaken for the names, also for that of a log that only the chest knows; NotFound where nothing
    was ever signed, so that nothing has to be closed; LedgerFault where `kept` can not be believed, or is of another
    log than `lost_origin`.
    """
    check_log_origin(origin)
    if not _LOG_NAME.fullmatch(log_name(origin)):
        raise BadName("origin", origin, "an address whose last part is of a-z, A-Z, 0-9, dots, - and _")
    check_words("reason", reason, _MOST_REASON)
    with change_with_keys(catalogue, chest) as (transaction, keeper):
        for other in transaction.organisations():
            if origin == other.origin:
                raise NameTaken("log origin", origin)
        keys = [key for key in transaction.keys(organisation.log_id) if key.use == CHECKPOINT]
        verifiers = [VerifierKey.parse(key.verifier) for key in keys]
        named = {organisation.origin, *(verifier.name for verifier in verifiers)}
        if origin in named:
            # A name that was closed stays closed: its old checkpoints would speak for the new log.
            raise NameTaken("log origin", origin)
        require_free(transaction, log_name(origin))
        require_unused(transaction, chest, origin, log_name(origin), _TAKE_ANOTHER)
        last = last_promise(ledger, chest, organisation, kept, verifiers)
        if last is None:
            raise NotFound("This log was never signed for; nothing has to be closed.")
        if last.lost is not None:
            _require_nobody_elses(transaction, last.lost)
        _require_meant(last.note, named, lost_origin)
        head, now = ledger.head(organisation.log_id), by.clock()
        if last.lost is not None:
            _take_back(transaction, organisation, last.lost, reason=reason, now=now, by=by)
        closed = {"size": head.size, "root": head.root.hex(), "successor": origin, "reason": reason}
        opened = {"origin": origin, "predecessor": last.note}
        for kind, members in ((EntryKind.LOG_CLOSED, closed), (EntryKind.LOG_OPENED, opened)):
            transaction.append(staff_entry(organisation.log_id, kind, members, now=now, by=by))
        for key in keys:
            # One that is announced would take over later, and can not sign under the new name.
            if key.state in ("active", "announced"):
                change_state(transaction, key, "retired", EntryKind.KEY_RETIRED, reason=reason, now=now, by=by)
        renamed = transaction.rename_log(organisation, origin)
        make_key(transaction, keeper, renamed, CHECKPOINT, now=now, by=by)
    return renamed


def _require_nobody_elses(transaction: CatalogueTransaction, key: VerifierKey) -> None:
    """Raise LedgerFault where the key that signed what is kept outside is another organisation's."""
    for other in transaction.organisations():
        if key.text in (one.verifier for one in transaction.keys(other.log_id)):
            raise LedgerFault(
                f"The checkpoint that is kept outside the database is of {key.name}, a log of another organisation: "
                "put this organisation's own file back."
            )


def _require_meant(note: str, named: Collection[str], lost_origin: str | None) -> None:
    """Raise LedgerFault unless the last checkpoint is of the log that was meant: `lost_origin`, or one of those that
    the database names. Another one may be an organisation's that the database has lost, and whose number this one got.
    """
    origin = note.partition("\n")[0]
    if origin == lost_origin or (lost_origin is None and origin in named):
        return
    if lost_origin is not None:
        raise LedgerFault(f"The last checkpoint is of {origin}, and not of {lost_origin}.")
    raise LedgerFault(
        f"The checkpoint that is kept outside the database is of {origin}, a log that this database never named. If "
        f"it is the log of this organisation that took over and was lost, say so: --from {origin}; if it is another "
        "organisation's, put this organisation's own file back."
    )


def _take_back(
    transaction: CatalogueTransaction,
    organisation: Organisation,
    key: VerifierKey,
    *,
    reason: str,
    now: int,
    by: Acting,
) -> None:
    """Publish again, as retired, a key that the database has lost: what it signed can be checked, and binds."""
    public = PublicKey(organisation.log_id, key.key_id, CHECKPOINT, key.text, "announced", now, now)
    transaction.add_key(public)
    members = {"use": f"{CHECKPOINT}s", "key": key.text}
    kind = EntryKind.KEY_ANNOUNCED
    transaction.append(staff_entry(organisation.log_id, kind, members, now=now, by=by))
    # Ids of one millisecond have no order, and this has to be the last word.
    change_state(transaction, public, "retired", EntryKind.KEY_RETIRED, reason=reason, now=now + 1, by=by)
