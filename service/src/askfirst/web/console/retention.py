"""How long each site keeps decisions, what the next run would forget, and what the last runs forgot."""

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.retention_plan import COUNTED, PlannedRun
from askfirst.usecases.search_entries import EntryLine, list_entries, read_entry_filters
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.live import Live
from askfirst.web.retention_api import planned_runs
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

PLACE: Final = "/console/retention"
_RUNS: Final = 20


class RetentionPage:
    """The handler of `/console/retention`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        return [StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, self.show)]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the plan of this moment, and the last runs that forgot something."""
        if request.query_params:
            raise InvalidQuery([(name[:64], "is no parameter here") for name in request.query_params])
        plan, runs = await run_in_threadpool(self._read, actor)
        page: Any = self._frame.page(
            request,
            "retention.html",
            actor=actor,
            plan=plan,
            runs=runs,
            counted=COUNTED,
            now=self._live.clock(),
            names={one.site.site_key: one.site.name for one in sites_of(self._live, actor)},
        )
        return Deed(page, {"page": PLACE, "via": "console"})

    def _read(self, actor: Actor) -> tuple[list[PlannedRun], list[EntryLine]]:
        live = self._live
        ran = read_entry_filters([("kind", EntryKind.RETENTION_RUN.value), ("limit", str(_RUNS))], actor.sites)
        return planned_runs(live, actor), list_entries(live.records, actor.log_id, ran, live.clock)[0]
