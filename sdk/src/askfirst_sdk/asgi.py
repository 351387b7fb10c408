"""Consent in any ASGI application: read when it is asked for, and kept out of shared caches when it was."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, cast

from .accounts import Accounts
from .client import Askfirst
from .consent import Consent
from .cookie import is_loopback
from .errors import ConfigurationError
from .inject import Injection, Snippets
from .lazy import Header, LazyConsent
from .page import Page

__all__ = [
    "SCOPE_KEY",
    "AskfirstMiddleware",
    "ConsentMiddleware",
    "InjectionMiddleware",
    "LazyConsent",
    "consent_of_scope",
    "page_of_scope",
]

SCOPE_KEY = "askfirst.consent"
_MIDDLEWARE_KEY = "askfirst.middleware"

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Says where the visitor of a connection is, `US-CA`, from a source that the site trusts.
Locate = Callable[[Scope], str | None]

# Any of these says that a proxy stands in front, so that a Host of this very machine is not what the browser asked for.
_BY_A_PROXY = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"})


class ConsentMiddleware:
    """Pure ASGI middleware that puts a `LazyConsent` at `scope["askfirst.consent"]`.

    A response to a request whose consent was read before the first byte of its body gets
    `Cache-Control: private, no-cache`, unless it says `no-store` or both of these already.
    """

    def __init__(
        self, app: Application, askfirst: Askfirst, region: Locate | None = None, accounts: Accounts | None = None
    ) -> None:
        """Read consent for `app` with `askfirst`. `region` says where the visitor is, for `permitted`;
        with `accounts` a session that is over leaves no account's choice behind."""
        self.app = app
        self.askfirst = askfirst
        self.region = region
        self.accounts = accounts

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
        headers: list[Header] = list(scope["headers"])
        cookies: str | bytes | None = b"; ".join(value for name, value in headers if name == b"cookie")
        loopback = is_plain_loopback(scope.get("scheme", "http"), headers)
        if self.accounts is not None:
            cookies = self.accounts.counting(cookies, scope, loopback=loopback)
        return self.askfirst.read(
            cookies,
            headers=headers,
            loopback=loopback,
            region=None if self.region is None else self.region(scope),
        )


class InjectionMiddleware:
    """Puts HTML into the pages of `app` before `</head>`, for those who allow its purpose. Goes inside of
    `ConsentMiddleware`."""

    def __init__(self, app: Application, snippets: Snippets) -> None:
        self.app = app
        self.snippets = snippets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        consent = consent_of_scope(scope)
        # A file that the server sends by itself would pass us by.
        extensions = {
            name: value for name, value in (scope.get("extensions") or {}).items() if name not in _PAST_THE_BODY
        }
        start: Message = {}
        work: Injection | None = None
        sent = False

        async def send_injected(message: Message) -> None:
            nonlocal start, work, sent
            if message["type"] == "http.response.start":
                start = message
                work = Injection(scope["method"], message["status"], message.get("headers", ()), self.snippets, consent)
                return
            if message["type"] != "http.response.body" or work is None:
                await send(message)
                return
            more = message.get("more_body", False)
            out = work.feed(message.get("body", b""))
            if not more:
                out += work.end()
            if not work.ready:
                return
            if not sent:
                sent = True
                await send({**start, "headers": work.headers})
            if out or not more:
                await send({**message, "body": out})

        await self.app({**scope, "extensions": extensions}, receive, send_injected)
        if work is not None and not sent:
            await send({**start, "headers": work.headers})


_PAST_THE_BODY = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


class AskfirstMiddleware(ConsentMiddleware):
    """All of it in one, for frameworks: `app.add_middleware(AskfirstMiddleware, askfirst=askfirst)`.

    `inject` goes into the head of pages of those who allow it, `region` says where the visitor of a scope is, and
    `mount` is the path of the mount where the site has one, for `page_of`.
    """

    def __init__(
        self,
        app: Application,
        askfirst: Askfirst,
        region: Locate | None = None,
        inject: Snippets | None = None,
        mount: str | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        inner = app if inject is None else InjectionMiddleware(app, inject)
        super().__init__(inner, askfirst, region, accounts)
        self.mount = mount

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        scope[_MIDDLEWARE_KEY] = self
        await super().__call__(scope, receive, send)


def page_of_scope(scope: Mapping[str, Any], *, language: str | None = None, nonce: str | None = None) -> Page:
    """Return what makes the pieces of HTML for the response to this connection; raise ConfigurationError if
    `AskfirstMiddleware` is not installed."""
    middleware = scope.get(_MIDDLEWARE_KEY)
    if not isinstance(middleware, AskfirstMiddleware):
        raise ConfigurationError("AskfirstMiddleware is not installed: app.add_middleware(AskfirstMiddleware, ...)")
    query = scope.get("query_string", b"").decode("latin-1")
    path = scope["path"] + (f"?{query}" if query else "")
    consent = consent_of_scope(scope)
    return Page(
        middleware.askfirst,
        consent,
        mount=middleware.mount,
        language=language,
        nonce=nonce,
        path=path,
        region=None if middleware.region is None else middleware.region(cast(Scope, scope)),
    )


def is_plain_loopback(scheme: str, headers: list[Header]) -> bool:
    """Say whether the browser itself asked over plain http for a loopback host."""
    hosts = [value for name, value in headers if name == b"host"]
    proxied = any(name in _BY_A_PROXY for name, _ in headers)
    return scheme in {"http", "ws"} and len(hosts) == 1 and not proxied and is_loopback(hosts[0].decode("latin-1"))


def consent_of_scope(scope: Mapping[str, Any]) -> LazyConsent:
    """Return the consent of the visitor of this connection, unread; raise ConfigurationError if the middleware is not
    installed."""
    consent = scope.get(SCOPE_KEY)
    if not isinstance(consent, LazyConsent):
        raise ConfigurationError("the middleware is not installed: app.add_middleware(AskfirstMiddleware, ...)")
    return consent
