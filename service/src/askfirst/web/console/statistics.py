"""Decisions counted by day, and how they divide: drawn by the server, and told in tables too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.statistics import hours_of, read_range, read_statistics, today_in
from askfirst.web.console.charts import labelled, share_line, stacked_bars
from askfirst.web.console.forms import faults_by_field
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.console.words import Words
from askfirst.web.live import Live
from askfirst.web.staff_routes import EVERYBODY, Actor, Deed, StaffRoute

PLACE: Final = "/console/statistics"
_FIELDS: Final = ("site", "from", "to")
_ANSWERS: Final = ("all", "some", "none")
_MOST_SITES: Final = 20  # one look at the rollups each
_EPOCH: Final = date(1970, 1, 1)
_NOTHING: Final = ("reject_all", "withdraw")


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day: counted from 1970, with its decisions by what they said."""

    day: int
    date: str
    all: int
    some: int
    none: int

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


class StatisticsPage:
    """The handler of `/console/statistics`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        return [StaffRoute(PLACE, "GET", EVERYBODY, EntryKind.PAGE_VIEWED, self.show)]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the numbers of the days and the site in the address; the last 30 days of all sites without any."""
        live = self._live
        given = {name: text.strip() for name, text in request.query_params.multi_items() if text.strip()}
        words = self._frame.words(request, actor)
        sites = [(one.site.site_key, one.site.name) for one in sites_of(live, actor)]
        context: dict[str, Any] = {"sites": sites, "given": given, "zone": live.zone.key, "names": dict(sites)}
        try:
            first, last, site = self._asked(given, dict(sites))
        except InvalidQuery as refused:
            page = self._frame.page(
                request,
                "statistics.html",
                actor=actor,
                status=400,
                faults=faults_by_field(refused.errors, _FIELDS),
                found=None,
                **context,
            )
            return Deed(page, None)
        found = await run_in_threadpool(self._read, actor, first, last, site, [key for key, _name in sites])
        page = self._frame.page(
            request,
            "statistics.html",
            actor=actor,
            faults={},
            found=found,
            finding=_finding(found["lines"], words),
            halves=_halves(found["lines"], words),
            first=first.isoformat(),
            last=last.isoformat(),
            **context,
        )
        return Deed(page, {"page": PLACE, "via": "console"})

    def _asked(self, given: Mapping[str, str], sites: Mapping[str, str]) -> tuple[date, date, str | None]:
        faults = [(name[:64], f"is not one of {', '.join(_FIELDS)}") for name in given if name not in _FIELDS]
        site = given.get("site")
        if site is not None and site not in sites:
            faults.append(("site", "must be one of those that you may see"))
        try:
            days = read_range(given.get("from"), given.get("to"), today_in(self._live.zone, self._live.clock()))
        except InvalidQuery as refused:
            raise InvalidQuery([*faults, *refused.errors]) from None
        if faults:
            raise InvalidQuery(faults)
        return *days, site

    def _read(self, actor: Actor, first: date, last: date, site: str | None, known: Sequence[str]) -> dict[str, Any]:
        records, zone = self._live.records, self._live.zone
        sites = actor.sites if site is None else (site,)
        told: Any = read_statistics(
            records, actor.log_id, sites, first=first, last=last, zone=zone, by_policy=site is not None
        )
        lines = [_line(one) for one in told["days"]]
        by: dict[str, dict[str, int]] = told["sum"]["by"]
        hours = hours_of(first, last, zone)
        policies = [
            PolicyPart(key, number, count)
            for key in ([site] if site is not None else known[:_MOST_SITES])
            for number, count in records.decided(actor.log_id, (key,), "policy", *hours).items()
        ]
        granted, refused = by.get("granted", {}), by.get("refused", {})
        return {
            "lines": lines,
            "total": sum(one.total for one in lines),
            "bars": stacked_bars(_ANSWERS, [(one.all, one.some, one.none) for one in lines]),
            "accepted": share_line([one.all / one.total if one.total else None for one in lines]),
            "refused": share_line([one.none / one.total if one.total else None for one in lines]),
            "labels": [lines[at].day for at in labelled(len(lines))],
            "methods": _parts(by.get("method", {})),
            "languages": _parts(by.get("language", {})),
            "rules": _parts(by.get("rule", {})),
            "purposes": [
                PurposePart(one, granted.get(one, 0), refused.get(one, 0)) for one in sorted({*granted, *refused})
            ],
            "policies": sorted(policies, key=lambda one: (one.site, -int(one.number))),
        }


def _line(told: Mapping[str, Any]) -> DayLine:
    methods: Mapping[str, int] = told["by"].get("method", {})
    everything = methods.get("accept_all", 0)
    nothing = sum(methods.get(name, 0) for name in _NOTHING)
    day = (date.fromisoformat(told["day"]) - _EPOCH).days
    return DayLine(day, told["day"], everything, told["total"] - everything - nothing, nothing)


def _parts(counts: Mapping[str, int]) -> list[Part]:
    whole = sum(counts.values())
    return [Part(one, count, whole) for one, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]


def _finding(lines: Sequence[DayLine], words: Words) -> str:
    total = sum(one.total for one in lines)
    if not total:
        return words.say("statistics.finding_none")
    return words.say(
        "statistics.finding",
        decisions=words.say("words.decisions", count=total),
        accepted=words.share(sum(one.all for one in lines), total),
    )


def _halves(lines: Sequence[DayLine], words: Words) -> str:
    """Return how acceptance went: its share in each half of the days, where both had decisions."""
    middle = len(lines) // 2
    halves = (lines[:middle], lines[middle:])
    totals = [sum(one.total for one in half) for half in halves]
    if not all(totals):
        return words.say("statistics.accepted_head")
    before, after = (
        words.share(sum(one.all for one in half), total) for half, total in zip(halves, totals, strict=True)
    )
    return words.say("statistics.accepted_halves", before=before, after=after)
