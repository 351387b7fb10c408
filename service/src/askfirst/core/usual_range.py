"""Whether a day's answers are what such days usually have: medians, since one odd day must not move what is usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Final

# A day below this is too small to say anything of, and so is one of the days that it is compared with.
LEAST: Final = 100
LEAST_BEFORE: Final = 50
LEAST_DAYS: Final = 4
# How far from the median is still usual: so many times the spread, or what chance does with so few answers.
_TIMES: Final = 4.0
# The median absolute deviation of a normal distribution is its standard deviation by this.
_NORMAL: Final = 1.4826
_LEAST_SHARE: Final = 0.10
_LEAST_RISE: Final = 1.0
_LEAST_FALL: Final = 0.5


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a day's decisions were of one kind, and how many there were in all."""

    some: int
    all: int


@dataclass(frozen=True, slots=True)
class Unusual:
    """What left its usual range: `measure` is `share` (per mille of the decisions) or `count`. `low` and `high` bound
    what is usual, `days` is how many days that was learned from, and `decisions` how many the day had in all.
    """

    measure: str
    found: int
    usual: int
    low: int
    high: int
    days: int
    decisions: int


def unusual(today: Counted, before: Sequence[Counted]) -> Unusual | None:
    """Return how a day is unlike those before it (of the same weekday), or None where nothing can be said against it.

    The share is looked at first. It has to be ten per cent of all decisions away from the median, four times the spread
    of the days before, and four times what chance alone does; the number has to double or to halve besides.
    """
    known = [one for one in before if one.all >= LEAST_BEFORE]
    if len(known) < LEAST_DAYS:
        return None
    found = _by_share(today, known) if today.all >= LEAST else None
    return found or _by_count(today, known)


def _by_share(today: Counted, known: Sequence[Counted]) -> Unusual | None:
    shares = [one.some / one.all for one in known]
    usual = median(shares)
    # A share of exactly none or all would leave no room for chance.
    likely = min(max(usual, 1 / today.all), 1 - 1 / today.all)
    chance = sqrt(likely * (1 - likely) / today.all)
    width = max(_LEAST_SHARE, _TIMES * _spread(shares, usual), _TIMES * chance)
    low, high, found = max(0.0, usual - width), min(1.0, usual + width), today.some / today.all
    if low <= found <= high:
        return None
    return Unusual("share", _mille(found), _mille(usual), _mille(low), _mille(high), len(known), today.all)


def _by_count(today: Counted, known: Sequence[Counted]) -> Unusual | None:
    counts = [one.some for one in known]
    usual = median(counts)
    if max(today.some, usual) < LEAST:
        return None
    width = max(_TIMES * _spread(counts, usual), _TIMES * sqrt(usual), LEAST)
    low, high = usual - max(width, _LEAST_FALL * usual), usual + max(width, _LEAST_RISE * usual)
    if max(0.0, low) <= today.some <= high:
        return None
    return Unusual("count", today.some, round(usual), round(max(0.0, low)), round(high), len(known), today.all)


def _mille(share: float) -> int:
    return round(1000 * share)


def _spread(values: Sequence[float], usual: float) -> float:
    return _NORMAL * median(abs(one - usual) for one in values)
