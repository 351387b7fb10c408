"""Sign in to the console by password or one-time link. These pages are public; what is tried on them is an entry."""

from typing import Final
from urllib.parse import urlencode, urlsplit

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import RateLimited, Unavailable
from askfirst.usecases.sign_in import SignInDesk
from askfirst.usecases.staff import plain_login
from askfirst.web.console.addresses import HOME, START, next_address
from askfirst.web.console.forms import Form, read_form, require_own_page
from askfirst.web.console.frame import Frame
from askfirst.web.console.session_door import SessionCookie
from askfirst.web.limits import SignInLimit
from askfirst.web.live import Live

_AT_ONCE: Final = 2  # slow hashes: each takes 64 MiB and one core
_MAY_WAIT: Final = 20


class SignInPages:
    """The handlers of `/console/sign-in` and `/console/link/…`."""

    def __init__(self, live: Live, frame: Frame, limit: SignInLimit) -> None:
        """Take what handlers share, and what holds guessers back."""
        self._live, self._frame, self._limit = live, frame, limit
        self._desk = SignInDesk(live.staff, live.passwords, live.session_rule, clock=live.clock, random=live.random)
        self._cookie = SessionCookie(live)
        self._hashing = anyio.CapacityLimiter(_AT_ONCE)

    async def form(self, request: Request) -> Response:
        """GET: the form."""
        # Only the way back from the identity provider says by its address that something failed.
        fault = "openid" if request.query_params.get("fault") == "openid" else None
        return self._form(request, Form([("next", request.query_params.get("next", ""))]), fault)

    async def sign_in(self, request: Request) -> Response:
        """POST: begin a session, or show the form again with one sentence for every reason."""
        require_own_page(request)
        form = await read_form(request)
        if self._is_open_to_all():
            return self._form(request, form, "plain", 403)
        if not self._live.local_sign_in:
            return self._form(request, form, "no_local", 403)
        login = form.one("login")
        if not plain_login(login) or not form.one("password"):
            return self._form(request, form, "both", 422)
        self._hold_back(request, plain_login(login))
        if self._hashing.statistics().tasks_waiting >= _MAY_WAIT:
            raise Unavailable(5, "too many people sign in at once")
        signed_in = await anyio.to_thread.run_sync(
            self._desk.with_password, login, form.one("password"), limiter=self._hashing
        )
        if signed_in is None:
            return self._form(request, form, "refused", 403)
        return self._cookie.give(RedirectResponse(next_address(form.one("next")), 303), signed_in)

    async def invitation(self, request: Request) -> Response:
        """GET: whom the link lets in. Nothing is used up, since mail programs and chats open links by themselves."""
        member = await run_in_threadpool(self._desk.invited, request.path_params["secret"])
        if member is None:
            return self._spent(request)
        return self._frame.page(
            request,
            "link.html",
            state="ready",
            member_name=member.name,
            organisation_name=self._live.directory.organisations[member.log_id].name,
            action=request.url.path,
        )

    async def accept(self, request: Request) -> Response:
        """POST: use the link up and begin a session; whoever has no password yet is led to choosing one."""
        require_own_page(request)
        await read_form(request)
        if self._is_open_to_all():
            return self._form(request, Form([]), "plain", 403)
        self._hold_back(request, None)
        signed_in = await run_in_threadpool(self._desk.with_link, request.path_params["secret"])
        if signed_in is None:
            return self._spent(request)
        after = HOME if signed_in.member.password_hash else "/console/account"
        return self._cookie.give(RedirectResponse(after, 303), signed_in)

    def _hold_back(self, request: Request, account: str | None) -> None:
        wait = self._limit.wait(request.client, account)
        if wait:
            raise RateLimited(wait)

    def _is_open_to_all(self) -> bool:
        parts = urlsplit(self._live.public_url)
        return parts.scheme != "https" and not _is_loopback(parts.hostname or "")

    def _form(self, request: Request, form: Form, fault: str | None = None, status: int = 200) -> Response:
        return self._frame.page(
            request,
            "sign_in.html",
            status=status,
            fault=fault,
            provider=self._live.openid.provider.name if self._live.openid else "",
            start=f"{START}?{urlencode({'next': next_address(form.one('next'))})}",
            local=self._live.local_sign_in,
            several=self._live.several,
            login=form.one("login")[:254],
            next=next_address(form.one("next")),
        )

    def _spent(self, request: Request) -> Response:
        return self._frame.page(request, "link.html", status=404, state="spent")


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")
