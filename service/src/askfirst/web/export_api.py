"""The JSON API of exports: records streamed as a file, and what a receiver needs to know about one."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.entries import entry_named, staff_entry
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.export import FORMATS, MEDIA, Export, known_policies, order_of
from askfirst.usecases.ports import Acting
from askfirst.usecases.record_filters import PARAMETERS, read_filters, told
from askfirst.usecases.search import require_place
from askfirst.web.api_schemas import UUID as UUID_SCHEMA
from askfirst.web.audit_parameters import CURSOR, FILTERS
from askfirst.web.live import Live
from askfirst.web.operations import Answer, Operation, Parameter, json_answer, ref
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

PLACE: Final = "/api/v1/export"
_OWN: Final = ("format", "bom", "service")


def export_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of exports."""

    async def export(request: Request, actor: Actor) -> Deed:
        return Deed(await start_export(live, actor, request.query_params.multi_items(), page=PLACE, via="api"), None)

    async def manifest(request: Request, actor: Actor) -> Deed:
        found = await run_in_threadpool(manifest_of, live, actor, request.path_params["export"])
        return Deed(JSONResponse(found), {"page": f"{PLACE}s", "via": "api"})

    return [
        StaffRoute(PLACE, "GET", AUDITORS, EntryKind.RECORDS_EXPORTED, export, says=_EXPORT),
        StaffRoute(f"{PLACE}s/{{export}}", "GET", AUDITORS, EntryKind.PAGE_VIEWED, manifest, says=_MANIFEST),
    ]


async def start_export(
    live: Live, actor: Actor, given: list[tuple[str, str]], *, page: str, via: str
) -> StreamingResponse:
    """Return the answer that streams the records which these parameters ask for. Its header names its entry.

    Raises InvalidQuery naming every fault, and NotFound for a service that no policy has: before the first byte.
    """
    own, filters = _own(given)
    query = read_filters(filters, actor.sites)
    order = order_of(
        query,
        format=own.get("format", "ndjson"),
        mark=own.get("bom") == "true",
        service=own.get("service"),
        now=live.clock(),
    )
    await run_in_threadpool(require_place, live.ledger, actor.log_id, query.after_id)
    await run_in_threadpool(known_policies, live.directory, actor.log_id, order.service)
    by = live.acting(actor.name)
    opened = {"page": page, "via": via}
    await live.writer.append(staff_entry(actor.log_id, EntryKind.PAGE_VIEWED, opened, now=live.clock(), by=by))
    entry_id = live.random.entry_id(live.clock())
    headers = {
        "Askfirst-Export": str(UUID(bytes=entry_id)),
        "Content-Disposition": f'attachment; filename="records.{order.format}"',
    }
    parts = _stream(live, actor, by, Export(order), entry_id, filters, own, via)
    return StreamingResponse(parts, media_type=MEDIA[order.format], headers=headers)


def _own(given: list[tuple[str, str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    own: dict[str, str] = {}
    faults = []
    for name, value in given:
        if name not in (*_OWN, *PARAMETERS) or name == "limit":
            faults.append((name[:64], "is no parameter of an export"))
        elif name in _OWN and name in own:
            faults.append((name, "is given twice"))
        elif name in _OWN:
            own[name] = value
    if own.get("format", "ndjson") not in FORMATS:
        faults.append(("format", f"must be one of {', '.join(FORMATS)}"))
    if own.get("bom", "true") not in ("true", "false"):
        faults.append(("bom", "must be true or false"))
    if not 1 <= len(own.get("service", "x")) <= 64:
        faults.append(("service", "must be the id of a service"))
    if faults:
        raise InvalidQuery(faults)
    return own, [(name, value) for name, value in given if name not in _OWN]


async def _stream(
    live: Live,
    actor: Actor,
    by: Acting,
    going: Export,
    entry_id: bytes,
    filters: list[tuple[str, str]],
    own: dict[str, str],
    via: str,
) -> AsyncIterator[bytes]:
    """Give out the parts. The last one waits for the entry, which is also left where the receiver goes away."""
    parts = going.parts(live.exports, actor.log_id, live.directory)
    held = b""
    noted = False

    async def note() -> None:
        nonlocal noted
        if not noted:
            noted = True
            members = {
                "filters": {**told(filters, found=going.last_record), **own},
                "format": going.order.format,
                "rows": going.rows,
                "digest": going.digest,
                "via": via,
            }
            kind = EntryKind.RECORDS_EXPORTED
            await live.writer.append(entry_named(actor.log_id, entry_id, kind, members, now=live.clock(), by=by))

    try:
        while (part := await run_in_threadpool(next, parts, None)) is not None:
            if held:
                yield held
            held = part
        await note()
        yield held
    finally:
        await note()


def manifest_of(live: Live, actor: Actor, export: str) -> dict[str, object]:
    """Return what a receiver needs to know about an export. Raises NotFound, also for one that is somebody else's."""
    missing = NotFound("No export with this id is among those that you may see.")
    try:
        entry = live.ledger.entry(actor.log_id, UUID(export).bytes)
    except ValueError:
        raise missing from None
    said, who = read_part(entry.what if entry else None), read_part(entry.who if entry else None)
    own = actor.sites is None or who.get("staff") == actor.name
    if entry is None or entry.kind != EntryKind.RECORDS_EXPORTED or not own:
        raise missing
    covering = None
    if entry.position is not None:
        covering = next((one for one in live.ledger.checkpoints(actor.log_id) if one.size > entry.position), None)
    return {
        "export": str(UUID(export)),
        "filters": said.get("filters"),
        "format": said.get("format"),
        "rows": said.get("rows"),
        "digest": f"sha256:{said.get('digest')}",
        "at": said.get("time"),
        "by": who.get("staff"),
        "checkpoint": covering.note if covering else None,
    }


_EXPORT: Final = Operation(
    "exportRecords",
    "Get records as a file, oldest first, streamed.",
    "exports",
    Answer("The file.", {media.partition(";")[0]: {} for media in MEDIA.values()}),
    query=(
        Parameter("format", {"enum": list(FORMATS)}, "The form of the file; ndjson without it."),
        Parameter(
            "bom",
            {"enum": ["true", "false"]},
            "Whether a CSV begins with a byte order mark; the other formats have none.",
        ),
        Parameter(
            "service",
            {"type": "string", "minLength": 1, "maxLength": 64},
            "Only what concerns this service, with whether it was allowed.",
        ),
        *FILTERS,
        CURSOR,
    ),
    headers={"Askfirst-Export": UUID_SCHEMA},
)
_MANIFEST: Final = Operation(
    "showExport",
    "Get what a receiver of an export needs to know: rows, digest, checkpoint.",
    "exports",
    json_answer("The manifest; its checkpoint is null for a second or two.", ref("Manifest")),
    path=(Parameter("export", UUID_SCHEMA, "What the header Askfirst-Export said."),),
)
