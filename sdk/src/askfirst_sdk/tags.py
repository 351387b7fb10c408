"""HTML for templates: a tag that is live where consent was given and held where it was not, never both."""

import re
from collections.abc import Mapping
from html import escape
from typing import Protocol

from .errors import ConfigurationError
from .fetch import checked_service_url
from .receipt import is_purpose, is_site_key

__all__ = ["Html", "attribute_text", "embed_tag", "gated_html", "script_tag"]

_ATTRIBUTE = re.compile(r"[a-z][a-z0-9-]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
# What would end the script early, or make the page's parser overlook its end.
_ENDS_SCRIPT = re.compile(r"</script|<!--|<script", re.IGNORECASE)
_ENDS_TEMPLATE = re.compile(r"</?template", re.IGNORECASE)
_RESERVED = frozenset({"src", "nonce", "type", "data-purpose", "data-type"})


class Allowing(Protocol):
    """What knows consent: a `Consent`, or one that is still to be read."""

    def allows(self, purpose: str) -> bool:
        """Say whether the visitor consented to `purpose`."""


class Html(str):
    """Text that is HTML already, so that template engines which escape (Jinja, Django) put it in as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the text; what MarkupSafe and Django ask for."""
        return str(self)


def script_tag(
    consent: Allowing,
    purpose: str,
    *,
    src: str | None = None,
    inline: str | None = None,
    attributes: Mapping[str, str | bool] | None = None,
    nonce: str | None = None,
) -> Html:
    """Return a `<script>` for `src` or with `inline` code: live if `consent` allows `purpose`, else held as
    `type="text/plain"`, which no browser loads and the snippet releases after a consent in the page. Both name the
    purpose in `data-purpose`, by which the snippet knows what runs already.

    `attributes` may hold `type` (`module`, say), kept for the release as `data-type`; True stands for an attribute
    without value, False leaves it out. Everything is escaped. Raises ConfigurationError for what can not be put into a
    script safely: a bad purpose or attribute name, or inline code with `</script`, `<script` or `<!--`.
    """
    if not is_purpose(purpose):
        raise ConfigurationError(f"{purpose!r} is no purpose id")
    if (src is None) == (inline is None):
        raise ConfigurationError("a script has either src or inline code")
    if inline is not None and _ENDS_SCRIPT.search(inline):
        raise ConfigurationError("inline code can not hold </script, <script or <!--: write them as '<' + '...'")
    given = dict(attributes or {})
    script_type = given.pop("type", None)
    written: dict[str, str | bool | None] = {"type": script_type}
    if not consent.allows(purpose):
        written = {"type": "text/plain", "data-type": script_type}
    written |= {"data-purpose": purpose, "src": src, "nonce": nonce}
    return Html(f"<script{attribute_text(written)}{attribute_text(_checked(given))}>{inline or ''}</script>")


def gated_html(consent: Allowing, purpose: str, html: str) -> Html:
    """Return `html`, written by the developer, as it is if `consent` allows `purpose`; else held in
    `<template data-purpose="...">`, whose content a browser neither shows nor loads: it comes with the next page after
    a consent. Raises ConfigurationError for a bad purpose id or for HTML with a template of its own."""
    if not is_purpose(purpose):
        raise ConfigurationError(f"{purpose!r} is no purpose id")
    if _ENDS_TEMPLATE.search(html):
        raise ConfigurationError("gated HTML can not hold a <template>")
    if consent.allows(purpose):
        return Html(html)
    return Html(f"<template{attribute_text({'data-purpose': purpose})}>{html}</template>")


def embed_tag(service_url: str, site: str, language: str | None = None, nonce: str | None = None) -> Html:
    """Return the line that brings the banner: the site's script from the service, in `language` if one is given. Raises
    ConfigurationError for a malformed address, site key or language."""
    checked_service_url(service_url)
    if not is_site_key(site):
        raise ConfigurationError(f"{site!r} is no site key")
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise ConfigurationError(f"{language!r} is no language tag")
    path = site if language is None else f"{site}/{language}"
    src = f"{service_url.rstrip('/')}/s/{path}.js"
    return Html(f"<script{attribute_text({'async': True, 'src': src, 'nonce': nonce})}></script>")


def _checked(attributes: Mapping[str, str | bool]) -> Mapping[str, str | bool]:
    for name in attributes:
        if not isinstance(name, str) or not _ATTRIBUTE.fullmatch(name) or name in _RESERVED:
            raise ConfigurationError(f"{name!r} can not be among the attributes")
    return attributes


def attribute_text(attributes: Mapping[str, str | bool | None]) -> str:
    """Return attributes as they stand in a tag, with a space before each, their values escaped. True stands for one
    without value; None and False leave it out. The names are the caller's own."""
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    )
