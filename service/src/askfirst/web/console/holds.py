"""Legal holds: which there are, one for a range of days, and letting go of one."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.holds import lift_hold, place_hold, told
from askfirst.usecases.staff import account_id
from askfirst.web.console.addresses import next_address
from askfirst.web.console.days import read_days
from askfirst.web.console.forms import Form, faults_by_field, read_form, read_reason
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, OWNERS, Actor, Deed, StaffRoute

PLACE = "/console/holds"
_FIELDS = ("site", "from", "to", "until", "reason")


class HoldPages:
    """The handlers of `/console/holds`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages."""
        return [
            StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, self.show),
            StaffRoute(PLACE, "POST", OWNERS, EntryKind.HOLD_PLACED, self.place),
            StaffRoute(f"{PLACE}/{{hold}}/lift", "POST", OWNERS, EntryKind.HOLD_LIFTED, self.lift),
        ]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the holds, newest first, and the form for a range."""
        page = await self._page(request, actor, Form([]), {})
        return Deed(page, {"page": PLACE, "via": "console"})

    async def place(self, request: Request, actor: Actor) -> Deed:
        """POST: hold a site's decisions, those of some days, or both; with a faulty field the form again."""
        live, form = self._live, await read_form(request)
        site = form.one("site").strip() or None
        try:
            if site is not None and site not in {one.site.site_key for one in sites_of(live, actor)}:
                raise InvalidQuery([("site", "must be one of those that you may see")])
            days = read_days(form, live.zone, "from", "to", "until")
            await run_in_threadpool(
                place_hold,
                live.forgetting,
                actor.log_id,
                site=site,
                since=days["from"],
                before=days["to"],
                until=days["until"],
                reason=form.one("reason").strip(),
                by=live.acting(actor.name),
                known_sites=live.directory.site_keys(actor.log_id),
                sites=actor.sites,
            )
        except InvalidQuery as refused:
            return Deed(await self._page(request, actor, form, faults_by_field(refused.errors, _FIELDS)), None)
        return Deed(RedirectResponse(f"{PLACE}?done=held", 303), None)

    async def lift(self, request: Request, actor: Actor) -> Deed:
        """POST: end a hold now, and go back to the page that it was ended on."""
        form = await read_form(request)
        await run_in_threadpool(
            lift_hold,
            self._live.forgetting,
            actor.log_id,
            request.path_params["hold"],
            reason=read_reason(form),
            by=self._live.acting(actor.name),
            sites=actor.sites,
        )
        return Deed(RedirectResponse(next_address(form.one("next") or PLACE), 303), None)

    async def _page(self, request: Request, actor: Actor, form: Form, faults: dict[str, str]) -> Response:
        live, log_id = self._live, actor.log_id

        def read() -> tuple[list[dict[str, object]], dict[str, str]]:
            found = [told(one, live.clock()) for one in live.forgetting.holds(log_id, actor.sites)]
            return found, {account_id(one): one.name for one in live.staff.members(log_id)}

        holds, names = await run_in_threadpool(read)
        sites = [(one.site.site_key, one.site.name) for one in sites_of(live, actor)]
        return self._frame.page(
            request,
            "holds.html",
            actor=actor,
            status=422 if faults else 200,
            holds=holds,
            names=names,
            sites=sites,
            site_names=dict(sites),
            given={name: form.one(name) for name in _FIELDS if form.one(name)},
            faults=faults,
            zone=live.zone.key,
            held=request.query_params.get("done") == "held",
        )
