"""The pages about staff and API tokens, for owners of the whole organisation."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import InvalidAccount, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.roles import STAFF_ROLES, Role
from askfirst.usecases.rows import Session, StaffMember
from askfirst.usecases.sign_in import sign_out_everywhere
from askfirst.usecases.staff import (
    Invitation,
    add_member,
    change_member,
    disable_member,
    enable_member,
    invite_again,
)
from askfirst.web.console.forms import Form, read_form
from askfirst.web.console.frame import Frame
from askfirst.web.console.signed_in import member_line, person_of, token_line
from askfirst.web.live import Live
from askfirst.web.staff_routes import OWNERS, Actor, Deed, StaffRoute

PLACE = "/console/staff"
# What was done, in the address that a form leads to, and the message that says so.
_DONE = {done: f"done_{done.replace('-', '_')}" for done in ("changed", "signed-out", "disabled", "enabled")}


class StaffPages:
    """The handlers of `/console/staff` and of each member."""

    def __init__(self, live: Live, frame: Frame) -> None:
        """Take what handlers share."""
        self._live, self._frame = live, frame

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages; only owners of the whole organisation may open them."""
        one = f"{PLACE}/{{member}}"
        declared = (
            (PLACE, "GET", EntryKind.PAGE_VIEWED, self.everybody),
            (f"{PLACE}/add", "GET", EntryKind.PAGE_VIEWED, self.adding),
            (f"{PLACE}/add", "POST", EntryKind.STAFF_CREATED, self.add),
            (one, "GET", EntryKind.PAGE_VIEWED, self.show),
            (f"{one}/change", "POST", EntryKind.STAFF_CHANGED, self.change),
            (f"{one}/link", "POST", EntryKind.STAFF_CHANGED, self.link),
            (f"{one}/sign-out", "POST", EntryKind.STAFF_CHANGED, self.sign_out),
            (f"{one}/disable", "POST", EntryKind.STAFF_DISABLED, self.disable),
            (f"{one}/enable", "POST", EntryKind.STAFF_CHANGED, self.enable),
        )
        return [StaffRoute(path, method, OWNERS, entry, deed, whole=True) for path, method, entry, deed in declared]

    async def everybody(self, request: Request, actor: Actor) -> Deed:
        """GET: everybody, and all tokens."""
        room, now = self._live.staff, self._live.clock()
        members = await run_in_threadpool(room.members, actor.log_id)
        tokens = await run_in_threadpool(room.tokens, actor.log_id)
        sessions = await self._sessions(actor)
        page = self._frame.page(
            request,
            "staff.html",
            actor=actor,
            members=[member_line(member, sessions) for member in members],
            tokens=[token_line(token, now) for token in tokens],
        )
        return _looked(page, request)

    async def adding(self, request: Request, actor: Actor) -> Deed:
        """GET: the form for a new member."""
        return _looked(self._add_page(request, actor, Form([("role", Role.AUDITOR)])), request)

    async def add(self, request: Request, actor: Actor) -> Deed:
        """POST: make a member, and show their sign-in link this once."""
        form = await read_form(request)
        try:
            invitation = await self._do(
                add_member,
                actor.log_id,
                login=form.one("login"),
                name=form.one("name"),
                role=form.one("role"),
                sites=form.every("sites") or None,
                by=self._live.acting(actor.name),
            )
        except InvalidAccount as refused:
            return Deed(self._add_page(request, actor, form, dict(refused.errors)), None)
        return Deed(await self._member_page(request, actor, invitation.member, invitation=invitation), None)

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: one member."""
        member = await self._member(actor, _id(request))
        said = _DONE.get(request.query_params.get("done", ""))
        return _looked(await self._member_page(request, actor, member, said=said), request)

    async def change(self, request: Request, actor: Actor) -> Deed:
        """POST: another role, or other sites."""
        form = await read_form(request)
        given = {"role": form.one("role"), "sites": form.every("sites") or None}
        return await self._changed(request, actor, "changed", change_member, **given)

    async def disable(self, request: Request, actor: Actor) -> Deed:
        """POST: shut a member out."""
        form = await read_form(request)
        return await self._changed(
            request, actor, "disabled", disable_member, reason=form.one("reason").strip() or None
        )

    async def enable(self, request: Request, actor: Actor) -> Deed:
        """POST: let a member in again."""
        return await self._changed(request, actor, "enabled", enable_member)

    async def sign_out(self, request: Request, actor: Actor) -> Deed:
        """POST: end all sessions of a member."""
        return await self._changed(request, actor, "signed-out", sign_out_everywhere)

    async def link(self, request: Request, actor: Actor) -> Deed:
        """POST: make a new sign-in link, and show it this once."""
        staff_id = _id(request)
        try:
            invitation = await self._do(invite_again, actor.log_id, staff_id, by=self._live.acting(actor.name))
        except InvalidAccount as refused:
            return Deed(await self._refused(request, actor, staff_id, refused), None)
        return Deed(await self._member_page(request, actor, invitation.member, invitation=invitation), None)

    async def _changed(
        self, request: Request, actor: Actor, done: str, change: Callable[..., object], **given: object
    ) -> Deed:
        staff_id = _id(request)
        try:
            await self._do(change, actor.log_id, staff_id, by=self._live.acting(actor.name), **given)
        except InvalidAccount as refused:
            return Deed(await self._refused(request, actor, staff_id, refused), None)
        return Deed(RedirectResponse(f"{PLACE}/{UUID(bytes=staff_id)}?done={done}", 303), None)

    async def _refused(self, request: Request, actor: Actor, staff_id: bytes, refused: InvalidAccount) -> Response:
        member = await self._member(actor, staff_id)
        return await self._member_page(request, actor, member, faults=dict(refused.errors))

    async def _do(self, work: Callable[..., Any], *given: object, **named: object) -> Any:
        return await run_in_threadpool(work, self._live.staff, *given, **named)

    async def _member(self, actor: Actor, staff_id: bytes) -> StaffMember:
        members = await run_in_threadpool(self._live.staff.members, actor.log_id)
        found = next((one for one in members if one.staff_id == staff_id), None)
        if found is None:
            raise NotFound("This organisation has no staff member with this id.")
        return found

    async def _sessions(self, actor: Actor) -> list[Session]:
        now, rule = self._live.clock(), self._live.session_rule
        sessions = await run_in_threadpool(self._live.staff.sessions, actor.log_id)
        return [one for one in sessions if rule.holds(one, now)]

    async def _member_page(
        self,
        request: Request,
        actor: Actor,
        member: StaffMember,
        *,
        faults: dict[str, str] | None = None,
        said: str | None = None,
        invitation: Invitation | None = None,
    ) -> Response:
        line = member_line(member, await self._sessions(actor))
        link = None
        if invitation is not None:
            link = {"url": invitation.address(self._live.public_url), "expires": invitation.expires_at}
        return self._frame.page(
            request,
            "member.html",
            actor=actor,
            status=422 if faults else 200,
            one=line,
            is_self=member.staff_id == person_of(actor).member.staff_id,
            roles=list(STAFF_ROLES),
            sites=site_names(self._live, actor),
            faults=faults or {},
            said=said,
            link_given=link,
        )

    def _add_page(self, request: Request, actor: Actor, form: Form, faults: dict[str, str] | None = None) -> Response:
        return self._frame.page(
            request,
            "member_add.html",
            actor=actor,
            status=422 if faults else 200,
            given={**form.given("name", "login", "role"), "sites": form.every("sites")},
            roles=list(STAFF_ROLES),
            sites=site_names(self._live, actor),
            faults=faults or {},
        )


def site_names(live: Live, actor: Actor) -> list[tuple[str, str]]:
    """Return key and name of every site of the actor's organisation."""
    sites = (one.site for one in live.directory.sites.values() if one.site.log_id == actor.log_id)
    return sorted((site.site_key, site.name) for site in sites)


def _looked(page: Response, request: Request) -> Deed:
    return Deed(page, {"page": request.url.path, "via": "console"})


def _id(request: Request) -> bytes:
    try:
        return UUID(request.path_params["member"]).bytes
    except ValueError:
        raise NotFound("This organisation has no staff member with this id.") from None
