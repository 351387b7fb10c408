"""Believe a proxy about whom it asks for; a request that came without one costs nothing."""

import ipaddress
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from askfirst.core.errors import ConfigurationFault

# The variable that uvicorn, gunicorn and what starts them have for it.
SETTING: Final = "FORWARDED_ALLOW_IPS"
LOOPBACK: Final = "127.0.0.1,::1"

_NAMES: Final = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})
_MAPPED: Final = "::ffff:"


class Forwarded:
    """Hands what has a proxy's headers to uvicorn's middleware, which looks whom to believe, and the rest past it."""

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        """Take the application that follows, and the addresses and networks of proxies, separated by commas."""
        self._app = app
        believed: Any = ProxyHeadersMiddleware(app, trusted_hosts=require_proxies(trusted))  # type: ignore[arg-type]
        self._believed: ASGIApp = believed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        for name, _ in scope.get("headers", ()):
            if name in _NAMES:
                await self._believed(_plain(scope), receive, send)
                return
        await self._app(scope, receive, send)


def require_proxies(text: str) -> list[str]:
    """Return the addresses and networks of proxies, or `*` for everybody. Raises ConfigurationFault for anything else:
    uvicorn takes it for the name of a socket, and believes nobody."""
    named = [one.strip() for one in text.split(",") if one.strip()]
    if named == ["*"]:
        return named
    try:
        return [str(ipaddress.ip_network(one) if "/" in one else ipaddress.ip_address(one)) for one in named]
    except ValueError:
        said = "must be addresses or networks such as 10.0.0.0/8 or 192.0.2.7, separated by commas"
        raise ConfigurationFault([(SETTING, said)]) from None


def _plain(scope: Scope) -> Scope:
    """Return a scope with an IPv4 address as such, which a socket for both kinds of addresses writes in IPv6."""
    client = scope.get("client")
    if client is not None and client[0].startswith(_MAPPED) and "." in client[0]:
        scope["client"] = (client[0].removeprefix(_MAPPED), *client[1:])
    return scope
