"""Everything that is held about one person, in one document (GDPR Article 15)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from askfirst.core.errors import NotFound
from askfirst.usecases.audit import show_record
from askfirst.usecases.directory import Directory
from askfirst.usecases.holds import told
from askfirst.usecases.ports import Forgetting, Ledger, Records
from askfirst.usecases.rows import EntryQuery, FoundDeed, Record, RecordQuery
from askfirst_sdk.subject import consent_id

_PAGE = 200


def subject_access(
    directory: Directory,
    ledger: Ledger,
    records: Records,
    forgetting: Forgetting,
    log_id: int,
    subject: str | None,
    sites: tuple[str, ...] | None = None,
    *,
    account: str | None = None,
    now: int,
) -> dict[str, object]:
    """Return every decision of a subject, or of an account, whole, newest first, each with its content, receipt and
    checks, and what was done to it: who looked, and when. What is tied to the subject's accounts is among them: a
    refusal of somebody who was signed in has no subject. `holds` are the reasons for which they can not be forgotten.

    Raises NotFound where nothing is kept that the caller may see: for an id that never was, and for one whose decisions
    were all forgotten, in the same words, since nothing tells the two apart any more.
    """
    shown = []
    found = _found(records, log_id, sites, subject, account)
    for record_id in sorted(found, reverse=True):
        whole = show_record(directory, ledger, records, log_id, str(UUID(bytes=record_id)), sites).as_dict()
        done = [
            {"kind": one.deed.kind, "time": int.from_bytes(one.entry_id[:6], "big"), "by": one.deed.staff}
            for one in _deeds(records, log_id, EntryQuery(record_id=record_id, sites=None, limit=_PAGE))
        ]
        shown.append({**{name: value for name, value in whole.items() if name != "history"}, "done": done})
    if not shown:
        raise NotFound("Nothing that you may see is kept under this consent id.")
    with forgetting.transaction() as transaction:
        ids = [UUID(str(one["record"])).bytes for one in shown]
        holding = set(transaction.holding(log_id, ids, now))
    return {
        "consent_id": None if subject is None else consent_id(subject),
        "accounts": sorted({one.account for one in found.values() if one.account is not None}),
        "organisation": directory.organisations[log_id].slug,
        "records": shown,
        "holds": [told(one, now) for one in forgetting.holds(log_id) if one.hold_id in holding],
    }


def _found(
    records: Records, log_id: int, sites: tuple[str, ...] | None, subject: str | None, account: str | None
) -> dict[bytes, Record]:
    mine = dict(_all(records, log_id, RecordQuery(subject=subject, sites=sites, limit=_PAGE))) if subject else {}
    accounts = {one.account for one in mine.values() if one.account is not None} | ({account} if account else set())
    for one in accounts:
        mine |= _all(records, log_id, RecordQuery(account=one, sites=sites, limit=_PAGE))
    return mine


def _all(records: Records, log_id: int, query: RecordQuery) -> Iterator[tuple[bytes, Record]]:
    while page := records.search(log_id, query):
        yield from page
        query = replace(query, after_id=page[-1][0])


def _deeds(records: Records, log_id: int, query: EntryQuery) -> Iterator[FoundDeed]:
    while page := records.deeds(log_id, query):
        yield from page
        query = replace(query, after_id=page[-1].entry_id)


def newest_record(held: Mapping[str, object]) -> str:
    """Return the newest record of what `subject_access` returned: the name that an entry may keep of a person."""
    records = held["records"]
    return str(records[0]["record"]) if isinstance(records, list) else ""
