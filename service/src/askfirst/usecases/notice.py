"""Notice what alerts are about: answers unlike those of such days before, and what should have been done long ago."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Final
from zoneinfo import ZoneInfo

from askfirst.core.usual_range import Counted, unusual
from askfirst.usecases.alerts import AlertRoom, Noticed, Rule
from askfirst.usecases.daily_export import DailyExports, late_day

WEEKS: Final = 8
_HOUR_MS: Final = 3_600_000
_DAY: Final = 24
_WEEK: Final = 7 * _DAY
_MEASURED: Final = (
    (Rule.ACCEPTANCES, frozenset({"accept_all"})),
    (Rule.REFUSALS, frozenset({"reject_all", "withdraw"})),
)


def notice_answers(room: AlertRoom, log_id: int, sites: Collection[str], now: int) -> list[Noticed]:
    """Return the sites whose last 24 full hours are unlike the same hours of the eight weeks before."""
    end = now // _HOUR_MS
    days = [room.answered(log_id, end - _DAY - week * _WEEK, end - week * _WEEK) for week in range(WEEKS + 1)]
    noticed = []
    for site in sorted(sites):
        methods = [day.get(site, {}) for day in days]
        for rule, names in _MEASURED:
            today, *before = (Counted(sum(one.get(name, 0) for name in names), sum(one.values())) for one in methods)
            found = unusual(today, before)
            if found is not None:
                noticed.append(Noticed(rule, site, asdict(found)))
    return noticed


def notice_late(room: AlertRoom, log_id: int, now: int, *, after_ms: int) -> list[Noticed]:
    """Return that an entry waits for a checkpoint for longer than `after_ms`."""
    since = room.oldest_unsigned(log_id)
    if since is None or now - since <= after_ms:
        return []
    return [Noticed(Rule.CHECKPOINT_LATE, "", {"seconds": (now - since) // 1000})]


def notice_late_export(room: DailyExports, log_id: int, zone: ZoneInfo, now: int) -> list[Noticed]:
    """Return that a day was not exported, although it is over for hours."""
    state = room.state(log_id)
    day = late_day(state, zone, now)
    if state is None or day is None:
        return []
    return [Noticed(Rule.EXPORT_LATE, "", {"day": day.isoformat(), "reason": state.said})]
