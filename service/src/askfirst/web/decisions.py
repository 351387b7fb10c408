"""POST /d/KEY: a visitor's decision. A plain ASGI app, since every visitor's answer comes through here."""

from askfirst.core.decision import MAX_BODY_BYTES
from askfirst.core.errors import (
    BodyTooLarge,
    MalformedBody,
    MethodNotAllowed,
    Problem,
    RateLimited,
    UnsupportedContentType,
)
from askfirst.usecases.record_decision import check_page, record_decision
from askfirst.web.limits import AddressLimit
from askfirst.web.live import Live
from askfirst.web.scripts import RawHeaders, Receive, Scope, Send, send_problem
from askfirst.web.server_decisions import Mounts

_TYPES = (b"application/json", b"text/plain")
_ANSWER_HEADERS: RawHeaders = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class _Gone(Exception):  # noqa: N818 - no error of ours: the client hung up
    """The client went away before its body was complete."""


class DecisionEndpoint:
    """The decision's door: origin, type and size first, then one use case."""

    def __init__(self, live: Live, limit: AddressLimit) -> None:
        """Take what handlers share, and the limit per address."""
        self._live = live
        self.limit = limit
        self.mounts = Mounts(live, limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Answer one request and return the answer's status; 0 where nobody waits for one."""
        cors: RawHeaders = [(b"vary", b"Origin")]
        try:
            origin, content_type, length = _headers(scope)
            site = self._live.directory.site(scope["path"].removeprefix("/d/"))
            if origin in site.site.origins:
                cors.append((b"access-control-allow-origin", origin.encode()))
            if scope["method"] not in ("POST", "OPTIONS"):
                raise MethodNotAllowed(["POST", "OPTIONS"])
            page = check_page(site, origin)
            if scope["method"] == "OPTIONS":
                return await _preflight(send, cors)
            if content_type not in _TYPES:
                raise UnsupportedContentType
            told = await self.mounts.told(scope, site)
            wait = self.limit.wait(told.visitor, site.site.site_key)
            if wait:
                raise RateLimited(wait)
            body = await _body(receive, length)
            recorder = self._live.current.recorders[site.site.log_id]
            answer = await record_decision(recorder, site, page, body, account=told.account)
        except Problem as problem:
            return await send_problem(send, problem, cors)
        except _Gone:
            return 0
        headers = [*_ANSWER_HEADERS, *cors, (b"content-length", str(len(answer.body)).encode())]
        status = 201 if answer.first else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
        return status


def _headers(scope: Scope) -> tuple[str | None, bytes, int | None]:
    """Return origin, content type without parameters, and the declared length."""
    origins, content_type, length = [], b"", None
    for name, value in scope["headers"]:
        if name == b"origin":
            origins.append(value.decode("latin-1"))
        elif name == b"content-type":
            content_type = value.partition(b";")[0].strip().lower()
        elif name == b"content-length" and value.isdigit():
            length = int(value)
    # Two origins are as good as none: nobody can say which page asked.
    return (origins[0] if len(origins) == 1 else None), content_type, length


async def _body(receive: Receive, length: int | None) -> bytes:
    if length is not None and length > MAX_BODY_BYTES:
        raise BodyTooLarge(MAX_BODY_BYTES)
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge(MAX_BODY_BYTES)
        if not message.get("more_body", False):
            break
    if not body:
        raise MalformedBody("it is empty")
    return body


async def _preflight(send: Send, cors: RawHeaders) -> int:
    headers = [
        *cors,
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", b"content-type"),
        (b"access-control-max-age", b"7200"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
    return 204
