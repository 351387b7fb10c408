"""ASGI: consent is read when asked for, and a response that depended on it never ends up in a shared cache."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from askfirst_sdk import Askfirst, Reason
from askfirst_sdk.asgi import SCOPE_KEY, ConsentMiddleware
from askfirst_sdk.errors import ConfigurationError
from askfirst_sdk.starlette import AskfirstMiddleware, consent_of, lazy_consent_of
from sdk.examples import LIFETIME, RECEIPTS, SITE, grant, signed

NOW = int(time.time())
TOKEN = signed(grant(given_at=NOW, expires_at=NOW + LIFETIME))
HOST = f"__Host-askfirst-{SITE}"
COOKIE = [(b"cookie", f"{HOST}={TOKEN}".encode())]
MARK = "private, no-cache"


@pytest.fixture
def askfirst() -> Askfirst:
    return Askfirst(site=SITE, keys=[RECEIPTS.verifier.text], accepted_revisions=[2], gpc=["measurement"])


def run(app: Any, headers: list[tuple[bytes, bytes]], **scope: Any) -> tuple[int, dict[str, list[str]], bytes]:
    """Send one request to an ASGI application and return status, headers and body."""
    sent: list[Any] = []
    bodies = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not bodies:
            await asyncio.Event().wait()  # the client stays until it is answered
        return bodies.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    request = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "root_path": ""}
    if not any(name == b"host" for name, _ in headers):
        headers = [(b"host", b"shop.example"), *headers]
    request |= {"scheme": "https", "headers": headers, "http_version": "1.1"}
    asyncio.run(app(request | scope, receive, send))
    assert "http.response.start" == sent[0]["type"]
    answered: dict[str, list[str]] = {}
    for name, value in sent[0]["headers"]:
        answered.setdefault(name.decode().lower(), []).append(value.decode())
    return sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:])


def application(askfirst: Askfirst, answer: Callable[[Request], Awaitable[Response]]) -> Starlette:
    return Starlette(routes=[Route("/", answer)], middleware=[Middleware(AskfirstMiddleware, askfirst=askfirst)])


def answering(headers: dict[str, str] | None = None, *, read: bool = True) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        body = str(consent_of(request).allows("measurement")) if read else "unread"
        return PlainTextResponse(body, headers=headers)

    return answer


def test_a_visitor_who_consented_is_allowed(askfirst: Askfirst) -> None:
    """From the request's own header to the page."""
    assert b"True" == run(application(askfirst, answering()), COOKIE)[2]
    assert b"False" == run(application(askfirst, answering()), [])[2]


def test_the_signal_of_the_request_counts(askfirst: Askfirst) -> None:
    """`Sec-GPC` is read from the same request."""
    assert b"False" == run(application(askfirst, answering()), [*COOKIE, (b"sec-gpc", b"1")])[2]


def test_cookies_in_several_headers_are_read_together(askfirst: Askfirst) -> None:
    """HTTP/2 may split them (RFC 9113, 8.2.3)."""
    assert b"True" == run(application(askfirst, answering()), [(b"cookie", b"a=b"), *COOKIE, (b"cookie", b"c=d")])[2]


@pytest.mark.parametrize(
    ("scheme", "host", "extra", "allowed"),
    [
        ("http", b"localhost:8000", [], b"True"),
        ("http", b"127.0.0.1", [], b"True"),
        ("https", b"localhost", [], b"False"),
        ("http", b"shop.example", [], b"False"),
        ("http", b"localhost.shop.example", [], b"False"),
        ("http", b"localhost", [(b"host", b"localhost")], b"False"),
        ("http", b"127.0.0.1:8000", [(b"x-forwarded-for", b"203.0.113.9")], b"False"),
        ("http", b"127.0.0.1:8000", [(b"forwarded", b"for=203.0.113.9")], b"False"),
    ],
)
def test_the_plain_name_counts_on_plain_loopback_only(
    askfirst: Askfirst, scheme: str, host: bytes, extra: list[tuple[bytes, bytes]], allowed: bytes
) -> None:
    """Also not where a proxy calls this server by a loopback name."""
    cookie = (b"cookie", f"askfirst-{SITE}={TOKEN}".encode())
    headers = [(b"host", host), *extra, cookie]

    assert allowed == run(application(askfirst, answering()), headers, scheme=scheme)[2]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, MARK),
        ({"cache-control": "public, max-age=600"}, MARK),
        ({"Cache-Control": "private, max-age=600"}, MARK),
        ({"cache-control": "no-cache"}, MARK),
        ({"cache-control": "private"}, MARK),
        ({"cache-control": 'private="x", no-cache'}, MARK),
        ({"cache-control": "no-store"}, "no-store"),
        ({"cache-control": "No-Store, max-age=0"}, "No-Store, max-age=0"),
        ({"cache-control": "no-cache, private, must-revalidate"}, "no-cache, private, must-revalidate"),
    ],
)
def test_a_response_that_depended_on_consent_is_kept_by_nobody_else(
    askfirst: Askfirst, before: dict[str, str], after: str
) -> None:
    """What is strict enough already stays as the application wrote it."""
    headers = run(application(askfirst, answering(before)), COOKIE)[1]

    assert [after] == headers["cache-control"]


def test_headers_for_content_networks_do_not_win(askfirst: Askfirst) -> None:
    """RFC 9213: a CDN would follow its own header and hand the page to everybody."""
    targeted = {"cdn-cache-control": "max-age=600", "Surrogate-Control": "max-age=600", "cache-control": "no-store"}
    headers = run(application(askfirst, answering(targeted)), COOKIE)[1]

    assert [MARK] == headers["cache-control"]
    assert {"cdn-cache-control", "surrogate-control"}.isdisjoint(headers)


