"""Consent in Starlette and FastAPI: one middleware, one function."""

from typing import TYPE_CHECKING

from .asgi import SCOPE_KEY, ConsentMiddleware, LazyConsent
from .consent import Consent
from .errors import ConfigurationError

if TYPE_CHECKING:
    # For types only: the framework is never a dependency of the SDK.
    from starlette.requests import HTTPConnection

__all__ = ["AskfirstMiddleware", "consent_of", "lazy_consent_of"]


class AskfirstMiddleware(ConsentMiddleware):
    """For `app.add_middleware(AskfirstMiddleware, askfirst=askfirst)`."""


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
