"""How programs show who they are: a bearer token (RFC 6750)."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import Unauthorized
from askfirst.usecases.mandates import role_of
from askfirst.usecases.tokens import read_token
from askfirst.web.live import Live
from askfirst.web.staff_routes import Actor


class BearerDoor:
    """The door of the audit API."""

    def __init__(self, live: Live) -> None:
        """Take what handlers share."""
        self._live = live

    async def __call__(self, request: Request) -> Actor:
        """Return the program that asks. Raises Unauthorized."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized
        token = await run_in_threadpool(read_token, self._live.staff, secret.strip(), clock=self._live.clock)
        return Actor(token.log_id, f"token:{token.name}", role_of(token.role), token.sites)
