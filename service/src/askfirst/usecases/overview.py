"""An organisation at a glance: what was answered lately, and whether its ledger is well."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from askfirst.core.kinds import EntryKind
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.ports import Ledger, Overview
from askfirst.usecases.rows import Checkpoint, DayCount, ListedEntry

DAYS: Final = 30
_DAY_MS: Final = 86_400_000
_ALL: Final = frozenset({"accept_all"})
_NONE: Final = frozenset({"reject_all", "withdraw"})


@dataclass(frozen=True, slots=True)
class DayAnswers:
    """One day's decisions (UTC, counted from 1970): to everything yes, to everything no, and anything between."""

    day: int
    all: int = 0
    some: int = 0
    none: int = 0

    @property
    def total(self) -> int:
        """How many decisions the day had."""
        return self.all + self.some + self.none


@dataclass(frozen=True, slots=True)
class Answers:
    """The last days, today last, every day being there."""

    days: tuple[DayAnswers, ...]

    @property
    def today(self) -> DayAnswers:
        """The day that goes on."""
        return self.days[-1]

    @property
    def sum(self) -> DayAnswers:
        """All days together."""
        days = self.days
        return DayAnswers(
            days[-1].day, sum(one.all for one in days), sum(one.some for one in days), sum(one.none for one in days)
        )


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found; `time` in ms."""

    time: int
    size: int
    holds: bool
    signatures: bool
    faults: int


@dataclass(frozen=True, slots=True)
class Health:
    """How a ledger is: its entries, those that wait for their place, its last checkpoint and last verification."""

    size: int
    root: bytes
    waiting: int
    checkpoint: Checkpoint | None
    verified: Verified | None


def read_answers(overview: Overview, log_id: int, sites: tuple[str, ...] | None, now: int) -> Answers:
    """Return the decisions of the last 30 days (UTC) of these sites, or of all."""
    today = now // _DAY_MS
    return by_day(overview.answers(log_id, sites, today - DAYS + 1, today), today)


def by_day(counts: Sequence[DayCount], today: int) -> Answers:
    """Return the counts by day and answer; a day without decisions is there too."""
    days: dict[int, dict[str, int]] = {day: {} for day in range(today - DAYS + 1, today + 1)}
    for one in counts:
        answer = "all" if one.method in _ALL else "none" if one.method in _NONE else "some"
        if one.day in days:
            days[one.day][answer] = days[one.day].get(answer, 0) + one.count
    return Answers(tuple(DayAnswers(day, **found) for day, found in days.items()))


def read_health(ledger: Ledger, overview: Overview, log_id: int) -> Health:
    """Return how a log is; nothing is verified here, only what the last verification found is told."""
    head = ledger.head(log_id)
    latest = overview.latest_entries(log_id, EntryKind.LEDGER_VERIFIED, 1)
    return Health(
        head.size,
        head.root,
        ledger.waiting(log_id),
        ledger.last_checkpoint(log_id),
        _verified(latest[0]) if latest else None,
    )


def _verified(entry: ListedEntry) -> Verified:
    told = read_part(entry.what)
    faults = told.get("faults")
    return Verified(
        time=_number(told.get("time")),
        size=_number(told.get("size")),
        holds=told.get("holds") is True,
        signatures=told.get("signatures") is not False,  # entries from before do not say it
        faults=len(faults) if isinstance(faults, list) else 0,
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
