"""GET /api/v1/retention: how long each site keeps decisions, and what the next run would forget."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.kinds import EntryKind
from askfirst.usecases.retention_plan import PlannedRun, plan_retention
from askfirst.web.live import Live
from askfirst.web.operations import Operation, json_answer, ref
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

PLACE: Final = "/api/v1/retention"


def planned_runs(live: Live, actor: Actor) -> list[PlannedRun]:
    """Return what the next run would do on each site that somebody may see."""
    planned = plan_retention(
        live.directory,
        live.forgetting,
        live.records,
        actor.log_id,
        actor.sites,
        everywhere=live.retention_days,
        now=live.clock(),
    )
    return list(planned)


def retention_routes(live: Live) -> list[StaffRoute]:
    """Return the route of the retention plan."""

    async def plan(_request: Request, actor: Actor) -> Deed:

        def look() -> list[dict[str, object]]:
            return [one.as_dict() for one in planned_runs(live, actor)]

        return Deed(JSONResponse({"sites": await run_in_threadpool(look)}), {"page": PLACE, "via": "api"})

    return [StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, plan, says=_PLAN)]


_PLAN: Final = Operation(
    "planRetention",
    "Say how long each site keeps decisions, and what the next run would forget.",
    "retention",
    json_answer("Each site's rule, what is due, and the last run.", ref("Retention")),
)
