"""The log of sign-ins: who came in, how, who left, and what was tried, newest first. For owners of the organisation."""

from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.search import require_place
from askfirst.usecases.search_entries import EntryLine, list_entries, read_entry_filters
from askfirst.usecases.staff import account_id
from askfirst.web.console.frame import Frame
from askfirst.web.live import Live
from askfirst.web.staff_routes import OWNERS, Actor, Deed, StaffRoute

PLACE = "/console/staff/sign-ins"
_KINDS = (EntryKind.STAFF_SIGNED_IN, EntryKind.STAFF_SIGN_IN_FAILED, EntryKind.STAFF_SIGNED_OUT)
_SHOWN = 50


class SignInsPage:
    """The handler of `/console/staff/sign-ins`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        return [StaffRoute(PLACE, "GET", OWNERS, EntryKind.PAGE_VIEWED, self.show, whole=True)]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: a page of the log; `before` is the entry after which it goes on."""
        unknown = [(name[:64], "is not before") for name in request.query_params if name != "before"]
        if unknown:
            raise InvalidQuery(unknown)
        before = request.query_params.get("before")

        def read() -> tuple[list[EntryLine], dict[str, str]]:
            lines: list[EntryLine] = []
            for kind in _KINDS:
                given = [("kind", kind.value), *([("cursor", before)] if before else [])]
                search = replace(read_entry_filters(given, None), limit=_SHOWN + 1)
                require_place(self._live.ledger, actor.log_id, search.cursor)
                lines += list_entries(self._live.records, actor.log_id, search, self._live.clock)[0]
            names = {account_id(one): one.name for one in self._live.staff.members(actor.log_id)}
            return sorted(lines, key=lambda line: line.entry_id, reverse=True), names

        lines, names = await run_in_threadpool(read)
        page = self._frame.page(
            request,
            "sign_ins.html",
            actor=actor,
            lines=lines[:_SHOWN],
            names=names,
            older=f"{PLACE}?before={lines[_SHOWN - 1].entry_id}" if len(lines) > _SHOWN else None,
        )
        return Deed(page, {"page": PLACE, "via": "console"})
