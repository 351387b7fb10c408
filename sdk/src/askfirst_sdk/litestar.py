"""Consent in Litestar: `DefineMiddleware(AskfirstMiddleware, askfirst=askfirst)`, and functions of the connection."""

from typing import Any

from litestar.connection import ASGIConnection

from .asgi import AskfirstMiddleware, LazyConsent, consent_of_scope, page_of_scope
from .consent import Consent
from .page import Page

Connection = ASGIConnection[Any, Any, Any, Any]

__all__ = ["AskfirstMiddleware", "consent_of", "lazy_consent_of", "page_of"]


def consent_of(connection: Connection) -> Consent:
    """Return the consent of the visitor who sent this request; raise ConfigurationError if the middleware is not
    installed."""
    return consent_of_scope(connection.scope).read()


def lazy_consent_of(connection: Connection) -> LazyConsent:
    """Return the same without reading it yet, to hand to a template that may or may not ask."""
    return consent_of_scope(connection.scope)


def page_of(connection: Connection, *, language: str | None = None, nonce: str | None = None) -> Page:
    """Return what makes the pieces of HTML for the response to this request."""
    return page_of_scope(connection.scope, language=language, nonce=nonce)
