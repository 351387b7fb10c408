"""The JSON audit API: find records, show one whole with its proof. Every look is a ledger entry."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.kinds import EntryKind
from askfirst.usecases.audit import list_records, show_record
from askfirst.usecases.record_filters import read_filters, told
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

VIA = "api"


def audit_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of the audit API."""

    async def search(request: Request, actor: Actor) -> Deed:
        query = read_filters(request.query_params.multi_items(), actor.sites)
        page, cursor = await run_in_threadpool(list_records, live.records, actor.log_id, query)
        body = {"records": [one.as_dict() for one in page], "cursor": cursor}
        members = {"filters": told(request.query_params.multi_items()), "found": len(page), "via": VIA}
        return Deed(JSONResponse(body), members)

    async def show(request: Request, actor: Actor) -> Deed:
        shown = await run_in_threadpool(
            show_record,
            live.directory,
            live.ledger,
            live.records,
            actor.log_id,
            request.path_params["record"],
            actor.sites,
        )
        return Deed(JSONResponse(shown.as_dict()), {"record": shown.record_id, "via": VIA})

    return [
        StaffRoute("/api/v1/records", "GET", AUDITORS, EntryKind.RECORDS_SEARCHED, search),
        StaffRoute("/api/v1/records/{record}", "GET", AUDITORS, EntryKind.RECORD_VIEWED, show),
    ]
