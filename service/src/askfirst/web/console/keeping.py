"""What owners do about keeping records: erase one or a person's, hold them for a lawsuit, and let go again."""

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.erase import erase_record, erase_subject
from askfirst.usecases.holds import MOST_REASON, lift_hold, place_hold, told
from askfirst.usecases.names import is_words
from askfirst.usecases.proofs import NO_SUCH
from askfirst.usecases.staff import account_id
from askfirst.web.console.forms import Form, read_form
from askfirst.web.console.frame import Frame
from askfirst.web.console.records import PLACE as RECORDS
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, OWNERS, Actor, Deed, StaffRoute

PLACE = "/console/holds"


class KeepingPages:
    """The handlers of `/console/holds`, and of erasing and holding on a record's page."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages."""
        return [
            StaffRoute(f"{RECORDS}/{{record}}/erase", "POST", OWNERS, EntryKind.RECORD_ERASED, self.erase),
            StaffRoute(f"{RECORDS}/{{record}}/hold", "POST", OWNERS, EntryKind.HOLD_PLACED, self.hold),
            StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, self.show),
            StaffRoute(f"{PLACE}/{{hold}}/lift", "POST", OWNERS, EntryKind.HOLD_LIFTED, self.lift),
        ]

    async def erase(self, request: Request, actor: Actor) -> Deed:
        """POST: forget this record, or with `all` everything of the same person."""
        record, form = request.path_params["record"], await read_form(request)
        reason, by, sites = _reason(form), self._live.acting(actor.name), actor.sites

        def work() -> None:
            subject = None
            if form.one("all"):
                found = self._live.ledger.record_of(actor.log_id, _raw(record))
                if found is None or (actor.sites is not None and found.site_key not in actor.sites):
                    raise NotFound(NO_SUCH)
                subject = found.subject
            if subject:
                erase_subject(self._live.forgetting, actor.log_id, subject, reason=reason, by=by, sites=sites)
            else:
                erase_record(self._live.forgetting, actor.log_id, record, reason=reason, by=by, sites=sites)

        await run_in_threadpool(work)
        return Deed(RedirectResponse(f"{RECORDS}/{UUID(record)}", 303), None)

    async def hold(self, request: Request, actor: Actor) -> Deed:
        """POST: keep everything of the person of this record."""
        record, form = request.path_params["record"], await read_form(request)
        await run_in_threadpool(
            place_hold,
            self._live.forgetting,
            actor.log_id,
            record_id=_raw(record),
            reason=_reason(form),
            by=self._live.acting(actor.name),
            sites=actor.sites,
        )
        return Deed(RedirectResponse(f"{RECORDS}/{UUID(record)}?done=held", 303), None)

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the holds, newest first."""
        live, log_id = self._live, actor.log_id

        def read() -> tuple[list[dict[str, object]], dict[str, str]]:
            found = [told(one, live.clock()) for one in live.forgetting.holds(log_id, actor.sites)]
            return found, {account_id(one): one.name for one in live.staff.members(log_id)}

        holds, names = await run_in_threadpool(read)
        page = self._frame.page(request, "holds.html", actor=actor, holds=holds, names=names)
        return Deed(page, {"page": PLACE, "via": "console"})

    async def lift(self, request: Request, actor: Actor) -> Deed:
        """POST: end a hold now."""
        form = await read_form(request)
        await run_in_threadpool(
            lift_hold,
            self._live.forgetting,
            actor.log_id,
            request.path_params["hold"],
            reason=_reason(form),
            by=self._live.acting(actor.name),
            sites=actor.sites,
        )
        return Deed(RedirectResponse(PLACE, 303), None)


def _raw(record: str) -> bytes:
    try:
        return UUID(record).bytes
    except ValueError:
        raise NotFound(NO_SUCH) from None


def _reason(form: Form) -> str:
    reason = form.one("reason").strip()
    if not is_words(reason, MOST_REASON):
        raise InvalidQuery([("reason", f"must have 1 to {MOST_REASON} printable characters")])
    return reason
