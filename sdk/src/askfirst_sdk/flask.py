"""Consent in Flask: an extension, and functions for its templates."""

from typing import TYPE_CHECKING, Any

from .client import Askfirst
from .errors import ConfigurationError
from .inject import Snippets
from .lazy import LazyConsent
from .mount.core import Mount
from .mount.wsgi import WsgiMount
from .page import Page
from .wsgi import ConsentMiddleware, InjectionMiddleware, Locate, consent_of

if TYPE_CHECKING:
    # For types only: the framework is never a dependency of the SDK.
    from flask import Flask

__all__ = ["AskfirstExtension", "current_consent", "current_page"]


class AskfirstExtension:
    """For `AskfirstExtension(askfirst, app)`, or `init_app` later.

    Templates get `consent` and `askfirst` (the `Page` of this response: `{{ askfirst.embed() }}`). With `mount` its
    paths are answered before Flask sees them; `inject` goes into the head of pages of those who allow it; `nonce` is a
    function that returns the nonce of the present response.
    """

    def __init__(
        self,
        askfirst: Askfirst,
        app: "Flask | None" = None,
        *,
        mount: Mount | None = None,
        inject: Snippets | None = None,
        region: Locate | None = None,
        nonce: Any = None,
        language: Any = None,
    ) -> None:
        self.askfirst = askfirst
        self.mount = mount
        self.nonce = nonce
        self.language = language
        self.region = region
        self._inject = inject
        if app is not None:
            self.init_app(app)

    def init_app(self, app: "Flask") -> None:
        """Put the SDK around an application."""
        inner = app.wsgi_app
        if self._inject is not None:
            inner = InjectionMiddleware(inner, self._inject)
        accounts = None if self.mount is None else self.mount.accounts
        inner = ConsentMiddleware(inner, self.askfirst, self.region, accounts)
        if self.mount is not None:
            inner = WsgiMount(self.mount, inner)
        app.wsgi_app = inner  # type: ignore[method-assign]
        app.extensions["askfirst"] = self
        app.context_processor(lambda: {"consent": current_consent(), "askfirst": current_page()})


def current_consent() -> LazyConsent:
    """Return the consent of the visitor of the present request, unread."""
    from flask import request  # noqa: PLC0415  # imported by those who have it

    return consent_of(request.environ)


def current_page() -> Page:
    """Return what makes the pieces of HTML for the present response."""
    from flask import current_app, request  # noqa: PLC0415

    extension = current_app.extensions.get("askfirst")
    if not isinstance(extension, AskfirstExtension):
        raise ConfigurationError("AskfirstExtension(askfirst, app) was not called for this application")
    return Page(
        extension.askfirst,
        current_consent(),
        mount=None if extension.mount is None else extension.mount.path,
        language=None if extension.language is None else extension.language(),
        nonce=None if extension.nonce is None else extension.nonce(),
        path=request.full_path.rstrip("?"),
        region=None if extension.region is None else extension.region(request.environ),
    )
