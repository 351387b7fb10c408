"""Forget decisions: their content and salts go, their leaves stay, and an entry says which went, when and why."""

from collections.abc import Sequence
from uuid import UUID

from askfirst.core.errors import NotFound, OnHold
from askfirst.core.kinds import EntryKind
from askfirst.core.record import entry_what, entry_who
from askfirst.core.tree import leaf_hash
from askfirst.usecases.directory import Directory
from askfirst.usecases.entries import seal
from askfirst.usecases.names import check_words
from askfirst.usecases.ports import Acting, Forgetting, ForgettingTransaction
from askfirst.usecases.rows import Forgettable, Tombstone
from askfirst_sdk.errors import ReceiptFormatError, TokenError
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.token import RECEIPT_SALT, TokenVerifier

_MOST_REASON = 1000
NOBODYS = "Nothing that you may erase is kept under this id."


def subject_of_receipt(directory: Directory, log_id: int, token: str) -> str:
    """Return whom a receipt is about; expired ones count too, since they show who somebody was.

    Raises NotFound for what is no receipt of this organisation, and for the receipt of a full refusal, which names
    nobody.
    """
    verifier = TokenVerifier(directory.receipt_ring(log_id), RECEIPT_SALT)
    try:
        receipt = parse_receipt(verifier.payload(token.strip()))
    except (TokenError, ReceiptFormatError):
        raise NotFound("This is no receipt that this organisation issued.") from None
    if receipt.subject is None:
        raise NotFound("A full refusal leaves no identifier: nothing that is kept can be found by its receipt.")
    return receipt.subject


def erase_subject(
    forgetting: Forgetting,
    log_id: int,
    subject: str,
    *,
    reason: str,
    by: Acting,
    sites: tuple[str, ...] | None = None,
) -> tuple[str, ...]:
    """Forget every decision of a subject in one step and return their record ids, oldest first: also those of the
    accounts that it is tied to, such as a refusal, which has no subject.

    Only those of `sites` where the caller may see no others. Raises BadName for a reason that is none, and NotFound
    where nothing is kept, and OnHold, with nothing forgotten, where a legal hold keeps one of them.
    """
    check_words("reason", reason, _MOST_REASON)
    with forgetting.transaction() as transaction:
        return _erase(transaction, log_id, transaction.of_subject(log_id, subject, sites), reason, by)


def erase_account(
    forgetting: Forgetting,
    log_id: int,
    account: str,
    *,
    reason: str,
    by: Acting,
    sites: tuple[str, ...] | None = None,
) -> tuple[str, ...]:
    """Forget every decision that is tied to the account with this pseudonym; else as `erase_subject`."""
    check_words("reason", reason, _MOST_REASON)
    with forgetting.transaction() as transaction:
        return _erase(transaction, log_id, transaction.of_account(log_id, account, sites), reason, by)


def erase_record(
    forgetting: Forgetting,
    log_id: int,
    record_id: str,
    *,
    reason: str,
    by: Acting,
    sites: tuple[str, ...] | None = None,
) -> tuple[str, ...]:
    """Forget one decision and return its record id.

    Raises BadName for a reason that is none, and NotFound, in the same words for a record that does not exist, that was
    forgotten before, that is another organisation's or of a site outside `sites`; OnHold where a legal hold keeps it.
    """
    check_words("reason", reason, _MOST_REASON)
    try:
        raw = UUID(record_id).bytes
    except ValueError:
        raise NotFound(NOBODYS) from None
    with forgetting.transaction() as transaction:
        found = transaction.of_record(log_id, raw, sites)
        return _erase(transaction, log_id, [found] if found else [], reason, by)


def _erase(
    transaction: ForgettingTransaction, log_id: int, found: Sequence[Forgettable], reason: str, by: Acting
) -> tuple[str, ...]:
    if not found:
        raise NotFound(NOBODYS)
    held = transaction.holding(log_id, [one.record_id for one in found], by.clock())
    if held:
        raise OnHold([str(UUID(bytes=one)) for one in held])
    for one in found:
        forget(transaction, log_id, one, EntryKind.RECORD_ERASED, {"reason": reason}, by)
    return tuple(str(UUID(bytes=one.record_id)) for one in found)


def forget(
    transaction: ForgettingTransaction,
    log_id: int,
    found: Forgettable,
    kind: EntryKind,
    said: dict[str, str],
    by: Acting,
) -> None:
    """Forget one decision inside a transaction; `said` is what the entry says beside record and site."""
    now = by.clock()
    entry_id = by.random.entry_id(now)
    name = str(UUID(bytes=entry_id))
    record = str(UUID(bytes=found.record_id))
    what = entry_what(kind, name, now, record=record, site=found.site_key, **said)
    entry = seal(log_id, entry_id, kind, what, entry_who(name, by.staff), by.random, of=leaf_hash(found.leaf))
    transaction.forget(found, Tombstone(log_id, found.record_id, entry_id, found.site_key, kind.value, now), entry)
