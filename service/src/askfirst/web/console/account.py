"""Everybody's own page: password, sessions, and signing out."""

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import Forbidden, InvalidAccount, MalformedBody, RateLimited
from askfirst.core.kinds import EntryKind
from askfirst.usecases.passwords import choose_password
from askfirst.usecases.sign_in import SignInDesk
from askfirst.usecases.staff import choose_language
from askfirst.web.console.addresses import next_address
from askfirst.web.console.forms import read_form
from askfirst.web.console.frame import Frame
from askfirst.web.console.language import languages
from askfirst.web.console.session_door import SessionCookie
from askfirst.web.console.signed_in import SessionLine, person_of
from askfirst.web.limits import SignInLimit
from askfirst.web.live import Live
from askfirst.web.staff_routes import EVERYBODY, Actor, Deed, StaffRoute

_SIGN_IN = "/console/sign-in"
# What was done, in the address that a form leads to, and the message that says so.
_SAID = {"password": "done", "language": "language_done"}


class AccountPages:
    """The handlers of `/console/account` and `/console/sign-out`."""

    def __init__(self, live: Live, frame: Frame, limit: SignInLimit) -> None:
        """Take what handlers share, and what holds guessers back."""
        self._live, self._frame, self._limit = live, frame, limit
        self._desk = SignInDesk(live.staff, live.passwords, live.session_rule, clock=live.clock, random=live.random)
        self._cookie = SessionCookie(live)
        self._hashing = anyio.CapacityLimiter(1)

    def routes(self) -> list[StaffRoute]:
        """Return the addresses of these pages."""
        path = "/console/account"
        return [
            StaffRoute(path, "GET", EVERYBODY, EntryKind.PAGE_VIEWED, self.show),
            StaffRoute(f"{path}/password", "POST", EVERYBODY, EntryKind.STAFF_CHANGED, self.choose),
            StaffRoute(f"{path}/sign-out-everywhere", "POST", EVERYBODY, EntryKind.STAFF_SIGNED_OUT, self.leave_all),
            StaffRoute(f"{path}/language", "POST", EVERYBODY, EntryKind.STAFF_CHANGED, self.speak),
            StaffRoute("/console/sign-out", "POST", EVERYBODY, EntryKind.STAFF_SIGNED_OUT, self.leave),
        ]

    async def show(self, request: Request, actor: Actor) -> Deed:
        """GET: the page."""
        said = _SAID.get(request.query_params.get("done", ""))
        return Deed(await self._page(request, actor, said=said), {"page": "/console/account", "via": "console"})

    async def choose(self, request: Request, actor: Actor) -> Deed:
        """POST: choose a password."""
        form, person = await read_form(request), person_of(actor)
        if person.member.identity:
            raise Forbidden("This account signs in with an identity provider and has no password here.")
        if wait := self._limit.wait(request.client, person.member.login):
            raise RateLimited(wait)

        def choose() -> None:
            choose_password(
                self._live.staff,
                self._live.passwords,
                person.member,
                current=form.one("current"),
                new=form.one("new"),
                again=form.one("again"),
                session=person.session.secret_hash,
                by=self._live.acting(actor.name),
            )

        try:
            await anyio.to_thread.run_sync(choose, limiter=self._hashing)
        except InvalidAccount as refused:
            return Deed(await self._page(request, actor, status=422, faults=dict(refused.errors)), None)
        return Deed(RedirectResponse("/console/account?done=password", 303), None)

    async def speak(self, request: Request, actor: Actor) -> Deed:
        """POST: choose the language of the console, and go back to where it was chosen."""
        form, person = await read_form(request), person_of(actor)
        language = form.one("language")
        if language not in languages():
            raise MalformedBody(f"the console speaks {', '.join(languages())}")
        by = self._live.acting(actor.name)
        await run_in_threadpool(
            choose_language, self._live.staff, actor.log_id, person.member.staff_id, language=language, by=by
        )
        return Deed(RedirectResponse(next_address(form.one("next")), 303), None)

    async def leave(self, _request: Request, actor: Actor) -> Deed:
        """POST: sign out here."""
        return await self._leave(actor, everywhere=False)

    async def leave_all(self, _request: Request, actor: Actor) -> Deed:
        """POST: sign out everywhere."""
        return await self._leave(actor, everywhere=True)

    async def _leave(self, actor: Actor, *, everywhere: bool) -> Deed:
        person = person_of(actor)
        await run_in_threadpool(self._desk.sign_out, person.member, person.session.secret_hash, everywhere=everywhere)
        return Deed(self._cookie.take(RedirectResponse(_SIGN_IN, 303)), None)

    async def _page(
        self,
        request: Request,
        actor: Actor,
        *,
        status: int = 200,
        faults: dict[str, str] | None = None,
        said: str | None = None,
    ) -> Response:
        person = person_of(actor)
        sessions = await run_in_threadpool(self._live.staff.sessions, actor.log_id)
        now, rule = self._live.clock(), self._live.session_rule
        own = [one for one in sessions if one.staff_id == person.member.staff_id and rule.holds(one, now)]
        return self._frame.page(
            request,
            "account.html",
            actor=actor,
            status=status,
            has_password=person.member.password_hash is not None,
            # Whoever comes in with an identity provider has no password here, and can not choose one.
            provider=_provider(self._live) if person.member.identity else "",
            sessions=[
                SessionLine(one.created_at, one.seen_at, one.secret_hash == person.session.secret_hash) for one in own
            ],
            faults=faults or {},
            said=said,
        )


def _provider(live: Live) -> str:
    return live.openid.provider.name if live.openid else "OpenID Connect"
