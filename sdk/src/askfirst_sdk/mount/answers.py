"""The answers that several ways of the mount give, and reading what others sent."""

import json
from collections.abc import Mapping

from .exchange import Outgoing, Reply, problem

__all__ = ["NO_SNIFF", "NO_STORE", "away", "code_of", "first", "foreign", "html_page", "members"]

NO_SNIFF = ("X-Content-Type-Options", "nosniff")
NO_STORE = ("Cache-Control", "no-store")
_PAGE_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def foreign() -> Outgoing:
    """Return the refusal of what no page of this site sent."""
    return problem(403, "origin-not-allowed", "Origin not allowed", "This was not sent by a page of this site.")


def away() -> Outgoing:
    """Return the answer while the service is away."""
    return problem(503, "unavailable", "Unavailable", "The service can not be reached.", ("Retry-After", "5"))


def html_page(status: int, html: str, *more: tuple[str, str]) -> Outgoing:
    """Return a page of the mount's own."""
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        NO_STORE,
        NO_SNIFF,
        ("Referrer-Policy", "same-origin"),
        ("Content-Security-Policy", _PAGE_POLICY),
        *more,
    ]
    return Outgoing(status, headers, html.encode())


def members(body: bytes) -> dict[str, object]:
    """Return the members of a JSON object, none where it is no such thing."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def code_of(reply: Reply) -> str:
    """Return the last part of a problem's type."""
    return str(members(reply.body).get("type", "")).rpartition("/")[2]


def first(form: Mapping[str, list[str]], name: str) -> str | None:
    """Return the first value of a field, None where it is empty or not there."""
    return form.get(name, [None])[0] or None
