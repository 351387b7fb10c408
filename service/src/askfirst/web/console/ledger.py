"""The ledger's own page: how it is, where its proofs are, and the newest entries in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.overview import read_health
from askfirst.usecases.rows import ListedEntry
from askfirst.usecases.staff import account_id
from askfirst.web.console.frame import Frame
from askfirst.web.console.words import Words
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

PLACE = "/console/ledger"
_SHOWN = 50
# What is told of an entry beside its kind: the first of these members that it has.
_TELLING = ("page", "site", "name", "reason", "use", "method", "organisation", "origin")


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry as the list shows it; `position` is None while it waits for its place."""

    entry_id: str
    position: int | None
    kind: str
    time: object
    who: str
    detail: str
    record: str


class LedgerPage:
    """The handler of `/console/ledger`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        return [StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, self.show)]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the page. The list is for those whose role is for the whole organisation: it names all sites."""
        live, log_id = self._live, actor.log_id
        kind, before = _read(request.query_params)
        health = await run_in_threadpool(read_health, live.ledger, live.overview, log_id)
        lines: list[EntryLine] = []
        older = None
        if actor.sites is None:
            found = await run_in_threadpool(live.overview.latest_entries, log_id, kind, _SHOWN + 1, before)
            names = {account_id(one): one.name for one in await run_in_threadpool(live.staff.members, log_id)}
            words = self._frame.words(request, actor)
            lines = [_line(entry, names, words) for entry in found[:_SHOWN]]
            if len(found) > _SHOWN:
                older = f"{PLACE}?" + (f"kind={kind}&" if kind else "") + f"before={lines[-1].entry_id}"
        page = self._frame.page(
            request,
            "ledger.html",
            actor=actor,
            health=health,
            log=live.directory.organisations[log_id],
            whole=actor.sites is None,
            lines=lines,
            kinds=list(EntryKind),
            chosen=kind or "",
            older=older,
            first=before is None,
        )
        return Deed(page, {"page": PLACE, "via": "console"})


def _read(params: Mapping[str, str]) -> tuple[str | None, bytes | None]:
    faults = [(name[:64], "is not one of kind, before") for name in params if name not in ("kind", "before")]
    kind, before = params.get("kind") or None, None
    if kind is not None and kind not in tuple(EntryKind):
        faults.append(("kind", "must be a kind of entry"))
    if text := params.get("before"):
        try:
            before = UUID(text).bytes
        except ValueError:
            faults.append(("before", "must be an entry's id, a UUID"))
    if faults:
        raise InvalidQuery(faults)
    return kind, before


def _line(entry: ListedEntry, names: Mapping[str, str], words: Words) -> EntryLine:
    what, who = read_part(entry.what), read_part(entry.who)
    decision = entry.kind == EntryKind.DECISION_RECORDED
    record = what.get("record")
    account = what.get("account")
    telling = next((what[name] for name in _TELLING if isinstance(what.get(name), str)), "")
    return EntryLine(
        entry_id=str(UUID(bytes=entry.entry_id)),
        position=entry.position,
        kind=entry.kind,
        time=what.get("server_time" if decision else "time"),
        who=str(words.say("words.visitor")) if decision else words.who(who.get("staff"), names),
        detail=names.get(str(account), str(account)) if isinstance(account, str) else str(telling),
        record=record if isinstance(record, str) else "",
    )
