"""How programs show who they are: a bearer token (RFC 6750)."""

from starlette.requests import Request

from askfirst.core.errors import Unauthorized
from askfirst.usecases.mandates import role_of
from askfirst.usecases.tokens import look_up_token
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
        token = await look_up_token(self._live.lookups, secret.strip(), clock=self._live.clock)
        return Actor(token.log_id, f"token:{token.name}", role_of(token.role), token.sites)
