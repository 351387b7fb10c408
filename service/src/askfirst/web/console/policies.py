"""What each site asked, and when: its published policies, which never change."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.kinds import EntryKind
from askfirst.usecases.staff import account_id
from askfirst.web.console.frame import Frame
from askfirst.web.console.overview import sites_of
from askfirst.web.live import Live
from askfirst.web.staff_routes import EDITORS, EVERYBODY, Actor, Deed, StaffRoute

PLACE = "/console/policies"


class PoliciesPage:
    """The handler of `/console/policies`."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the address of this page."""
        return [StaffRoute(PLACE, "GET", EVERYBODY, EntryKind.PAGE_VIEWED, self.show)]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the page."""
        members = await run_in_threadpool(self._live.staff.members, actor.log_id)
        people = {account_id(member): member.name for member in members}
        sites = sites_of(self._live, actor)
        page = self._frame.page(
            request,
            "policies.html",
            actor=actor,
            sites=[(one.site, sorted(one.policies.values(), key=lambda live: -live.policy.number)) for one in sites],
            people=people,
            public_url=self._live.public_url,
            editable=actor.role in EDITORS,
        )
        return Deed(page, {"page": PLACE, "via": "console"})
