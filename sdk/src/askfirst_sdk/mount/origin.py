"""Which requests come from the site's own pages, and which addresses are its own."""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from .exchange import Incoming

__all__ = ["own_path", "page_origin", "truncated"]

_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
_MOST_PATH = 2048
_V4_PREFIX, _V6_PREFIX = 24, 48


def page_origin(request: Incoming, origins: Collection[str]) -> str | None:
    """Return the origin of the page that sent this POST, or None unless it is the site's own.

    Own are `origins`, or without them the host that was asked. Browsers name themselves twice: `Origin`, and where the
    address is a secure one `Sec-Fetch-Site`. What they say has to agree; with a policy of no referrer a form's `Origin`
    is `null`, and then the second alone says it.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return None
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if origin in (None, "null"):
        # Never believed without the browser's word that it was a page of this very origin.
        named = [one for one in origins if urlsplit(one).netloc == host] if origins else [f"{request.scheme}://{host}"]
        if not named and len(origins) == 1:
            named = list(origins)  # a proxy asked under another name
        return named[0] if site == "same-origin" and named and host else None
    assert origin is not None  # noqa: S101  # for the type checker
    if origins:
        return origin if origin in origins else None
    parts = urlsplit(origin)
    return origin if parts.netloc == host and host and parts.scheme in ("http", "https") else None


def own_path(text: str | None, host: str) -> str | None:
    """Return the path to go back to: `text` if it is a path of this site, or the path of an address of this host."""
    if not text or len(text) > _MOST_PATH:
        return None
    if "://" in text:
        try:
            parts = urlsplit(text)
        except ValueError:
            return None
        if parts.netloc != host or parts.scheme not in ("http", "https"):
            return None
        text = parts.path + (f"?{parts.query}" if parts.query else "")
    return text if _PATH.fullmatch(text) else None


def truncated(address: str | None) -> str | None:
    """Return an address without what tells one household from its neighbours: the first 24 bits of IPv4, 48 of IPv6."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    prefix = _V4_PREFIX if isinstance(parsed, ipaddress.IPv4Address) else _V6_PREFIX
    return str(ipaddress.ip_network((parsed, prefix), strict=False).network_address)
