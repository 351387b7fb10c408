"""Decisions counted by day, from the rollups that the sequencer keeps: as fast whatever is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from askfirst.core.errors import InvalidQuery
from askfirst.usecases.ports import Records
from askfirst.usecases.showings import DIMENSION as SHOWN

DIMENSIONS: Final = ("method", "answer", "granted", "refused", "language", "rule", "policy")
MOST_DAYS: Final = 400
DAYS: Final = 30
_HOUR: Final = timedelta(hours=1)
_EPOCH_DAY: Final = date(1970, 1, 1)
ANSWERS: Final = ("all", "some", "none")  # what a decision says on the whole
_ANSWERS: Final = ("accept_all", "reject_all", "custom")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days (counted from 1970) that follow each other under one offset (hours) from UTC, and their hours in UTC."""

    first_day: int
    last_day: int
    offset: int
    first_hour: int
    before_hour: int


def read_statistics(
    records: Records,
    log_id: int,
    sites: tuple[str, ...] | None,
    *,
    first: date,
    last: date,
    zone: ZoneInfo,
    by_policy: bool,
) -> dict[str, object]:
    """Return the decisions of these sites, or of all, day by day in `zone`, both ends included.

    `by_policy`: the numbers of policies are told too, which mean something for one site only. Rollups are by the hour
    in UTC: where a zone is off by half an hour, an hour counts for the day in which it begins. What was forgotten since
    is counted still.
    """
    stretches = list(_stretches(first, last, zone))
    counted: dict[int, dict[str, dict[str, int]]] = {}
    shown: dict[int, dict[str, int]] = {}  # by day how often the banner was: by number of the policy, and language
    dimensions = (*(DIMENSIONS if by_policy else DIMENSIONS[:-1]), SHOWN)
    for one in stretches:
        found = records.by_day(log_id, sites, dimensions, one.first_hour, one.before_hour, one.offset)
        for number, dimension, value, count in found:
            # The last day of summer has an hour more than its number of the day tells.
            day = max(one.first_day, min(number, one.last_day))
            if dimension == SHOWN:
                held = shown.setdefault(day, {})
            else:
                held = counted.setdefault(day, {}).setdefault(dimension, {})
            held[value] = held.get(value, 0) + count
    start, end = (first - _EPOCH_DAY).days, (last - _EPOCH_DAY).days
    days = [
        {**_told(day, counted.get(day, {})), **_unanswered(counted, {day: shown[day]} if day in shown else {})}
        for day in range(start, end + 1)
    ]
    whole: dict[str, dict[str, int]] = {}
    for found_day in counted.values():
        for dimension, values in found_day.items():
            into = whole.setdefault(dimension, {})
            for value, count in values.items():
                into[value] = into.get(value, 0) + count
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "zone": zone.key,
        "days": days,
        "sum": {"total": sum(whole.get("method", {}).values()), "by": whole},
        "acceptance": _acceptance(whole.get("answer", {})),
        **_unanswered(counted, shown),
        "shown_by": _shown_by(shown, by_policy=by_policy),
    }


def read_range(first: str | None, last: str | None, today: date) -> tuple[date, date]:
    """Return the days that are asked for: the last 30 without any. Raises InvalidQuery naming what is wrong."""
    faults, days = [], {}
    for name, text in (("from", first), ("to", last)):
        try:
            days[name] = None if text is None else date.fromisoformat(text)
        except ValueError:
            faults.append((name, "must be a day, like 2026-11-23"))
    if faults:
        raise InvalidQuery(faults)
    end = days["to"] or today
    try:
        begin = days["from"] or end - timedelta(days=DAYS - 1)
    except OverflowError:
        begin = end
    if not begin > _EPOCH_DAY or end.year > 9000:
        raise InvalidQuery([("from", "must be a day after 1970, and to one before the year 9000")])
    if begin > end:
        raise InvalidQuery([("to", "must not be before from")])
    if (end - begin).days >= MOST_DAYS:
        raise InvalidQuery([("from", f"must be at most {MOST_DAYS} days before to")])
    return begin, end


def today_in(zone: ZoneInfo, now: int) -> date:
    """Return the day that it is in a zone at `now` (ms)."""
    return datetime.fromtimestamp(now / 1000, zone).date()


def hours_of(first: date, last: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the hours since 1970 (UTC) that these days of a zone have: the first, and the one after the last."""
    stretches = list(_stretches(first, last, zone))
    return stretches[0].first_hour, stretches[-1].before_hour


def _stretches(first: date, last: date, zone: ZoneInfo) -> Iterator[_Stretch]:
    day, begins, offset = first, first, _offset(first, zone)
    while day <= last:
        day += timedelta(days=1)
        # Where a day ends is told by the midnight after it, also for the last: that day may have 23 hours, or 25.
        after = _offset(day, zone)
        if day > last or after != offset:
            first_day, next_day = (begins - _EPOCH_DAY).days, (day - _EPOCH_DAY).days
            yield _Stretch(first_day, next_day - 1, offset, first_day * 24 - offset, next_day * 24 - after)
            begins, offset = day, after


def _offset(day: date, zone: ZoneInfo) -> int:
    """Return by how much a day's midnight is off from UTC, in the whole hours that rollups know.

    An hour that a midnight parts is counted where it begins.
    """
    return (datetime.combine(day, time(), zone).utcoffset() or timedelta()) // _HOUR


def _unanswered(counted: dict[int, dict[str, dict[str, int]]], shown: dict[int, dict[str, int]]) -> dict[str, object]:
    """Return how often the banner was shown, and the share of it that no answer followed; None where none was counted.

    Only days that counted say something of it. What is no answer to a banner, a withdrawal or a signal, is none.
    """
    total = sum(sum(values.values()) for values in shown.values())
    if not total:
        return {"shown": None, "no_answer": None}
    methods = [counted.get(day, {}).get("method", {}) for day in shown]
    answered = sum(one.get(name, 0) for one in methods for name in _ANSWERS)
    return {"shown": total, "no_answer": round(max(0.0, 1 - answered / total), 4)}


def _shown_by(shown: dict[int, dict[str, int]], *, by_policy: bool) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {"language": {}, "policy": {}}
    for values in shown.values():
        for value, count in values.items():
            number, _, language = value.partition(" ")
            for name, part in (("language", language), ("policy", number)):
                found[name][part] = found[name].get(part, 0) + count
    return found if by_policy else {"language": found["language"]}


def _told(day: int, found: dict[str, dict[str, int]]) -> dict[str, object]:
    methods = found.get("method", {})
    return {
        "day": (_EPOCH_DAY + timedelta(days=day)).isoformat(),
        "total": sum(methods.values()),
        "by": found,
        "acceptance": _acceptance(found.get("answer", {})),
    }


def _acceptance(answers: dict[str, int]) -> dict[str, object] | None:
    total = sum(answers.values())
    return {name: round(answers.get(name, 0) / total, 4) for name in ANSWERS} if total else None
