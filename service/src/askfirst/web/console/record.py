"""One record whole, for whoever has to answer for it: what was shown, what was chosen, and whether it is genuine."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import LedgerFault, NotFound, Unavailable
from askfirst.core.kinds import EntryKind
from askfirst.usecases.audit import Listed, Shown
from askfirst.usecases.imported import METHOD
from askfirst.usecases.proof_documents import LANGUAGES
from askfirst.usecases.purpose_lists import listed
from askfirst.usecases.staff import account_id
from askfirst.usecases.statements import FORMS
from askfirst.usecases.tombstones import Forgotten
from askfirst.web.audit_api import plain_id, show_or_forgotten
from askfirst.web.console.frame import Frame
from askfirst.web.console.record_banner import banner_of
from askfirst.web.console.records import PLACE
from askfirst.web.live import Live
from askfirst.web.proofs import bundle_bytes, bundle_response, read_choice, statement_response
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute


@dataclass(frozen=True, slots=True)
class Answered:
    """One purpose and its answer."""

    purpose: str
    name: str
    granted: bool


class RecordPage:
    """The handler of `/console/records/RECORD`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of this page."""
        return [
            StaffRoute(f"{PLACE}/{{record}}", "GET", AUDITORS, EntryKind.RECORD_VIEWED, self.show),
            StaffRoute(f"{PLACE}/{{record}}/proof", "GET", AUDITORS, EntryKind.RECORD_VIEWED, self.proof),
            StaffRoute(f"{PLACE}/{{record}}/statement", "GET", AUDITORS, EntryKind.RECORD_VIEWED, self.statement),
        ]

    async def proof(self, request: Request, actor: Actor) -> Deed:
        """GET: the record's proof bundle, a file that proves it without this service."""
        record = plain_id(request.path_params["record"])
        chosen = read_choice(request, format=("html", "json", "text"), language=LANGUAGES)
        form = chosen["format"]
        language = chosen["language"] if "language" in request.query_params else self._frame.words(request, actor).tag
        data = await run_in_threadpool(
            bundle_bytes, self._live, actor, record, form, language if language in LANGUAGES else LANGUAGES[0]
        )
        return Deed(bundle_response(record, form, data), {"record": record, "via": "console"})

    async def statement(self, request: Request, actor: Actor) -> Deed:
        """GET: the record's statement, JSON-LD for machines."""
        record, form = plain_id(request.path_params["record"]), read_choice(request, form=FORMS)["form"]
        answer = await run_in_threadpool(statement_response, self._live, actor, record, form, keep=True)
        return Deed(answer, {"record": record, "via": "console"})

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the page, everything on it checked there and then."""
        live = self._live
        shown = await run_in_threadpool(show_or_forgotten, live, actor, request.path_params["record"])
        if isinstance(shown, Forgotten):
            members = await run_in_threadpool(live.staff.members, actor.log_id)
            page = self._frame.page(
                request,
                "forgotten.html",
                actor=actor,
                shown=shown,
                broken=[check for check in shown.checks if not check.holds],
                names={account_id(one): one.name for one in members},
                log=live.directory.organisations[actor.log_id],
            )
            return Deed(page, {"record": shown.record_id, "via": "console"})
        site = live.directory.sites.get(shown.record.site_key)
        page = self._frame.page(
            request,
            "record.html",
            actor=actor,
            shown=shown,
            record=shown.record,
            consent_id=Listed(shown.record_id, shown.record).consent_id,
            told={name: _text(shown.what.get(name)) for name in ("policy", "build", "origin", "page")},
            client_time=shown.what.get("client_time"),
            gpc=shown.what.get("gpc"),
            asked=shown.asked,
            banner=banner_of(live, actor, shown),
            answers=answers(shown),
            broken=[check for check in shown.checks if not check.holds],
            later=[one for one in shown.history if one.record_id > shown.record_id],
            earlier=[one for one in shown.history if one.record_id < shown.record_id],
            site_name=site.site.name if site else "",
            log=live.directory.organisations[actor.log_id],
            now=live.clock(),
            imported=shown.record.method == METHOD,
            source=_text(shown.what.get("source")),
            imported_at=shown.what.get("time"),
            held=request.query_params.get("done") == "held",
            bundle=await run_in_threadpool(self._bundle, actor, shown),
        )
        return Deed(page, {"record": shown.record_id, "via": "console"})

    def _bundle(self, actor: Actor, shown: Shown) -> str:
        """Return the proof bundle that the reader's own browser checks; empty where none can be made now."""
        if not shown.under_checkpoint:
            return ""
        try:
            return bundle_bytes(self._live, actor, shown.record_id, "json").decode()
        except (NotFound, Unavailable, LedgerFault, ValueError, KeyError):
            return ""


def answers(shown: Shown) -> list[Answered]:
    """Return every purpose's answer, under the name that the visitor read where it is known.

    An entry that can not be read any more leaves what the search table says; the checks tell that it was altered.
    """
    given = shown.what.get("purposes")
    if not isinstance(given, Mapping) or not all(isinstance(answer, bool) for answer in given.values()):
        row = shown.record
        given = {**dict.fromkeys(listed(row.granted), True), **dict.fromkeys(listed(row.refused), False)}
    names = _names(shown)
    return [Answered(str(purpose), names.get(str(purpose), ""), granted) for purpose, granted in given.items()]


def _names(shown: Shown) -> dict[str, str]:
    language = shown.what.get("language")
    if shown.live is None or not isinstance(language, str):
        return {}
    purposes = shown.live.policy.purposes
    return {purpose.id: purpose.name[language] for purpose in purposes if language in purpose.name}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
