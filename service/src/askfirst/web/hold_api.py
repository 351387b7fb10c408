"""The JSON API of legal holds: place one, list them, lift one."""

from typing import Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.holds import lift_hold, place_hold, told
from askfirst.usecases.record_filters import read_time
from askfirst.web.api_schemas import REASON, SITE_KEY, closed
from askfirst.web.api_schemas import UUID as UUID_SCHEMA
from askfirst.web.audit_parameters import CONSENT_ID, TIME
from askfirst.web.json_bodies import read_members, require_texts
from askfirst.web.live import Live
from askfirst.web.operations import Operation, Parameter, json_answer, ref
from askfirst.web.staff_routes import AUDITORS, OWNERS, Actor, Deed, StaffRoute
from askfirst_sdk.subject import parse_consent_id

PLACE: Final = "/api/v1/holds"
_MEMBERS: Final = ("consent_id", "record", "site", "from", "to", "reason", "until")


def hold_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of legal holds."""

    async def place(request: Request, actor: Actor) -> Deed:
        asked = read_hold(await read_members(request, "A hold"))
        by = live.acting(actor.name)

        def put() -> dict[str, object]:
            known = live.directory.site_keys(actor.log_id)
            hold = place_hold(live.forgetting, actor.log_id, by=by, known_sites=known, sites=actor.sites, **asked)  # type: ignore[arg-type]
            return told(hold, live.clock())

        return Deed(JSONResponse(await run_in_threadpool(put), 201), None)

    async def listing(_request: Request, actor: Actor) -> Deed:
        now = live.clock()
        found = await run_in_threadpool(live.forgetting.holds, actor.log_id, actor.sites)
        holds = [told(one, now) for one in found]
        return Deed(JSONResponse({"holds": holds}), {"page": PLACE, "via": "api"})

    async def lift(request: Request, actor: Actor) -> Deed:
        members = await read_members(request, "The lifting of a hold")
        reason = require_texts(members, needed=("reason",))["reason"]
        by = live.acting(actor.name)

        def end() -> dict[str, object]:
            hold = request.path_params["hold"]
            lifted = lift_hold(live.forgetting, actor.log_id, hold, reason=reason, by=by, sites=actor.sites)
            return told(lifted, live.clock())

        return Deed(JSONResponse(await run_in_threadpool(end)), None)

    return [
        StaffRoute(PLACE, "POST", OWNERS, EntryKind.HOLD_PLACED, place, says=_PLACE),
        StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, listing, says=_LIST),
        StaffRoute(f"{PLACE}/{{hold}}/lift", "POST", OWNERS, EntryKind.HOLD_LIFTED, lift, says=_LIFT),
    ]


def read_hold(members: dict[str, object]) -> dict[str, object]:
    """Return what a hold is to be, as `place_hold` takes it; InvalidQuery naming every fault."""
    texts = require_texts(members, needed=("reason",), may=_MEMBERS)
    faults: list[tuple[str, str]] = []
    asked: dict[str, object] = {"reason": texts["reason"]}
    for name, field in (("from", "since"), ("to", "before"), ("until", "until")):
        if name in texts:
            try:
                asked[field] = read_time(texts[name])
            except ValueError as error:
                faults.append((name, str(error)))
    if "consent_id" in texts:
        asked["subject"] = parse_consent_id(texts["consent_id"])
        if asked["subject"] is None:
            faults.append(("consent_id", "is no consent id: one of its letters or digits seems to be wrong"))
    if "record" in texts:
        try:
            asked["record_id"] = UUID(texts["record"]).bytes
        except ValueError:
            faults.append(("record", "must be a record id, a UUID"))
    if {"consent_id", "record"} <= texts.keys():
        faults.append(("hold", "names a person by a consent id or by a record, not by both"))
    if "site" in texts:
        asked["site"] = texts["site"]
    if faults:
        raise InvalidQuery(faults)
    return asked


_FOR_PERSON: Final = {"consent_id": CONSENT_ID}, {"record": UUID_SCHEMA}
_END: Final = {"until": {**TIME, "format": "time-to-come"}}
_PLACE: Final = Operation(
    "placeHold",
    "Keep a person's decisions, or a range of decisions, from being forgotten.",
    "holds",
    json_answer("The hold.", ref("Hold")),
    body={
        "oneOf": [
            *(closed({**whom, "reason": REASON, **_END}, optional=("until",)) for whom in _FOR_PERSON),
            closed({"site": SITE_KEY, "from": TIME, "reason": REASON, **_END}, optional=("from", "until")),
            closed({"site": SITE_KEY, "from": TIME, "to": TIME, "reason": REASON}, optional=("site", "from")),
        ]
    },
    status=201,
)
_LIST: Final = Operation(
    "listHolds", "List all holds, newest first.", "holds", json_answer("All holds that ever were.", ref("Holds"))
)
_LIFT: Final = Operation(
    "liftHold",
    "End a hold.",
    "holds",
    json_answer("The hold, lifted.", ref("Hold")),
    path=(Parameter("hold", UUID_SCHEMA, "The hold's id."),),
    body=closed({"reason": REASON}),
)
