"""Believe a proxy about whom it asks for; a request that came without one costs nothing."""

from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_NAMES: Final = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})


class Forwarded:
    """Hands what has a proxy's headers to uvicorn's middleware, which looks whom to believe, and the rest past it."""

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        """Take the application that follows, and the addresses and networks of proxies, separated by commas."""
        self._app = app
        believed: Any = ProxyHeadersMiddleware(app, trusted_hosts=trusted)  # type: ignore[arg-type]
        self._believed: ASGIApp = believed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        for name, _ in scope.get("headers", ()):
            if name in _NAMES:
                await self._believed(scope, receive, send)
                return
        await self._app(scope, receive, send)
