"""Records as a file, for whoever has to hand them out: what to take, in which form, and what was taken before."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.export import FORMATS
from askfirst.usecases.search import require_place
from askfirst.usecases.search_entries import EntryLine, list_entries, read_entry_filters
from askfirst.usecases.staff import account_id
from askfirst.web.console.days import in_zone
from askfirst.web.console.forms import faults_by_field
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.export_api import manifest_of, start_export
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

PLACE: Final = "/console/exports"
_FIELDS: Final = ("site", "from", "to", "format", "service")
_SHOWN: Final = 20


class ExportPages:
    """The handlers of `/console/exports`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages."""
        return [
            StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, self.show),
            StaffRoute(f"{PLACE}/file", "GET", AUDITORS, EntryKind.RECORDS_EXPORTED, self.file),
            StaffRoute(f"{PLACE}/{{export}}/manifest", "GET", AUDITORS, EntryKind.PAGE_VIEWED, self.manifest),
        ]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the form, and the exports before; those of others only for whoever sees the whole organisation."""
        unknown = [(name[:64], "is not before") for name in request.query_params if name != "before"]
        if unknown:
            raise InvalidQuery(unknown)
        page = await self._page(request, actor, {}, {}, before=request.query_params.get("before"))
        return Deed(page, {"page": PLACE, "via": "console"})

    async def file(self, request: Request, actor: Actor) -> Deed:
        """GET: the file, streamed; with a faulty field the form again, and no entry."""
        given = [(name, text.strip()) for name, text in request.query_params.multi_items() if text.strip()]
        try:
            answer = await start_export(self._live, actor, self._asked(given), page=PLACE, via="console")
        except InvalidQuery as refused:
            return Deed(await self._page(request, actor, dict(given), faults_by_field(refused.errors, _FIELDS)), None)
        except NotFound as refused:
            return Deed(await self._page(request, actor, dict(given), {"service": refused.detail}), None)
        return Deed(answer, None)

    async def manifest(self, request: Request, actor: Actor) -> Deed:
        """GET: what a receiver needs to know about an export, as a file of JSON."""
        found = await run_in_threadpool(manifest_of, self._live, actor, request.path_params["export"])
        answer = JSONResponse(found)
        answer.headers["Content-Disposition"] = f'attachment; filename="records.{found["export"]}.manifest.json"'
        return Deed(answer, {"page": f"{PLACE}/manifest", "via": "console"})

    def _asked(self, given: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the form's fields as the export's parameters: days are whole ones of the organisation's zone."""
        asked = [in_zone(name, text, self._live.zone) for name, text in given]
        # Only a CSV can have a byte order mark; the box stays where it was when another format is chosen.
        return [one for one in asked if one[0] != "bom" or ("format", "csv") in given]

    async def _page(
        self,
        request: Request,
        actor: Actor,
        given: Mapping[str, str],
        faults: Mapping[str, str],
        before: str | None = None,
    ) -> Any:
        live, words = self._live, self._frame.words(request, actor)
        sites = sites_of(live, actor)
        filters = [("kind", EntryKind.RECORDS_EXPORTED.value), ("limit", str(_SHOWN))]
        filters += [] if actor.sites is None else [("staff", actor.name)]
        filters += [("cursor", before)] if before else []
        # An export is of no one site, so that somebody with named sites finds their own by their name alone.
        search = read_entry_filters(filters, None)

        def read() -> tuple[list[EntryLine], str | None, dict[str, str]]:
            require_place(live.ledger, actor.log_id, search.cursor)
            lines, older = list_entries(live.records, actor.log_id, search, live.clock)
            return lines, older, {account_id(one): one.name for one in live.staff.members(actor.log_id)}

        lines, older, names = await run_in_threadpool(read)
        services = {one.id: one for site in sites for known in site.policies.values() for one in known.policy.services}
        return self._frame.page(
            request,
            "exports.html",
            actor=actor,
            status=400 if faults else 200,
            given=given,
            faults=faults,
            sites=[(one.site.site_key, one.site.name) for one in sites],
            site_names={one.site.site_key: one.site.name for one in sites},
            formats=[(one, words.say(f"exports.{one}")) for one in FORMATS],
            services=sorted((one.id, one.name) for one in services.values()),
            zone=live.zone.key,
            lines=lines,
            names=names,
            older=f"{PLACE}?before={older}" if older else None,
            first=before is None,
        )
