"""One person, for whoever answers them: find everything of theirs, hand it over, hold it, or erase it."""

from typing import Any, Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.erase import erase_account, erase_subject, subject_of_receipt
from askfirst.usecases.holds import place_hold
from askfirst.usecases.rows import Record, RecordQuery
from askfirst.usecases.staff import account_id
from askfirst.web.console.days import read_days
from askfirst.web.console.forms import Form, faults_by_field, read_form, read_reason
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, OWNERS, Actor, Deed, StaffRoute
from askfirst.web.subject_files import held, subject_file
from askfirst_sdk.subject import parse_consent_id

PLACE: Final = "/console/people"
NOBODY: Final = "No record with this id that names a person is among those that you may see."
_LONGEST: Final = 4096  # of a receipt


class PeoplePages:
    """The handlers of `/console/people`. A person is named by one of their records: addresses are kept by browsers."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages."""
        one = f"{PLACE}/{{record}}"
        return [
            StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, self.ask),
            StaffRoute(PLACE, "POST", AUDITORS, EntryKind.RECORDS_SEARCHED, self.find),
            StaffRoute(one, "GET", AUDITORS, EntryKind.RECORDS_SEARCHED, self.show),
            StaffRoute(f"{one}/file", "GET", AUDITORS, EntryKind.RECORDS_EXPORTED, self.file),
            StaffRoute(f"{one}/hold", "POST", OWNERS, EntryKind.HOLD_PLACED, self.hold),
            StaffRoute(f"{one}/erase", "GET", OWNERS, EntryKind.PAGE_VIEWED, self.confirm),
            StaffRoute(f"{one}/erase", "POST", OWNERS, EntryKind.RECORD_ERASED, self.erase),
        ]

    async def ask(self, request: Request, actor: Actor) -> Deed:
        """GET: the form that takes a consent id or a receipt."""
        erased = request.query_params.get("done") == "erased"
        page = self._frame.page(request, "people.html", actor=actor, given={}, faults={}, missing=False, erased=erased)
        return Deed(page, {"page": PLACE, "via": "console"})

    async def find(self, request: Request, actor: Actor) -> Deed:
        """POST: the way to the page of the person whose consent id or receipt this is. It is in no address."""
        form = await read_form(request)
        text = form.one("whom").strip()
        by = "receipt" if "." in text else "consent_id"
        try:
            record = await run_in_threadpool(self._newest, actor, text)
        except InvalidQuery as refused:
            return Deed(self._again(request, actor, text, dict(refused.errors), 422), None)
        except NotFound as refused:
            return Deed(self._again(request, actor, text, {"whom": refused.detail}, 404), None)
        if record is None:
            answer = self._again(request, actor, text, {}, 404)
            return Deed(answer, {"filters": {"person_by": by}, "found": 0, "via": "console"})
        said = {"filters": {"person_by": by, "subject_of": record}, "found": 1, "via": "console"}
        return Deed(RedirectResponse(f"{PLACE}/{record}", 303), said)

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: everything that is held about the person of this record, who looked at it, and what can be done."""
        return await self._show(request, actor, Form([]), {})

    async def file(self, request: Request, actor: Actor) -> Deed:
        """GET: the same as a file, to hand over."""

        def work() -> Deed:
            found = self._found(actor, request.path_params["record"])
            return subject_file(held(self._live, actor, found.subject, found.account), "console")

        return await run_in_threadpool(work)

    async def hold(self, request: Request, actor: Actor) -> Deed:
        """POST: keep everything of this person; with a faulty field the page again."""
        live, form = self._live, await read_form(request)
        record = request.path_params["record"]
        await run_in_threadpool(self._found, actor, record)
        try:
            until = read_days(form, live.zone, "until")["until"]
            await run_in_threadpool(
                place_hold,
                live.forgetting,
                actor.log_id,
                record_id=UUID(record).bytes,
                reason=form.one("reason").strip(),
                until=until,
                by=live.acting(actor.name),
                sites=actor.sites,
            )
        except InvalidQuery as refused:
            again = await self._show(request, actor, form, faults_by_field(refused.errors, ("reason", "until")))
            return Deed(again.response, None)
        return Deed(RedirectResponse(f"{PLACE}/{UUID(record)}?done=held", 303), None)

    async def confirm(self, request: Request, actor: Actor) -> Deed:
        """GET: what would go, and the form that has to be filled in for it."""
        page = await self._confirm(request, actor, Form([]), {})
        return Deed(page, {"page": f"{PLACE}/erase", "via": "console"})

    async def erase(self, request: Request, actor: Actor) -> Deed:
        """POST: forget everything of this person, if the box is checked and a reason is given; else the form again."""
        live, form = self._live, await read_form(request)
        record = request.path_params["record"]
        faults: dict[str, str] = {} if form.one("sure") == "yes" else {"sure": "has to be checked"}
        try:
            reason = read_reason(form)
        except InvalidQuery as refused:
            faults |= dict(refused.errors)
        if faults:
            return Deed(await self._confirm(request, actor, form, faults), None)

        def work() -> None:
            found, by = self._found(actor, record), live.acting(actor.name)
            if found.subject is not None:
                erase_subject(live.forgetting, actor.log_id, found.subject, reason=reason, by=by, sites=actor.sites)
            else:
                account = found.account or ""
                erase_account(live.forgetting, actor.log_id, account, reason=reason, by=by, sites=actor.sites)

        await run_in_threadpool(work)
        return Deed(RedirectResponse(f"{PLACE}?done=erased", 303), None)

    def _newest(self, actor: Actor, text: str) -> str | None:
        """Return the newest record of whom a text names; None where nothing of theirs is kept."""
        if not text or len(text) > _LONGEST:
            raise InvalidQuery([("whom", "is empty" if not text else f"is longer than {_LONGEST} characters")])
        if "." in text:
            subject: str | None = subject_of_receipt(self._live.directory, actor.log_id, text)
        else:
            subject = parse_consent_id(text)
        if subject is None:
            raise InvalidQuery([("whom", "is neither a consent id, with its check character, nor a receipt")])
        found = self._live.records_now.search(actor.log_id, RecordQuery(subject=subject, sites=actor.sites, limit=1))
        return str(UUID(bytes=found[0][0])) if found else None

    def _found(self, actor: Actor, record: str) -> Record:
        """Return a record that names a person. Raises NotFound, in the same words whatever is missing."""
        try:
            found = self._live.ledger.record_of(actor.log_id, UUID(record).bytes)
        except ValueError:
            found = None
        if found is None or (found.subject is None and found.account is None):
            raise NotFound(NOBODY)
        if actor.sites is not None and found.site_key not in actor.sites:
            raise NotFound(NOBODY)
        return found

    async def _whole(self, actor: Actor, record: str) -> dict[str, Any]:
        def read() -> tuple[dict[str, Any], dict[str, str]]:
            found = self._found(actor, record)
            whole = held(self._live, actor, found.subject, found.account)
            return whole, {account_id(one): one.name for one in self._live.staff.members(actor.log_id)}

        whole, names = await run_in_threadpool(read)
        shown = {name: whole[name] for name in ("consent_id", "accounts", "records", "holds")}
        sites = {one.site.site_key: one.site.name for one in sites_of(self._live, actor)}
        return {**shown, "names": names, "record": record, "site_names": sites, "zone": self._live.zone.key}

    async def _show(self, request: Request, actor: Actor, form: Form, faults: dict[str, str]) -> Deed:
        record = request.path_params["record"]
        whole = await self._whole(actor, record)
        page = self._frame.page(
            request,
            "person.html",
            actor=actor,
            status=422 if faults else 200,
            given=form.given("reason", "until"),
            faults=faults,
            done=request.query_params.get("done") == "held",
            **whole,
        )
        said = {"filters": {"subject_of": str(UUID(record))}, "found": len(whole["records"]), "via": "console"}
        return Deed(page, said)

    async def _confirm(self, request: Request, actor: Actor, form: Form, faults: dict[str, str]) -> Response:
        whole = await self._whole(actor, request.path_params["record"])
        given, status = form.given("reason", "sure"), 422 if faults else 200
        return self._frame.page(
            request, "person_erase.html", actor=actor, status=status, given=given, faults=faults, **whole
        )

    def _again(self, request: Request, actor: Actor, text: str, faults: dict[str, str], status: int) -> Response:
        return self._frame.page(
            request,
            "people.html",
            actor=actor,
            status=status,
            given={"whom": text[:_LONGEST]},
            faults=faults,
            missing=not faults,
            erased=False,
        )
