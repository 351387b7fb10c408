"""Ready bytes for the hottest address: each site's script, compressed once, answered from memory."""

import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import brotli

from askfirst.core.errors import MethodNotAllowed, NotFound, Problem, UnknownSite
from askfirst.usecases.directory import Directory
from askfirst.web.problems import STATUS, problem_body, problem_headers

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

JAVASCRIPT = "text/javascript; charset=utf-8"
JSON = "application/json"

NAMED_BY_SITE = b"public, max-age=300, stale-while-revalidate=86400"
NAMED_BY_DIGEST = b"public, max-age=31536000, immutable"

# A part that is fetched later, under the name that it has in one release.
_OF_A_RELEASE = re.compile(r"^(/f/[a-z]+)-[0-9a-f]{12}(?=\.js$)")
_SITE_SCRIPT = re.compile(r"/s/(?P<key>[^/]+?)(/[^/]+)?\.js")


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoding of a script: its bytes, its entity tag, and the headers of 200 and 304."""

    body: bytes
    etag: bytes
    ok: RawHeaders
    unchanged: RawHeaders


@dataclass(frozen=True, slots=True)
class Script:
    """A body in its three encodings."""

    brotli: Variant
    gzip: Variant
    plain: Variant


def script(text: bytes, *, cache: bytes, media_type: str = JAVASCRIPT) -> Script:
    """Return a body ready to be served under the given `Cache-Control`."""
    return Script(
        brotli=_variant(brotli.compress(text, quality=11, mode=brotli.MODE_TEXT), b"br", cache, media_type),
        gzip=_variant(gzip.compress(text, compresslevel=9, mtime=0), b"gzip", cache, media_type),
        plain=_variant(text, None, cache, media_type),
    )


def _variant(body: bytes, encoding: bytes | None, cache: bytes, media_type: str) -> Variant:
    etag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    unchanged = [
        (b"etag", etag),
        (b"cache-control", cache),
        (b"vary", b"Accept-Encoding"),
        (b"access-control-allow-origin", b"*"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"timing-allow-origin", b"*"),
        (b"x-content-type-options", b"nosniff"),
    ]
    ok = [
        *unchanged,
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    if encoding:
        ok.append((b"content-encoding", encoding))
    return Variant(body, etag, ok, unchanged)


def choose(ready: Script, accept_encoding: bytes) -> Variant:
    """Return the smallest encoding that the client accepts."""
    if not accept_encoding:
        return ready.plain
    accepted = _accepted(accept_encoding)
    others = accepted.get(b"*", False)
    if accepted.get(b"br", others):
        return ready.brotli
    if accepted.get(b"gzip", others):
        return ready.gzip
    return ready.plain


def accepts_gzip(accept_encoding: bytes) -> bool:
    """Tell whether the client accepts gzip."""
    accepted = _accepted(accept_encoding)
    return accepted.get(b"gzip", accepted.get(b"*", False))


def _accepted(accept_encoding: bytes) -> dict[bytes, bool]:
    """Return which encodings an Accept-Encoding header takes or refuses (RFC 9110, 12.5.3: a weight of zero)."""
    accepted: dict[bytes, bool] = {}
    for part in accept_encoding.lower().split(b","):
        name, _, weight = part.partition(b";")
        refused = weight.replace(b" ", b"") in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
        accepted[name.strip()] = not refused
    return accepted


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Tell whether an If-None-Match header names the entity tag (RFC 9110, 13.1.2: weak comparison)."""
    return if_none_match.strip() == b"*" or any(
        one.strip().removeprefix(b"W/") == etag for one in if_none_match.split(b",")
    )


class ScriptEndpoint:
    """GET and HEAD of `/s/…`, `/b/…`, `/c/…` and `/f/…`: a plain ASGI app, since every page asks here."""

    def __init__(self, scripts: Callable[[], Mapping[str, Script]], directory: Callable[[], Directory]) -> None:
        """Take a way to the present scripts, keyed by their path, and to the present directory."""
        self._scripts = scripts
        self._directory = directory

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> int:
        """Answer one request and return the answer's status."""
        if scope["method"] not in ("GET", "HEAD"):
            return await send_problem(send, MethodNotAllowed(["GET", "HEAD"]))
        path = scope["path"]
        scripts = self._scripts()
        ready = scripts.get(path) or scripts.get(_OF_A_RELEASE.sub(r"\1", path))
        if ready is None:
            return await send_problem(send, self._missing(path))
        return await send_script(scope, send, ready)

    def _missing(self, path: str) -> Problem:
        """Return what is missing: the site, or the language, policy or build."""
        named = _SITE_SCRIPT.fullmatch(path)
        try:
            if named:
                self._directory().site(named["key"])
        except UnknownSite as unknown:
            return unknown
        return NotFound()


async def send_script(scope: Scope, send: Send, ready: Script) -> int:
    """Answer with a ready body: 304 where the client has it, headers only for HEAD. Return the status."""
    accept_encoding = if_none_match = b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accept_encoding = value
        elif name == b"if-none-match":
            if_none_match = value
    variant = choose(ready, accept_encoding)
    if if_none_match and matches(if_none_match, variant.etag):
        await send({"type": "http.response.start", "status": 304, "headers": variant.unchanged})
        await send({"type": "http.response.body", "body": b""})
        return 304
    await send({"type": "http.response.start", "status": 200, "headers": variant.ok})
    await send({"type": "http.response.body", "body": variant.body if scope["method"] == "GET" else b""})
    return 200


async def send_problem(send: Send, problem: Any, extra: RawHeaders | None = None) -> int:
    """Answer with a problem document and return its status."""
    body = problem_body(problem)
    headers = [(name.lower().encode(), value.encode()) for name, value in problem_headers(problem).items()]
    headers += [(b"content-length", str(len(body)).encode()), *(extra or [])]
    status = STATUS[problem.code]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return status
