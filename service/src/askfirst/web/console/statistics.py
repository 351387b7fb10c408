"""Decisions counted by day, and how they divide: drawn by the server, and told in tables too."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.statistics import ANSWERS, read_range, today_in
from askfirst.web.console.charts import labelled, share_line, stacked_bars
from askfirst.web.console.counts import Counted, DayLine, count_days
from askfirst.web.console.forms import faults_by_field
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.console.words import Words
from askfirst.web.live import Live
from askfirst.web.staff_routes import EVERYBODY, Actor, Deed, StaffRoute

PLACE: Final = "/console/statistics"
_FIELDS: Final = ("site", "from", "to")


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
        known = [key for key, _name in sites]
        found = await run_in_threadpool(count_days, live, actor, first, last, site, known)
        lines = found.lines
        page = self._frame.page(
            request,
            "statistics.html",
            actor=actor,
            faults={},
            found=found,
            finding=_finding(found, words),
            halves=_halves(lines, words),
            bars=stacked_bars(ANSWERS, [(one.all, one.some, one.none) for one in lines]),
            lines={
                "accepted": share_line([one.all / one.total if one.total else None for one in lines]),
                "refused": share_line([one.none / one.total if one.total else None for one in lines]),
            },
            labels=[lines[at].day for at in labelled(len(lines))],
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


def _finding(found: Counted, words: Words) -> str:
    if not found.total:
        return words.say("statistics.finding_none")
    return words.say(
        "statistics.finding",
        decisions=words.say("words.decisions", count=found.total),
        accepted=words.share(found.all, found.total),
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
