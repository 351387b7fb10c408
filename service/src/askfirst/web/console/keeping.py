"""What owners do on a record's page about keeping it: erase it or all of its person, or hold them for a lawsuit."""

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.usecases.erase import erase_record, erase_subject
from askfirst.usecases.holds import place_hold
from askfirst.usecases.proofs import NO_SUCH
from askfirst.web.console.forms import read_form, read_reason
from askfirst.web.console.records import PLACE as RECORDS
from askfirst.web.live import Live
from askfirst.web.staff_routes import OWNERS, Actor, Deed, StaffRoute


class KeepingPages:
    """The handlers of erasing and holding on a record's page."""

    def __init__(self, live: Live) -> None:
        """Take what handlers share."""
        self._live = live

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these deeds."""
        return [
            StaffRoute(f"{RECORDS}/{{record}}/erase", "POST", OWNERS, EntryKind.RECORD_ERASED, self.erase),
            StaffRoute(f"{RECORDS}/{{record}}/hold", "POST", OWNERS, EntryKind.HOLD_PLACED, self.hold),
        ]

    async def erase(self, request: Request, actor: Actor) -> Deed:
        """POST: forget this record, or with `all` everything of the same person."""
        record, form = request.path_params["record"], await read_form(request)
        reason, by, sites = read_reason(form), self._live.acting(actor.name), actor.sites
        if form.one("sure") != "yes":
            raise InvalidQuery([("sure", "has to be checked")])

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
            reason=read_reason(form),
            by=self._live.acting(actor.name),
            sites=actor.sites,
        )
        return Deed(RedirectResponse(f"{RECORDS}/{UUID(record)}?done=held", 303), None)


def _raw(record: str) -> bytes:
    try:
        return UUID(record).bytes
    except ValueError:
        raise NotFound(NO_SUCH) from None
