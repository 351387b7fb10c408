"""Addresses of the console that somebody else names: they lead to its own pages, whatever they ask for."""

from typing import Final
from urllib.parse import quote, urlsplit

HOME: Final = "/console"
START: Final = f"{HOME}/openid/start"
CALLBACK: Final = f"{HOME}/openid/callback"


def next_address(wanted: str) -> str:
    """Return where to go after signing in: a page of the console, whatever the address asked for."""
    parts = urlsplit(wanted) if wanted.isprintable() and len(wanted) <= 2000 else urlsplit("")
    inside = parts.path == HOME or parts.path.startswith(f"{HOME}/")
    if parts.scheme or parts.netloc or not inside or "\\" in wanted or "//" in parts.path:
        return HOME
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def sign_in_address(wanted: str) -> str:
    """Return the sign-in page's address that leads back to `wanted` (path and query)."""
    inside = next_address(wanted)
    return f"{HOME}/sign-in" + ("" if inside == HOME else f"?next={quote(inside, safe='')}")
