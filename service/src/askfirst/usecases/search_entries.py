"""Search all entries of the ledger, decisions and what staff and the service did alike, newest first."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from heapq import merge
from typing import Final
from uuid import UUID

from askfirst.core.kinds import DECISIONS, EntryKind
from askfirst.usecases.audit import Listed
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.imported import METHOD
from askfirst.usecases.ports import Clock, Records
from askfirst.usecases.record_filters import PARAMETERS, READERS, Reader, read_values
from askfirst.usecases.rows import EntryQuery, FoundDeed, RecordQuery
from askfirst.usecases.search import COUNTED, Total, count_records, list_records

ENTRY_PARAMETERS: Final = ("kind", "staff", *PARAMETERS)
# What only a decision has, and what only another entry has.
_DECISIONS_OWN: Final = frozenset(
    {"subject", "method", "granted", "refused", "policy_number", "language", "origin", "rule"}
)
_STAFF: Final = re.compile(r"[^\x00-\x1f\x7f]{1,255}")
_LIMIT: Final = 50
_HEAD: Final = frozenset({"v", "kind", "entry", "time"})


@dataclass(frozen=True, slots=True)
class EntrySearch:
    """A search as its two halves; None where it asks for what that half does not have, and finds nothing."""

    decisions: RecordQuery | None
    deeds: EntryQuery | None
    limit: int

    @property
    def cursor(self) -> bytes | None:
        """The entry that the page before ended with."""
        return next((half.after_id for half in (self.decisions, self.deeds) if half is not None), None)


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of a list of entries: a decision, or what somebody did."""

    entry_id: str
    kind: str
    time: int
    site: str | None
    staff: str | None
    record: str | None
    decision: Listed | None
    said: dict[str, object] | None

    def as_dict(self) -> dict[str, object]:
        """Return the line as the API gives it."""
        return {
            "entry": self.entry_id,
            "kind": self.kind,
            "time": self.time,
            "site": self.site,
            "staff": self.staff,
            "record": self.record,
            "decision": self.decision.as_dict() if self.decision else None,
            "said": self.said,
        }


def _of_decision(one: Listed) -> EntryLine:
    row = one.record
    kind = (EntryKind.DECISION_IMPORTED if row.method == METHOD else EntryKind.DECISION_RECORDED).value
    return EntryLine(one.record_id, kind, row.server_time, row.site_key, None, one.record_id, one, None)


def _of_deed(found: FoundDeed) -> EntryLine:
    deed = found.deed
    return EntryLine(
        entry_id=str(UUID(bytes=found.entry_id)),
        kind=deed.kind,
        time=int.from_bytes(found.entry_id[:6], "big"),
        site=deed.site_key,
        staff=deed.staff,
        record=str(UUID(bytes=deed.record_id)) if deed.record_id else None,
        decision=None,
        said={name: value for name, value in read_part(found.what).items() if name not in _HEAD},
    )


def read_entry_filters(params: Iterable[tuple[str, str]], sites: tuple[str, ...] | None) -> EntrySearch:
    """Return the search that the parameters ask for, within `sites`; raise InvalidQuery naming every fault."""
    values = read_values(params, ENTRY_PARAMETERS, _ENTRY_READERS)
    kind, staff = values.pop("kind", None), values.pop("staff", None)
    limit = values.get("limit")
    own = _DECISIONS_OWN & values.keys()
    decisions = None
    if staff is None and (kind is None or kind in DECISIONS):
        if kind == EntryKind.DECISION_IMPORTED:
            values |= {"method": METHOD}
        elif kind == EntryKind.DECISION_RECORDED:
            values |= {"asked": True}
        decisions = RecordQuery(sites=sites, **values)  # type: ignore[arg-type]
    deeds = None
    if not own and kind not in DECISIONS:
        known = {one.name for one in fields(EntryQuery)}
        given = {name: value for name, value in values.items() if name in known}
        deeds = EntryQuery(sites=sites, kind=kind, staff=staff, **given)  # type: ignore[arg-type]
    return EntrySearch(decisions, deeds, limit if isinstance(limit, int) else _LIMIT)


def list_entries(
    records: Records, log_id: int, search: EntrySearch, clock: Clock
) -> tuple[list[EntryLine], str | None]:
    """Return a page of entries, newest first, and the cursor of the next page, or None at the end."""
    decided: list[Listed] = []
    more = None
    if search.decisions is not None:
        decided, more = list_records(records, log_id, search.decisions, clock)
    # One more than a page, so that it is known whether there is another.
    done = records.deeds(log_id, replace(search.deeds, limit=search.limit + 1)) if search.deeds is not None else []
    lines = list(
        merge(
            (_of_decision(one) for one in decided),
            (_of_deed(one) for one in done),
            key=lambda line: line.entry_id,
            reverse=True,
        )
    )
    page = lines[: search.limit]
    if len(lines) > len(page):
        return page, page[-1].entry_id
    # Only a search among decisions alone ends before it is full; then it says itself where it goes on.
    return page, more


def count_entries(records: Records, log_id: int, search: EntrySearch, page: int, cursor: str | None, now: int) -> Total:
    """Return how many entries a search finds, given its first page: its length and its cursor."""
    if cursor is None:
        return Total(page, "exact")
    total = Total(0, "exact")
    if search.decisions is not None:
        decided, more = (page, cursor) if search.deeds is None else (0, cursor)
        total += count_records(records, log_id, search.decisions, decided, more, now)
    if search.deeds is not None:
        found = records.count_deeds(log_id, search.deeds, COUNTED + 1)
        total += Total(min(found, COUNTED), "at least" if found > COUNTED else "exact")
    return total


def _kind(text: str) -> EntryKind:
    try:
        return EntryKind(text)
    except ValueError:
        raise ValueError("must be a kind of entry, like record:viewed; the docs list them") from None


def _staff(text: str) -> str:
    if not _STAFF.fullmatch(text):
        raise ValueError("must be a member of staff or a program as entries name them, like token:monthly report")
    return text


_ENTRY_READERS: Final[Mapping[str, Reader]] = {**READERS, "kind": ("kind", _kind), "staff": ("staff", _staff)}
