"""/console/alerts: what staff should look at, and who knows of it."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse

from askfirst.core.kinds import EntryKind
from askfirst.usecases.alerts import acknowledge, list_alerts, told
from askfirst.usecases.staff import account_id
from askfirst.web.console.frame import Frame
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

PLACE = "/console/alerts"


class AlertPages:
    """The handlers of `/console/alerts`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages."""
        know = f"{PLACE}/{{alert}}/acknowledge"
        return [
            StaffRoute(PLACE, "GET", AUDITORS, EntryKind.PAGE_VIEWED, self.show),
            StaffRoute(know, "POST", AUDITORS, EntryKind.ALERT_ACKNOWLEDGED, self.know),
        ]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the alerts, newest first."""
        live, log_id = self._live, actor.log_id
        cursor = request.query_params.get("cursor")

        def read() -> tuple[list[dict[str, object]], str | None, dict[str, str]]:
            found, following = list_alerts(live.alerts, log_id, actor.sites, after=cursor)
            return (
                [told(one) for one in found],
                following,
                {account_id(one): one.name for one in live.staff.members(log_id)},
            )

        alerts, following, names = await run_in_threadpool(read)
        page = self._frame.page(
            request, "alerts.html", actor=actor, alerts=alerts, names=names, following=following, first=cursor is None
        )
        return Deed(page, {"page": PLACE, "via": "console"})

    async def know(self, request: Request, actor: Actor) -> Deed:
        """POST: note that somebody knows of an alert."""
        by = self._live.acting(actor.name)
        alert = request.path_params["alert"]
        await run_in_threadpool(lambda: acknowledge(self._live.alerts, actor.log_id, alert, by=by, sites=actor.sites))
        return Deed(RedirectResponse(PLACE, 303), None)
