"""Decisions of some days as pages count them: day by day, by what they said, and how they divide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from askfirst.usecases.statistics import ANSWERS, hours_of, read_statistics
from askfirst.web.live import Live
from askfirst.web.staff_routes import Actor

_MOST_SITES: Final = 20  # one look at the rollups each
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of the organisation's zone: counted from 1970, with its decisions by what they said.

    `shown` is how often the banner was shown, where that was counted, and `no_answer` the share without an answer.
    """

    day: int
    date: str
    all: int
    some: int
    none: int
    shown: int | None = None
    no_answer: float | None = None

    @property
    def total(self) -> int:
        """How many decisions the day had."""
        return self.all + self.some + self.none


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a division with its count, and what it is a part of."""

    value: str
    count: int
    whole: int


@dataclass(frozen=True, slots=True)
class PurposePart:
    """How often one purpose was granted and refused."""

    value: str
    granted: int
    refused: int


@dataclass(frozen=True, slots=True)
class PolicyPart:
    """How many decisions one policy of a site had."""

    site: str
    number: str
    count: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The decisions of some days, every day being there; `shown` and `no_answer` as a day's, None where not counted."""

    lines: tuple[DayLine, ...]
    purposes: tuple[PurposePart, ...]
    methods: tuple[Part, ...]
    languages: tuple[Part, ...]
    rules: tuple[Part, ...]
    policies: tuple[PolicyPart, ...]
    shown: int | None
    no_answer: float | None

    @property
    def total(self) -> int:
        """How many decisions all days had."""
        return sum(one.total for one in self.lines)

    @property
    def all(self) -> int:
        """How many of them accepted all."""
        return sum(one.all for one in self.lines)

    @property
    def none(self) -> int:
        """How many of them said no."""
        return sum(one.none for one in self.lines)


def count_days(live: Live, actor: Actor, first: date, last: date, site: str | None, known: Sequence[str]) -> Counted:
    """Return the decisions of these days that somebody may see, of one site or all. `known`: the keys of theirs."""
    zone = live.zone
    sites = actor.sites if site is None else (site,)
    told: Any = read_statistics(
        live.records, actor.log_id, sites, first=first, last=last, zone=zone, by_policy=site is not None
    )
    by: dict[str, dict[str, int]] = told["sum"]["by"]
    granted, refused = by.get("granted", {}), by.get("refused", {})
    hours = hours_of(first, last, zone)
    policies = [
        PolicyPart(key, number, count)
        for key in ([site] if site is not None else known[:_MOST_SITES])
        for number, count in live.records.decided(actor.log_id, (key,), "policy", *hours).items()
    ]
    return Counted(
        lines=tuple(_line(one) for one in told["days"]),
        purposes=tuple(
            PurposePart(one, granted.get(one, 0), refused.get(one, 0)) for one in sorted({*granted, *refused})
        ),
        methods=_parts(by.get("method", {})),
        languages=_parts(by.get("language", {})),
        rules=_parts(by.get("rule", {})),
        policies=tuple(sorted(policies, key=lambda one: (one.site, -_number(one.number)))),
        shown=told["shown"],
        no_answer=told["no_answer"],
    )


def _line(told: Mapping[str, Any]) -> DayLine:
    answers: Mapping[str, int] = told["by"].get("answer", {})
    everything, some, nothing = (answers.get(name, 0) for name in ANSWERS)
    day = (date.fromisoformat(told["day"]) - _EPOCH).days
    return DayLine(day, told["day"], everything, some, nothing, told["shown"], told["no_answer"])


def _parts(counts: Mapping[str, int]) -> tuple[Part, ...]:
    whole = sum(counts.values())
    return tuple(Part(one, count, whole) for one, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
