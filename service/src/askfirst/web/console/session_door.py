"""How people show who they are in the console: a session's cookie, and with every change the word of its forms."""

import hmac
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from askfirst.core.errors import Forbidden, Unauthorized
from askfirst.usecases.mandates import role_of
from askfirst.usecases.sessions import SignedIn, read_session
from askfirst.web.console.forms import read_form, require_own_page
from askfirst.web.live import Live
from askfirst.web.staff_routes import Actor, Person


class SessionCookie:
    """The console's cookie, bound to this very host over https; plain http is for trying things out on loopback."""

    def __init__(self, live: Live) -> None:
        """Take what handlers share."""
        self._secure = live.public_url.startswith("https:")
        self._max_age = live.session_rule.absolute_ms // 1000
        self.name = "__Host-askfirst_session" if self._secure else "askfirst_session"

    def read(self, request: Request) -> str:
        """Return the secret that came with a request; empty where none did."""
        return request.cookies.get(self.name, "")

    def give(self, response: Response, signed_in: SignedIn) -> Response:
        """Hand a new session to the browser."""
        self._set(response, signed_in.secret, self._max_age)
        return response

    def take(self, response: Response) -> Response:
        """Let the browser forget its session."""
        self._set(response, "", 0)
        return response

    def _set(self, response: Response, value: str, max_age: int) -> None:
        response.set_cookie(
            self.name, value, max_age=max_age, path="/", secure=self._secure, httponly=True, samesite="lax"
        )


class SessionDoor:
    """The door of the console."""

    def __init__(self, live: Live) -> None:
        """Take what handlers share."""
        self._live = live
        self._cookie = SessionCookie(live)

    async def __call__(self, request: Request) -> Actor:
        """Return who asks. Raises Unauthorized, or Forbidden where the request is not from a page of this session.

        The actor is left in the request's state, so that a page about an error has the console's frame.
        """
        secret = self._cookie.read(request)
        if not secret:
            raise Unauthorized
        live = self._live
        signed_in = await run_in_threadpool(
            read_session, live.staff, secret, live.session_rule, clock=live.clock, touch=not _in_background(request)
        )
        member = signed_in.member
        person = Person(member, signed_in.session, signed_in.form_word)
        actor = Actor(member.log_id, str(UUID(bytes=member.staff_id)), role_of(member.role), member.sites, person)
        request.state.actor = actor
        if request.method not in ("GET", "HEAD"):
            require_own_page(request)
            word = (await read_form(request)).one("word")
            if not hmac.compare_digest(word.encode("utf-8", "backslashreplace"), person.form_word.encode()):
                raise Forbidden("This form is not of your present session. Open its page again, and send it then.")
        return actor


def _in_background(request: Request) -> bool:
    """Tell whether a page asks by itself: a desk that nobody sits at must not stay open."""
    return request.headers.get("accept", "").startswith("text/event-stream")
