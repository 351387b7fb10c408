"""Search decisions: pages by a cursor that neither repeats nor skips, and how many there are, as far as it is cheap."""

from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from askfirst.core.errors import NotFound
from askfirst.core.uuid_text import uuid_text
from askfirst.usecases.audit import Listed
from askfirst.usecases.imported import METHOD as IMPORTED
from askfirst.usecases.ports import Clock, Ledger, Lookups, Records
from askfirst.usecases.rows import Record, RecordQuery

COUNTED: Final = 10_000
NO_PLACE: Final = "No search of this organisation gave this cursor."
_STRETCH: Final = 20_000  # rows of an index that one step of a search without an index looks through
_PATIENCE_MS: Final = 1000
_HOUR_MS: Final = 3_600_000
_SHARE_HOURS: Final = 30 * 24


@dataclass(frozen=True, slots=True)
class Total:
    """How many there are, and what that number is worth."""

    count: int
    says: Literal["exact", "estimate", "at least"]

    def as_dict(self) -> dict[str, object]:
        """Return it as the API gives it."""
        return {"count": self.count, "is": self.says}

    def __add__(self, other: "Total") -> "Total":
        """Return both together, worth what the less sure of them is: an estimate may be too high, a bound never."""
        worth = ("exact", "at least", "estimate")
        return Total(self.count + other.count, max(self.says, other.says, key=worth.index))


def list_records(
    records: Records, log_id: int, query: RecordQuery, clock: Clock | None = None
) -> tuple[list[Listed], str | None]:
    """Return a page of records, newest first, and the cursor of the next page, or None at the end.

    What no index helps with is looked for step by step, for about a second by `clock`; a page may then have few records
    or none, and a cursor from which the search goes on.
    """
    wanted = query.limit + 1
    found: list[tuple[bytes, Record]] = []
    began = clock() if clock else 0
    after, horizon = query.after_id, None
    while True:
        step = replace(query, after_id=after, limit=wanted - len(found))
        horizon = records.horizon(log_id, step, _STRETCH) if query.scans else None
        found += records.search(log_id, step, not_below=horizon)
        if horizon is None or len(found) == wanted or (clock and clock() - began >= _PATIENCE_MS):
            break
        after = horizon
    page, cursor = _page(found, query)
    return page, cursor if cursor is not None or horizon is None else str(UUID(bytes=horizon))


def require_place(ledger: Ledger, log_id: int, cursor: bytes | None) -> None:
    """Raise NotFound for a cursor that is no entry of this log: no search in it gave that one, nor will."""
    if cursor is not None and ledger.entry(log_id, cursor) is None:
        raise NotFound(NO_PLACE)


async def look_up_person(lookups: Lookups, log_id: int, query: RecordQuery) -> tuple[list[Listed], str | None] | None:
    """Return the same for a search that asks for one person's newest records and nothing else; None for any other."""
    subject = query.subject
    if subject is None or query != RecordQuery(subject=subject, limit=query.limit):
        return None
    return _page(await lookups.of_subject(log_id, subject, None, query.limit + 1), query)


def _page(found: list[tuple[bytes, Record]], query: RecordQuery) -> tuple[list[Listed], str | None]:
    """Return a page and the cursor of the next one, where one more than a page was found."""
    page = [Listed(uuid_text(record_id), record) for record_id, record in found[: query.limit]]
    return page, page[-1].record_id if len(found) > query.limit else None


def count_records(records: Records, log_id: int, query: RecordQuery, page: int, cursor: str | None, now: int) -> Total:
    """Return how many records a search finds, given its first page: its length and its cursor.

    Exact where the page holds them all, or an index counts them, up to 10,000. Beyond that an estimate from the
    rollups: as if what is asked for were spread over each other evenly. They count what was ever decided, also what
    was forgotten since. No rollup knows pages: where those of one origin are asked for, it is what was found.
    """
    if cursor is None:
        return Total(page, "exact")
    if not query.scans:
        counted = records.count(log_id, query, COUNTED + 1)
        if counted <= COUNTED or query.subject is not None:
            return Total(counted, "exact")
    if query.origin is not None:
        return Total(page, "at least")
    return Total(max(_estimate(records, log_id, query, now), page + 1), "estimate")


def _estimate(records: Records, log_id: int, query: RecordQuery, now: int) -> int:
    sites = query.sites
    if query.site is not None:
        sites = (query.site,) if sites is None or query.site in sites else ()
    first = (query.since or 0) // _HOUR_MS
    last = (min(query.before or now, now) - 1) // _HOUR_MS + 1
    total = sum(records.decided(log_id, sites, "answer", first, last).values())
    asked = {
        "method": query.method,
        "granted": query.granted,
        "refused": query.refused,
        "policy": None if query.policy_number is None else str(query.policy_number),
        "language": query.language,
        "rule": query.rule,
    }
    if not query.scans:
        return total
    # Lately is near enough for the shares, and few rows.
    lately = max(first, last - _SHARE_HOURS)
    recent = records.decided(log_id, sites, "method", lately, last)
    of_recent = sum(recent.values())
    share = 1.0
    if query.asked and of_recent:
        share -= recent.get(IMPORTED, 0) / of_recent
    for dimension, value in asked.items():
        if value is not None and of_recent:
            counts = recent if dimension == "method" else records.decided(log_id, sites, dimension, lately, last)
            share *= min(1.0, counts.get(value, 0) / of_recent)
    return round(total * share)
