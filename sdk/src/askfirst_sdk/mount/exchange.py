"""What passes through the mount, and the calls that it makes to the service; no input or output in here."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..encoding import json_encode

__all__ = ["Call", "Incoming", "Outgoing", "Reply", "Steps", "problem"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A browser's request below the mount: `path` without the mount's own part, header names in lower case, and the
    address that it came from as the web server tells it. `request` is the stack's own: an ASGI scope, a WSGI environ,
    Django's request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    query: str = ""
    scheme: str = "https"
    address: str | None = None
    request: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The answer to it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the service; at most `limit` bytes of the answer are read."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    limit: int = 65_536


@dataclass(frozen=True, slots=True)
class Reply:
    """The service's answer, header names in lower case; `status` is 0 where there was none in time."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


# One request's work: it yields calls to the service, is sent their replies, and returns the answer.
Steps = Generator[Call, Reply, Outgoing]


def problem(status: int, code: str, title: str, detail: str, *more: tuple[str, str]) -> Outgoing:
    """Return a problem document (RFC 9457) as the service writes them."""
    body = json_encode({"type": f"/problems/{code}", "title": title, "status": status, "detail": detail})
    headers = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store"), *more]
    return Outgoing(status, headers, body)
