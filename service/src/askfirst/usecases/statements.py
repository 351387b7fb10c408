"""Make the statement of a record from what is stored: whole, or what is left of one that was forgotten."""

from typing import Any, Final

from askfirst.core.errors import NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.statement import (
    Stated,
    forgotten_statement,
    imported_statement,
    receipt_statement,
    record_statement,
)
from askfirst.core.statement_parts import entity
from askfirst.usecases.directory import Directory, LivePolicy
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.ports import Forgetting, Ledger, Records
from askfirst.usecases.proofs import NO_SUCH, find_record
from askfirst.usecases.purpose_lists import listed
from askfirst.usecases.rows import Record, RecordQuery
from askfirst.usecases.tombstones import Forgotten, show_forgotten
from askfirst_sdk.subject import consent_id

CONTEXT_PATH: Final = "/schema/statement/1"
FORMS: Final = ("record", "receipt")


def make_statement(
    directory: Directory,
    ledger: Ledger,
    records: Records,
    forgetting: Forgetting,
    log_id: int,
    record_id: str,
    sites: tuple[str, ...] | None = None,
    *,
    public_url: str,
    now: int,
    form: str = "record",
) -> dict[str, Any]:
    """Return the statement of a record in one of `FORMS`, as of `now` (ms).

    Raises NotFound in the words of `show_record`, and also where an entry or its policy can not be read any more: what
    was altered is not stated, it is told by the record's checks.
    """
    gone = show_forgotten(directory, ledger, forgetting, log_id, record_id, sites)
    whole = _forgotten(directory, gone, public_url) if gone else None
    if whole is None:
        whole = _whole(directory, ledger, records, log_id, record_id, sites, public_url, now)
    return whole if form == "record" else receipt_statement(whole, now)


def _whole(
    directory: Directory,
    ledger: Ledger,
    records: Records,
    log_id: int,
    record_id: str,
    sites: tuple[str, ...] | None,
    public_url: str,
    now: int,
) -> dict[str, Any]:
    entry, record = find_record(ledger, log_id, record_id, sites)
    what, site = read_part(entry.what), directory.sites.get(record.site_key)
    if entry.kind == EntryKind.DECISION_IMPORTED and site is not None and site.current is not None:
        return imported_statement(
            what,
            consent_id=consent_id(record.subject) if record.subject else None,
            controller=entity(site.current.policy.controller, record.site_key),
            place=f"{public_url}/p/{record.site_key}.json",
            context=f"{public_url}{CONTEXT_PATH}",
        )
    live = site.policies.get(str(what.get("policy"))) if site else None
    if live is None or what.get("language") not in live.policy.languages:
        raise NotFound("The record or its policy can not be read any more, so that nothing can be stated.")
    before: list[tuple[bytes, Record]] = []
    if record.subject is not None:
        query = RecordQuery(subject=record.subject, site=record.site_key, after_id=entry.entry_id, limit=1)
        before = records.search(log_id, query)
    return record_statement(
        Stated(
            what=what,
            consent_id=consent_id(record.subject) if record.subject else None,
            policy=live.policy,
            had=frozenset(listed(before[0][1].granted)) if before else None,
            place=_place(public_url, live),
            context=f"{public_url}{CONTEXT_PATH}",
            now=now,
        )
    )


def _forgotten(directory: Directory, gone: Forgotten, public_url: str) -> dict[str, Any]:
    site = directory.sites.get(gone.tombstone.site_key)
    live = site.current if site else None
    if live is None:
        raise NotFound(NO_SUCH)
    return forgotten_statement(
        gone.record_id,
        controller=entity(live.policy.controller, gone.tombstone.site_key),
        place=f"{public_url}/p/{gone.tombstone.site_key}.json",
        context=f"{public_url}{CONTEXT_PATH}",
        forgotten_at=gone.tombstone.forgotten_at,
        why="erased" if gone.erased else "retained",
    )


def _place(public_url: str, live: LivePolicy) -> str:
    return f"{public_url}/p/{live.policy.site}/{live.digest}.json"
