"""Consent in any ASGI application: read when it is asked for, and kept out of shared caches when it was."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from .client import Askfirst
from .consent import Consent
from .cookie import is_loopback
from .reason import Reason

__all__ = ["SCOPE_KEY", "ConsentMiddleware", "LazyConsent"]

SCOPE_KEY = "askfirst.consent"

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_Header = tuple[bytes, bytes]
_MARK = (b"cache-control", b"private, no-cache")
# Any of these says that a proxy stands in front, so that a Host of this very machine is not what the browser asked for.
_BY_A_PROXY = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"})


class LazyConsent:
    """A `Consent` that is read from the request with the first question put to it.

    It answers everything that `Consent` answers. Asked for the first time when the response is already on its way with
    headers that let a shared cache keep it, it allows nothing, with the reason `too_late`.
    """

    __slots__ = ("_consent", "_read", "_sent_cacheable", "cached_by_key")

    def __init__(self, read: Callable[[], Consent]) -> None:
        self._read = read
        self._consent: Consent | None = None
        self._sent_cacheable = False
        self.cached_by_key = False

    @property
    def was_read(self) -> bool:
        """Whether anything was asked."""
        return self._consent is not None

    def read(self) -> Consent:
        """Return the consent itself."""
        if self._consent is None:
            self._consent = Consent(reason=Reason.TOO_LATE) if self._sent_cacheable else self._read()
        return self._consent

    def leave_cache_control(self) -> None:
        """Say that the application itself sees to caching: what it sends is stored under a key derived from consent, so
        the response's headers stay as they are."""
        self.cached_by_key = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.read(), name)

    def headers_to_send(self, headers: Iterable[_Header]) -> list[_Header]:
        """Return the response's headers as they go out: marked if consent was read and they were not strict enough."""
        sent = list(headers)
        if self.cached_by_key or _kept_by_nobody(sent):
            return sent
        if not self.was_read:
            self._sent_cacheable = True
            return sent
        kept = [header for header in sent if header[0].lower() != _MARK[0] and not _tells_cdn(header[0])]
        return [*kept, _MARK]


class ConsentMiddleware:
    """Pure ASGI middleware that puts a `LazyConsent` at `scope["askfirst.consent"]`.

    A response to a request whose consent was read before the first byte of its body gets
    `Cache-Control: private, no-cache`, unless it says `no-store` or both of these already.
    """

    def __init__(self, app: Application, askfirst: Askfirst) -> None:
        self.app = app
        self.askfirst = askfirst

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        consent = LazyConsent(lambda: self._read(scope))
        scope[SCOPE_KEY] = consent
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        # The start waits for the first piece of the body, since a streaming response renders that piece afterwards.
        waiting: Message | None = None

        async def flush() -> None:
            nonlocal waiting
            if waiting is not None:
                start, waiting = waiting, None
                await send({**start, "headers": consent.headers_to_send(start.get("headers", ()))})

        async def send_marked(message: Message) -> None:
            nonlocal waiting
            if message["type"] == "http.response.start":
                waiting = message
                return
            await flush()
            await send(message)

        await self.app(scope, receive, send_marked)
        await flush()

    def _read(self, scope: Scope) -> Consent:
        headers: list[_Header] = list(scope["headers"])
        cookies = b"; ".join(value for name, value in headers if name == b"cookie")
        return self.askfirst.read(
            cookies, headers=headers, loopback=_is_plain_loopback(scope.get("scheme", "http"), headers)
        )


def _is_plain_loopback(scheme: str, headers: list[_Header]) -> bool:
    """Say whether the browser itself asked over plain http for a loopback host."""
    hosts = [value for name, value in headers if name == b"host"]
    proxied = any(name in _BY_A_PROXY for name, _ in headers)
    return scheme in {"http", "ws"} and len(hosts) == 1 and not proxied and is_loopback(hosts[0].decode("latin-1"))


def _kept_by_nobody(headers: list[_Header]) -> bool:
    if any(_tells_cdn(name) for name, _ in headers):
        return False
    values = [value for name, value in headers if name.lower() == b"cache-control"]
    said = {directive.strip().lower() for value in values for directive in value.split(b",")}
    return b"no-store" in said or {b"private", b"no-cache"} <= said


def _tells_cdn(name: bytes) -> bool:
    # RFC 9213: such a header wins over Cache-Control, so none may stay.
    return name.lower() == b"surrogate-control" or name.lower().endswith(b"-cache-control")
