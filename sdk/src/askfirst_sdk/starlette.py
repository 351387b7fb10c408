"""Consent in Starlette and FastAPI: one middleware, and functions of the request, which FastAPI takes as
dependencies."""

from starlette.requests import HTTPConnection

from .asgi import AskfirstMiddleware, LazyConsent, consent_of_scope, page_of_scope
from .consent import Consent
from .page import Page

__all__ = ["AskfirstMiddleware", "consent_of", "lazy_consent_of", "page_of"]


def consent_of(request: HTTPConnection) -> Consent:
    """Return the consent of the visitor who sent this request; raise ConfigurationError if the middleware is not
    installed."""
    return consent_of_scope(request.scope).read()


def lazy_consent_of(request: HTTPConnection) -> LazyConsent:
    """Return the same without reading it yet, to hand to a template that may or may not ask."""
    return consent_of_scope(request.scope)


def page_of(request: HTTPConnection, *, language: str | None = None, nonce: str | None = None) -> Page:
    """Return what makes the pieces of HTML for the response to this request."""
    return page_of_scope(request.scope, language=language, nonce=nonce)
