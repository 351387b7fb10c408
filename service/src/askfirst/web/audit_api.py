"""The JSON audit API: find records, show one whole with its proof. Every look is a ledger entry."""

from collections.abc import Sequence
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.kinds import EntryKind
from askfirst.usecases.audit import Listed, Shown, show_record
from askfirst.usecases.proof_documents import LANGUAGES
from askfirst.usecases.record_filters import PARAMETERS, read_filters, told
from askfirst.usecases.search import count_records, list_records, look_up_person, require_place
from askfirst.usecases.search_entries import ENTRY_PARAMETERS, count_entries, list_entries, read_entry_filters
from askfirst.usecases.statements import FORMS
from askfirst.usecases.tombstones import Forgotten, show_forgotten
from askfirst.web.audit_parameters import ENTRY_FILTERS, RECORD, RECORD_FILTERS
from askfirst.web.live import Live
from askfirst.web.operations import Answer, Operation, Parameter, json_answer, ref
from askfirst.web.proofs import bundle_bytes, bundle_response, read_choice, statement_response
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


def audit_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of the audit API."""

    async def search(request: Request, actor: Actor) -> Deed:
        given = request.query_params.multi_items()
        query = read_filters(given, actor.sites)

        def find() -> dict[str, object]:
            require_place(live.ledger, actor.log_id, query.after_id)
            page, cursor = list_records(live.records, actor.log_id, query, live.clock)
            return shown(page, cursor)

        def shown(page: list[Listed], cursor: str | None) -> dict[str, object]:
            total = None
            if query.after_id is None:
                total = count_records(live.records, actor.log_id, query, len(page), cursor, live.clock()).as_dict()
            return {"records": [one.as_dict() for one in page], "cursor": cursor, "total": total}

        person = await look_up_person(live.lookups, actor.log_id, query)
        if person is None:
            found = await run_in_threadpool(find)
        elif person[1] is None:  # they are all there: nothing has to be counted
            found = shown(*person)
        else:
            found = await run_in_threadpool(shown, *person)
        return Deed(JSONResponse(found), _searched(given, PARAMETERS, "record", found["records"]))

    async def entries(request: Request, actor: Actor) -> Deed:
        given = request.query_params.multi_items()
        asked = read_entry_filters(given, actor.sites)

        def find() -> dict[str, object]:
            require_place(live.ledger, actor.log_id, asked.cursor)
            page, cursor = list_entries(live.records, actor.log_id, asked, live.clock)
            total = None
            if "cursor" not in request.query_params:
                total = count_entries(live.records, actor.log_id, asked, len(page), cursor, live.clock()).as_dict()
            return {"entries": [one.as_dict() for one in page], "cursor": cursor, "total": total}

        found = await run_in_threadpool(find)
        return Deed(JSONResponse(found), _searched(given, ENTRY_PARAMETERS, "entry", found["entries"]))

    async def show(request: Request, actor: Actor) -> Deed:
        shown = await run_in_threadpool(show_or_forgotten, live, actor, request.path_params["record"])
        return Deed(JSONResponse(shown.as_dict()), {"record": shown.record_id, "via": VIA})

    async def proof(request: Request, actor: Actor) -> Deed:
        record = plain_id(request.path_params["record"])
        chosen = read_choice(request, format=_BUNDLE_FORMS, language=LANGUAGES)
        form = chosen["format"]
        data = await run_in_threadpool(bundle_bytes, live, actor, record, form, chosen["language"])
        return Deed(bundle_response(record, form, data), {"record": record, "via": VIA})

    async def statement(request: Request, actor: Actor) -> Deed:
        record, form = plain_id(request.path_params["record"]), read_choice(request, form=FORMS)["form"]
        answer = await run_in_threadpool(statement_response, live, actor, record, form)
        return Deed(answer, {"record": record, "via": VIA})

    return [
        StaffRoute("/api/v1/records", "GET", AUDITORS, EntryKind.RECORDS_SEARCHED, search, says=_SEARCH),
        StaffRoute("/api/v1/records/{record}", "GET", AUDITORS, EntryKind.RECORD_VIEWED, show, says=_SHOW),
        StaffRoute("/api/v1/records/{record}/proof", "GET", AUDITORS, EntryKind.RECORD_VIEWED, proof, says=_PROOF),
        StaffRoute(
            "/api/v1/records/{record}/statement", "GET", AUDITORS, EntryKind.RECORD_VIEWED, statement, says=_STATEMENT
        ),
        StaffRoute("/api/v1/entries", "GET", AUDITORS, EntryKind.RECORDS_SEARCHED, entries, says=_ENTRIES),
    ]


def _searched(given: list[tuple[str, str]], known: Sequence[str], name: str, page: object) -> dict[str, object]:
    """Return what the entry of a search says; `name` is the member that has the id of what was found."""
    found = page if isinstance(page, list) else []
    filters = told(given, known, found=found[0][name] if found else None)
    return {"filters": filters, "found": len(found), "via": VIA}


_SEARCH = Operation(
    "searchRecords",
    "Find records, newest first, in pages.",
    "records",
    json_answer("A page of records.", ref("Records")),
    query=RECORD_FILTERS,
)
_ENTRIES = Operation(
    "searchEntries",
    "Find entries of every kind, newest first, in pages.",
    "entries",
    json_answer("A page of entries.", ref("Entries")),
    query=ENTRY_FILTERS,
)
_SHOW = Operation(
    "showRecord",
    "Show one record whole, or what is left of it.",
    "records",
    json_answer("The record.", {"oneOf": [ref("WholeRecord"), ref("Forgotten")]}),
    path=(RECORD,),
)
_BUNDLE_FORMS = ("text", "json", "html")
_PROOF = Operation(
    "proveRecord",
    "Get one record's proof bundle.",
    "records",
    Answer(
        "The bundle: formats.md 8 as text, formats.md 10 as JSON or as a page that checks itself.",
        {"text/plain": {"type": "string"}, "application/json": {"type": "object"}, "text/html": {"type": "string"}},
    ),
    query=(
        Parameter("format", {"enum": list(_BUNDLE_FORMS)}, "Its form; text without it."),
        Parameter("language", {"enum": list(LANGUAGES)}, "What the page speaks at first."),
    ),
    path=(RECORD,),
    problems=("unavailable",),
)
_STATEMENT = Operation(
    "stateRecord",
    "Get one record's statement in the fields of ISO/IEC TS 27560.",
    "records",
    Answer("The statement as JSON-LD, formats.md 11.", {"application/ld+json": {"type": "object"}}),
    query=(Parameter("form", {"enum": list(FORMS)}, "The consent record, or the receipt that wraps it."),),
    path=(RECORD,),
)
