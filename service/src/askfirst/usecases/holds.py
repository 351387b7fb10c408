"""Legal holds: what must not be forgotten for now, although somebody asks for it or its time is over."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.entries import entry_named, staff_entry
from askfirst.usecases.names import is_words
from askfirst.usecases.ports import Acting, Forgetting, ForgettingTransaction
from askfirst.usecases.rows import Hold

MOST_REASON = 1000
_FIRST, _LAST = bytes(16), b"\xff" * 16
NO_HOLD = "No hold with this id is among those that you may see."
NO_SITE = "No site with this key is among those that you may see."
NOBODYS = "Nothing that you may see is kept under this id."


def place_hold(
    forgetting: Forgetting,
    log_id: int,
    *,
    subject: str | None = None,
    record_id: bytes | None = None,
    site: str | None = None,
    since: int | None = None,
    before: int | None = None,
    reason: str,
    until: int | None = None,
    by: Acting,
    known_sites: Collection[str] = (),
    sites: tuple[str, ...] | None = None,
) -> Hold:
    """Keep the decisions of a person, or of a range, from being forgotten, and return the hold.

    The person is named by `subject`, or by one of their records, which is by its subject or else its account. Without
    either, it is the range of `since` to `before` (ms) of a site, which is one of `known_sites`, or of all. The entry
    names a person by a record and never by their consent id or account: entries stay.

    Raises InvalidQuery naming what is wrong, and NotFound where the caller may see no such site, or nothing of the
    person is kept.
    """
    now = by.clock()
    faults = []
    if not is_words(reason, MOST_REASON):
        faults.append(("reason", f"must be 1 to {MOST_REASON} printable characters"))
    if until is not None and until <= now:
        faults.append(("until", "must be in the future"))
    if since is not None and before is not None and since >= before:
        faults.append(("to", "must be later than from"))
    person = subject is not None or record_id is not None
    if person and (since is not None or before is not None or site is not None):
        faults.append(("hold", "is for a person or for a range, not for both"))
    if not person and site is None and since is None and before is None:
        faults.append(("hold", "must say what is held: a person, a site, or a range of time"))
    if not person and site is None and sites is not None:
        faults.append(("site", "must be one of those that you may see"))
    if faults:
        raise InvalidQuery(faults)
    if site is not None and (site not in known_sites or (sites is not None and site not in sites)):
        raise NotFound(NO_SITE)
    with forgetting.transaction() as transaction:
        scope: dict[str, object] = {"site": site, "from": since, "to": before}
        account = None
        if person:
            subject, account, named = _person(transaction, log_id, subject, record_id, sites)
            scope = {"subject_of": str(UUID(bytes=named))}
        hold_id = by.random.entry_id(now)
        first = _FIRST if since is None else since.to_bytes(6, "big") + bytes(10)
        last = _LAST if before is None else before.to_bytes(6, "big") + bytes(10)
        hold = Hold(log_id, hold_id, subject, site, first, last, reason, by.staff, now, until, account=account)
        transaction.put_hold(hold)
        members = {"hold": str(UUID(bytes=hold_id)), "scope": scope, "reason": reason, "until": until}
        transaction.append(entry_named(log_id, hold_id, EntryKind.HOLD_PLACED, members, now=now, by=by))
    return hold


def lift_hold(
    forgetting: Forgetting, log_id: int, hold: str, *, reason: str, by: Acting, sites: tuple[str, ...] | None = None
) -> Hold:
    """End a hold now, and return it. Raises NotFound where there is none, or it ended before; InvalidQuery for a reason
    that is none.
    """
    if not is_words(reason, MOST_REASON):
        raise InvalidQuery([("reason", f"must be 1 to {MOST_REASON} printable characters")])
    try:
        hold_id = UUID(hold).bytes
    except ValueError:
        raise NotFound(NO_HOLD) from None
    now = by.clock()
    with forgetting.transaction() as transaction:
        found = transaction.hold(log_id, hold_id)
        if found is None or not found.holds(now) or not _may_lift(found, sites):
            raise NotFound(NO_HOLD)
        # Whom it was about is not needed any more.
        lifted = replace(
            found,
            lifted_at=now,
            subject=None if found.subject is None else "",
            account=None if found.account is None else "",
        )
        transaction.put_hold(lifted)
        members = {"hold": str(UUID(bytes=hold_id)), "reason": reason}
        transaction.append(staff_entry(log_id, EntryKind.HOLD_LIFTED, members, now=now, by=by))
    return lifted


def _may_lift(hold: Hold, sites: tuple[str, ...] | None) -> bool:
    """Say whether somebody with these sites may lift a hold: a person's keeps what is on other sites too."""
    return sites is None or hold.site_key in sites


def told(hold: Hold, now: int) -> dict[str, object]:
    """Return a hold as the API gives it. Whom it is about is told by nobody but its entry, which names a record."""

    def ms(raw: bytes) -> int | None:
        return None if raw in (_FIRST, _LAST) else int.from_bytes(raw[:6], "big")

    return {
        "hold": str(UUID(bytes=hold.hold_id)),
        "about": "person" if hold.of_person else "range",
        "site": hold.site_key,
        "from": ms(hold.first_record),
        "to": ms(hold.before_record),
        "reason": hold.reason,
        "by": hold.staff,
        "placed": hold.placed_at,
        "until": hold.until,
        "lifted": hold.lifted_at,
        "holds": hold.holds(now),
    }


def _person(
    transaction: ForgettingTransaction,
    log_id: int,
    subject: str | None,
    record_id: bytes | None,
    sites: tuple[str, ...] | None,
) -> tuple[str | None, str | None, bytes]:
    """Return the subject, or the account where there is none, and the record that the entry names them by."""
    account = None
    if record_id is not None:
        subject, account = transaction.person_of(log_id, record_id, sites)
    named = transaction.newest_of(log_id, subject, sites) if subject else record_id if account else None
    if named is None:
        raise NotFound(NOBODYS)
    return subject, None if subject else account, named
