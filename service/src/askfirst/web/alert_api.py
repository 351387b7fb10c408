"""The JSON API of alerts: list them, and note that somebody knows."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.alerts import acknowledge, list_alerts, told
from askfirst.web.api_schemas import UUID
from askfirst.web.live import Live
from askfirst.web.operations import Operation, Parameter, json_answer, ref
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

PLACE: Final = "/api/v1/alerts"
_STATES: Final = ("all", "open")


def alert_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of alerts."""

    async def listing(request: Request, actor: Actor) -> Deed:
        state, cursor = read_listing(request)
        page, following = await run_in_threadpool(
            lambda: list_alerts(live.alerts, actor.log_id, actor.sites, open_only=state == "open", after=cursor)
        )
        answer = {"alerts": [told(one) for one in page], "cursor": following}
        return Deed(JSONResponse(answer), {"page": PLACE, "via": "api"})

    async def know(request: Request, actor: Actor) -> Deed:
        by = live.acting(actor.name)
        name = request.path_params["alert"]
        known = await run_in_threadpool(lambda: acknowledge(live.alerts, actor.log_id, name, by=by, sites=actor.sites))
        return Deed(JSONResponse(told(known)), None)

    return [
        StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, listing, says=_LIST),
        StaffRoute(
            f"{PLACE}/{{alert}}/acknowledge", "POST", AUDITORS, EntryKind.ALERT_ACKNOWLEDGED, know, says=_ACKNOWLEDGE
        ),
    ]


def read_listing(request: Request) -> tuple[str, str | None]:
    """Return state and cursor that a request names; InvalidQuery naming every fault."""
    given: dict[str, str] = {}
    faults = []
    for name, value in request.query_params.multi_items():
        if name not in ("state", "cursor"):
            faults.append((name[:64], "is not one of state, cursor"))
        elif name in given:
            faults.append((name, "is given twice"))
        given[name] = value
    if given.get("state", "all") not in _STATES:
        faults.append(("state", f"must be one of {', '.join(_STATES)}"))
    if faults:
        raise InvalidQuery(faults)
    return given.get("state", "all"), given.get("cursor")


_LIST: Final = Operation(
    "listAlerts",
    "List alerts, newest first, a hundred at a time.",
    "alerts",
    json_answer(
        "Alerts of the sites that the token is for; those of the ledger with a token for the whole.", ref("Alerts")
    ),
    query=(
        Parameter("state", {"enum": list(_STATES)}, "`open`: only those that are not over."),
        Parameter("cursor", UUID, "Of the page before."),
    ),
)
_ACKNOWLEDGE: Final = Operation(
    "acknowledgeAlert",
    "Note that somebody knows of an alert. It stays open until it is over.",
    "alerts",
    json_answer("The alert.", ref("Alert")),
    path=(Parameter("alert", UUID, "The alert's id."),),
)
