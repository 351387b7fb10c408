"""What the project's settings say, made into objects once a process."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from ..accounts import Accounts
from ..client import Askfirst
from ..errors import ConfigurationError
from ..inject import Snippets
from ..lazy import LazyConsent
from ..mount.core import Mount
from ..mount.wsgi import WsgiMount
from ..page import Page
from ..pins import Pins

__all__ = ["accounts", "askfirst", "consent_of", "injected", "mounted", "page_of", "pins", "region"]


# Settings that are not those of `Askfirst` itself.
_ELSEWHERE = frozenset({"accounts", "inject", "mount", "pins", "region"})


@cache
def askfirst() -> Askfirst:
    """Return the project's `Askfirst`."""
    given = _settings()
    return Askfirst(**{name: value for name, value in given.items() if name not in _ELSEWHERE})


@cache
def mounted() -> WsgiMount | None:
    """Return the mount, or None where the settings have none."""
    given = _settings().get("mount")
    return None if given is None else WsgiMount(Mount(askfirst(), accounts=accounts(), **given))


@cache
def accounts() -> Accounts | None:
    """Return what ties choices to accounts, or None where the settings do not."""
    given = _settings().get("accounts")
    return None if given is None else Accounts(askfirst(), **given)


@cache
def injected() -> Snippets | None:
    """Return what goes into the head of pages, or None."""
    given = _settings().get("inject")
    return None if given is None else Snippets(given)


@cache
def pins() -> Pins | None:
    """Return the pinned lines of the file that the settings name, or None."""
    given = _settings().get("pins")
    return None if given is None else Pins.read(given, site=askfirst().site)


def region() -> Callable[[HttpRequest], str | None] | None:
    """Return the project's function that says where a visitor is, or None."""
    found: Callable[[HttpRequest], str | None] | None = _settings().get("region")
    return found


def mount_path() -> str | None:
    """Return where the mount is, or None."""
    given = _settings().get("mount")
    return None if given is None else str(given.get("path", "/askfirst"))


def consent_of(request: HttpRequest) -> LazyConsent:
    """Return the consent of the visitor who sent this request, unread; raise ConfigurationError if the middleware is
    not installed."""
    consent = getattr(request, "consent", None)
    if not isinstance(consent, LazyConsent):
        raise ConfigurationError('"askfirst_sdk.django.middleware.AskfirstMiddleware" is not in MIDDLEWARE')
    return consent


def page_of(request: HttpRequest) -> Page:
    """Return what makes the pieces of HTML for the response to this request."""
    locate = region()
    nonce = getattr(request, "csp_nonce", None) or getattr(request, "_csp_nonce", None)
    return Page(
        askfirst(),
        consent_of(request),
        mount=mount_path(),
        language=get_language(),
        nonce=None if not nonce else str(nonce),
        path=request.get_full_path(),
        region=None if locate is None else locate(request),
    )


def _settings() -> dict[str, Any]:
    given = getattr(settings, "ASKFIRST", None)
    if not isinstance(given, dict):
        raise ConfigurationError(
            'the setting ASKFIRST is missing: ASKFIRST = {"site": "...", "service_url": "https://..."}'
        )
    return given
