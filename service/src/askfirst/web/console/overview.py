"""The first page: what was answered today and lately, what arrives now, and how the ledger is."""

from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.kinds import EntryKind
from askfirst.usecases.directory import LiveSite
from askfirst.usecases.overview import read_health
from askfirst.usecases.rows import RecordQuery
from askfirst.usecases.search import list_records
from askfirst.usecases.statistics import ANSWERS, DAYS, today_in
from askfirst.web.console.charts import labelled, stacked_bars
from askfirst.web.console.counts import Counted, DayLine, count_days
from askfirst.web.console.frame import Frame
from askfirst.web.console.words import Words
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, EVERYBODY, Actor, Deed, StaffRoute

_NEWEST = 10


class OverviewPage:
    """The handler of `/console`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        return [StaffRoute("/console", "GET", EVERYBODY, EntryKind.PAGE_VIEWED, self.show)]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the page."""
        live, log_id = self._live, actor.log_id
        sites = sites_of(live, actor)
        known = [one.site.site_key for one in sites]
        day = today_in(live.zone, live.clock())
        counted = await run_in_threadpool(count_days, live, actor, day - timedelta(DAYS - 1), day, None, known)
        today = counted.lines[-1]
        health = await run_in_threadpool(read_health, live.ledger, live.overview, log_id)
        follows = actor.role in AUDITORS
        newest, _ = await run_in_threadpool(
            list_records, live.records, log_id, RecordQuery(sites=actor.sites, limit=_NEWEST)
        )
        words = self._frame.words(request, actor)
        page = self._frame.page(
            request,
            "overview.html",
            actor=actor,
            finding=finding(today, words),
            trend=trend(counted, words),
            counted=counted,
            bars=stacked_bars(ANSWERS, [(one.all, one.some, one.none) for one in counted.lines]),
            labels=[counted.lines[at].day for at in labelled(len(counted.lines))],
            day_now=today,
            zone=live.zone.key,
            health=health,
            follows=follows,
            newest=newest if follows else [],
            step=_next_step(sites, begun=bool(newest)),
            sites=sites,
            names={one.site.site_key: one.site.name for one in sites},
            public_url=live.public_url,
        )
        return Deed(page, {"page": "/console", "via": "console"})


def sites_of(live: Live, actor: Actor) -> list[LiveSite]:
    """Return the sites that somebody may see, by key."""
    own = (one for one in live.directory.sites.values() if one.site.log_id == actor.log_id)
    return sorted(
        (one for one in own if actor.sites is None or one.site.site_key in actor.sites),
        key=lambda one: one.site.site_key,
    )


def finding(today: DayLine, words: Words) -> str:
    """Return what today says, in a sentence."""
    if not today.total:
        return words.say("overview.today_none")
    decisions = words.say("words.decisions", count=today.total)
    return words.say("overview.today", decisions=decisions, share=words.share(today.all, today.total))


def trend(counted: Counted, words: Words) -> str:
    """Return what the last 30 days say, in a sentence."""
    if not counted.total:
        return words.say("overview.trend_none")
    return words.say(
        "overview.trend",
        decisions=words.say("words.decisions", count=counted.total),
        accepted=words.share(counted.all, counted.total),
        refused=words.share(counted.none, counted.total),
    )


def _next_step(sites: list[LiveSite], *, begun: bool) -> str:
    """Return what an organisation still lacks: `site`, `policy`, `decision`, or nothing."""
    if begun:
        return ""
    if not sites:
        return "site"
    return "decision" if any(one.current for one in sites) else "policy"