def test_a_response_that_did_not_ask_is_left_alone(askfirst: Askfirst) -> None:
    """Pages without consent stay cacheable."""
    headers = run(application(askfirst, answering({"cache-control": "public, max-age=600"}, read=False)), COOKIE)[1]

    assert ["public, max-age=600"] == headers["cache-control"]


def test_two_cache_controls_become_one(askfirst: Askfirst) -> None:
    """No second header may say the opposite."""

    async def answer(request: Request) -> Response:
        consent_of(request)
        response = PlainTextResponse("x", headers={"cache-control": "public"})
        response.headers.append("Cache-Control", "max-age=600")
        return response

    assert [MARK] == run(application(askfirst, answer), COOKIE)[1]["cache-control"]


def test_an_application_that_sees_to_caching_itself_is_left_alone(askfirst: Askfirst) -> None:
    """Where the cache key is derived from consent, the page may be shared."""

    async def answer(request: Request) -> Response:
        consent = lazy_consent_of(request)
        consent.leave_cache_control()
        return PlainTextResponse(str(consent.allows("measurement")), headers={"cache-control": "public, max-age=60"})

    status, headers, body = run(application(askfirst, answer), COOKIE)

    assert (200, ["public, max-age=60"], b"True") == (status, headers["cache-control"], body)


def test_a_streamed_page_that_asks_in_its_first_piece_is_marked(askfirst: Askfirst) -> None:
    """The first piece is rendered after the response says that it starts."""

    async def answer(request: Request) -> Response:
        async def pieces() -> Any:
            yield str(consent_of(request).allows("measurement"))
            yield "!"

        return StreamingResponse(pieces(), headers={"cache-control": "public"})

    _, headers, body = run(application(askfirst, answer), COOKIE)

    assert ([MARK], b"True!") == (headers["cache-control"], body)


def test_a_streamed_page_that_asks_too_late_is_allowed_nothing(askfirst: Askfirst) -> None:
    """The headers are gone: a shared cache may keep what follows, so nothing of one visitor's may be in it."""
    seen = []

    async def answer(request: Request) -> Response:
        async def pieces() -> Any:
            yield "first "
            seen.append(consent_of(request).why("measurement"))
            yield str(consent_of(request).allows("measurement"))

        return StreamingResponse(pieces())

    assert b"first False" == run(application(askfirst, answer), COOKIE)[2]
    assert [Reason.TOO_LATE] == seen


def test_a_streamed_page_that_nobody_keeps_may_ask_at_any_time(askfirst: Askfirst) -> None:
    """With no-store there is nothing to fear."""

    async def answer(request: Request) -> Response:
        async def pieces() -> Any:
            yield "first "
            yield str(consent_of(request).allows("measurement"))

        return StreamingResponse(pieces(), headers={"cache-control": "no-store"})

    assert b"first True" == run(application(askfirst, answer), COOKIE)[2]


def test_a_response_without_a_body_still_goes_out(askfirst: Askfirst) -> None:
    """The start that was waiting for a body is sent when the application is done."""

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        scope[SCOPE_KEY].allows("measurement")
        await send({"type": "http.response.start", "status": 204, "headers": []})

    assert [MARK] == run(ConsentMiddleware(bare, askfirst), COOKIE)[1]["cache-control"]


def test_other_kinds_of_connection_pass(askfirst: Askfirst) -> None:
    """A WebSocket has consent too; a lifespan has no visitor."""
    seen: dict[str, Any] = {}

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        seen[scope["type"]] = SCOPE_KEY in scope and scope[SCOPE_KEY].allows("measurement")

    app = ConsentMiddleware(bare, askfirst)
    for scope in ({"type": "lifespan"}, {"type": "websocket", "scheme": "wss", "headers": COOKIE}):
        asyncio.run(app(scope, None, None))  # type: ignore[arg-type]

    assert {"lifespan": False, "websocket": True} == seen


def test_consent_is_read_once_a_request(askfirst: Askfirst, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a template asks; and not at all if it does not."""
    reads = []
    genuine = askfirst.read
    monkeypatch.setattr(askfirst, "read", lambda *args, **named: reads.append(1) or genuine(*args, **named))

    async def answer(request: Request) -> Response:
        return PlainTextResponse(str([consent_of(request).allows("measurement") for _ in range(5)]))

    run(application(askfirst, answer), COOKIE)
    run(application(askfirst, answering(read=False)), COOKIE)

    assert [1] == reads


def test_without_the_middleware_the_remedy_is_said() -> None:
    """A forgotten middleware is an error at the first request, not consent and not silence."""
    with pytest.raises(ConfigurationError, match="add_middleware"):
        consent_of(Request({"type": "http", "headers": []}))


def test_hostile_headers_do_not_break_a_page(askfirst: Askfirst, caplog: pytest.LogCaptureFixture) -> None:
    """Binary cookies and hosts are "not allowed", and no line of log each."""
    headers = [(b"host", b"\xff\xfe"), (b"cookie", bytes(range(256)) * 50), (b"sec-gpc", b"\xff")]

    with caplog.at_level(logging.DEBUG, "askfirst_sdk"):
        assert b"False" == run(application(askfirst, answering()), headers, scheme="http")[2]

    assert [] == caplog.records
