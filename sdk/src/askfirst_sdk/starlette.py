"""Consent in Starlette, FastAPI and Litestar: one middleware, and functions of the request."""

from typing import TYPE_CHECKING

from .asgi import (
    SCOPE_KEY,
    Application,
    ConsentMiddleware,
    InjectionMiddleware,
    LazyConsent,
    Locate,
    Receive,
    Scope,
    Send,
)
from .client import Askfirst
from .consent import Consent
from .errors import ConfigurationError
from .inject import Snippets
from .page import Page

if TYPE_CHECKING:
    # For types only: the framework is never a dependency of the SDK.
    from starlette.requests import HTTPConnection

__all__ = ["AskfirstMiddleware", "consent_of", "lazy_consent_of", "page_of"]

_MIDDLEWARE_KEY = "askfirst.middleware"


class AskfirstMiddleware(ConsentMiddleware):
    """For `app.add_middleware(AskfirstMiddleware, askfirst=askfirst)`, and in Litestar for
    `DefineMiddleware(AskfirstMiddleware, askfirst=askfirst)`.

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
    ) -> None:
        inner = app if inject is None else InjectionMiddleware(app, inject)
        super().__init__(inner, askfirst, region)
        self.mount = mount

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        scope[_MIDDLEWARE_KEY] = self
        await super().__call__(scope, receive, send)


def consent_of(request: "HTTPConnection") -> Consent:
    """Return the consent of the visitor who sent this request; raise ConfigurationError if the middleware is not
    installed."""
    return lazy_consent_of(request).read()


def lazy_consent_of(request: "HTTPConnection") -> LazyConsent:
    """Return the same without reading it yet, to hand to a template that may or may not ask."""
    consent = request.scope.get(SCOPE_KEY)
    if not isinstance(consent, LazyConsent):
        raise ConfigurationError("AskfirstMiddleware is not installed: app.add_middleware(AskfirstMiddleware, ...)")
    return consent


def page_of(request: "HTTPConnection", *, language: str | None = None, nonce: str | None = None) -> Page:
    """Return what makes the pieces of HTML for the response to this request."""
    middleware = request.scope.get(_MIDDLEWARE_KEY)
    consent = lazy_consent_of(request)
    if not isinstance(middleware, AskfirstMiddleware):
        raise ConfigurationError("AskfirstMiddleware is not installed: app.add_middleware(AskfirstMiddleware, ...)")
    query = request.scope.get("query_string", b"").decode("latin-1")
    path = request.scope["path"] + (f"?{query}" if query else "")
    return Page(middleware.askfirst, consent, mount=middleware.mount, language=language, nonce=nonce, path=path)
