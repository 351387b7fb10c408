"""GET /api/v1/statistics: decisions counted by day."""

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.statistics import read_range, read_statistics, today_in
from askfirst.web.api_schemas import SITE_KEY
from askfirst.web.live import Live
from askfirst.web.operations import Operation, Parameter, json_answer, ref
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute
from askfirst_sdk.receipt import is_site_key

PLACE: Final = "/api/v1/statistics"
_PARAMETERS: Final = ("site", "from", "to")


def statistics_routes(live: Live) -> list[StaffRoute]:
    """Return the route of statistics."""
    zone = live.zone

    async def statistics(request: Request, actor: Actor) -> Deed:
        given: dict[str, str] = {}
        faults = []
        for name, value in request.query_params.multi_items():
            if name not in _PARAMETERS:
                faults.append((name[:64], f"is not one of {', '.join(_PARAMETERS)}"))
            elif name in given:
                faults.append((name, "is given twice"))
            given[name] = value
        site = given.get("site")
        if site is not None and not is_site_key(site):
            faults.append(("site", "must be a site key: 4 to 32 of a-z and 0-9"))
        if faults:
            raise InvalidQuery(faults)
        first, last = read_range(given.get("from"), given.get("to"), today_in(zone, live.clock()))
        sites = actor.sites
        if site is not None:
            sites = (site,) if sites is None or site in sites else ()

        def count() -> dict[str, object]:
            found = read_statistics(
                live.records, actor.log_id, sites, first=first, last=last, zone=zone, by_policy=site is not None
            )
            return {"site": site, **found}

        return Deed(JSONResponse(await run_in_threadpool(count)), {"page": PLACE, "via": "api"})

    return [StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, statistics, says=_STATISTICS)]


_DAY: Final[dict[str, Any]] = {"type": "string", "format": "lately"}
_STATISTICS: Final = Operation(
    "readStatistics",
    "Count decisions by day.",
    "statistics",
    json_answer("Decisions by day, by what they are counted by, and how many accepted.", ref("Statistics")),
    query=(
        Parameter("site", SITE_KEY, "One site; without it all together, and no policies' numbers."),
        Parameter("from", _DAY, "The first day, like 2026-11-23; 29 days before the last without it."),
        Parameter("to", _DAY, "The last day; today without it. At most 400 days in all."),
    ),
)
