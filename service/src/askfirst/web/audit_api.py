"""The JSON audit API: find records, show one whole with its proof. Every look is a ledger entry."""

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.core.kinds import EntryKind
from askfirst.usecases.audit import Shown, list_records, show_record
from askfirst.usecases.proofs import record_bundle
from askfirst.usecases.record_filters import read_filters, told
from askfirst.usecases.tombstones import Forgotten, show_forgotten
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

VIA = "api"


def show_or_forgotten(live: Live, actor: Actor, record: str) -> Shown | Forgotten:
    """Return a record, or what is left of it. Raises NotFound like `show_record`."""
    directory, log_id, sites = live.directory, actor.log_id, actor.sites
    gone = show_forgotten(directory, live.ledger, live.forgetting, log_id, record, sites)
    return gone or show_record(directory, live.ledger, live.records, log_id, record, sites)


def plain_id(record: str) -> str:
    """Return a record id in its one spelling; what is none is left as it is, and found nowhere."""
    try:
        return str(UUID(record))
    except ValueError:
        return record


def bundle_response(record: str, data: bytes) -> Response:
    """Return a record's proof bundle as a file to keep."""
    disposition = f'attachment; filename="{record}.tlog-proof"'
    return Response(data, media_type="text/plain", headers={"Content-Disposition": disposition})


def audit_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of the audit API."""

    async def search(request: Request, actor: Actor) -> Deed:
        query = read_filters(request.query_params.multi_items(), actor.sites)
        page, cursor = await run_in_threadpool(list_records, live.records, actor.log_id, query)
        body = {"records": [one.as_dict() for one in page], "cursor": cursor}
        members = {"filters": told(request.query_params.multi_items()), "found": len(page), "via": VIA}
        return Deed(JSONResponse(body), members)

    async def show(request: Request, actor: Actor) -> Deed:
        shown = await run_in_threadpool(show_or_forgotten, live, actor, request.path_params["record"])
        return Deed(JSONResponse(shown.as_dict()), {"record": shown.record_id, "via": VIA})

    async def proof(request: Request, actor: Actor) -> Deed:
        record = plain_id(request.path_params["record"])
        data = await run_in_threadpool(record_bundle, live.ledger, actor.log_id, record, actor.sites)
        return Deed(bundle_response(record, data), {"record": record, "via": VIA})

    return [
        StaffRoute("/api/v1/records", "GET", AUDITORS, EntryKind.RECORDS_SEARCHED, search),
        StaffRoute("/api/v1/records/{record}", "GET", AUDITORS, EntryKind.RECORD_VIEWED, show),
        StaffRoute("/api/v1/records/{record}/proof", "GET", AUDITORS, EntryKind.RECORD_VIEWED, proof),
    ]
