"""WSGI: the same promises as under ASGI, and the protocol's own corners."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from askfirst_sdk import Reason
from askfirst_sdk.asgi import ConsentMiddleware as AsgiConsent
from askfirst_sdk.asgi import InjectionMiddleware as AsgiInjection
from askfirst_sdk.errors import ConfigurationError
from askfirst_sdk.inject import Snippets
from askfirst_sdk.regions import RegionRule
from askfirst_sdk.testing import PretendSite
from askfirst_sdk.wsgi import ConsentMiddleware, InjectionMiddleware, consent_of
from sdk.test_asgi import run

MARK = "private, no-cache"
PAGE = b"<head></head>page"
DONE = b"<head><script></script></head>page"
SNIPPETS = Snippets({"measurement": "<script></script>"})
SITE = PretendSite(gpc=("measurement",), rules={"us": RegionRule(("US-CA",), {"marketing": "opt_out"}, "2020-01-01")})
Pages = Callable[[dict[str, Any], Any], Iterable[bytes]]


def ask(app: Any, cookie: str | None = None, method: str = "GET", **environ: Any) -> tuple[str, dict[str, str], bytes]:
    """Send one request as a server does: iterate, then close."""
    began: list[Any] = []
    written: list[bytes] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        if exc_info and began:
            raise exc_info[1]
        began[:] = [(status, dict(headers))]
        return written.append

    given = {"REQUEST_METHOD": method, "PATH_INFO": "/", "wsgi.url_scheme": "https", "HTTP_HOST": "shop.example"}
    body = app({**given, **({"HTTP_COOKIE": cookie} if cookie else {}), **environ}, start_response)
    pieces = []
    for piece in body:
        assert began, "the first piece came before start_response"
        pieces.append(piece)
    if hasattr(body, "close"):
        body.close()
    return began[0][0], began[0][1], b"".join([*written, *pieces])


def answering(headers: dict[str, str] | None = None, body: bytes = b"", *, read: bool = True) -> Pages:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        said = str(consent_of(environ).allows("measurement")).encode() if read else b""
        start_response("200 OK", list((headers or {}).items()))
        return [body or said]

    return app


def site(app: Pages, **given: Any) -> ConsentMiddleware:
    return ConsentMiddleware(app, SITE.askfirst, **given)


def test_consent_is_read_from_the_request() -> None:
    """The receipt, the signal, and the region that the site trusts."""
    yes = SITE.cookie("measurement")

    assert [b"True", b"False", b"False"] == [
        ask(site(answering()), yes)[2],
        ask(site(answering()))[2],
        ask(site(answering()), yes, HTTP_SEC_GPC="1")[2],
    ]
    seen = []
    located = site(lambda e, s: seen.append(consent_of(e).permitted("marketing")) or answering()(e, s), region=_place)
    ask(located, HTTP_X_PLACE="US-CA")
    ask(located, HTTP_X_PLACE="DE")
    assert [True, False] == seen


def _place(environ: dict[str, Any]) -> str | None:
    return environ.get("HTTP_X_PLACE")


@pytest.mark.parametrize(
    ("environ", "allowed"),
    [
        ({"wsgi.url_scheme": "http", "HTTP_HOST": "localhost:8000"}, b"True"),
        ({"wsgi.url_scheme": "https", "HTTP_HOST": "localhost:8000"}, b"False"),
        ({"wsgi.url_scheme": "http", "HTTP_HOST": "shop.example"}, b"False"),
        ({"wsgi.url_scheme": "http", "HTTP_HOST": "localhost", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, b"False"),
        ({"wsgi.url_scheme": "http"}, b"False"),
    ],
)
def test_the_plain_name_counts_on_plain_loopback_only(environ: dict[str, Any], allowed: bytes) -> None:
    """As under ASGI."""
    assert allowed == ask(site(answering()), SITE.cookie("measurement", loopback=True), **environ)[2]


@pytest.mark.parametrize(
    ("before", "read", "after"),
    [
        ({}, True, MARK),
        ({"Cache-Control": "public, max-age=600"}, True, MARK),
        ({"Cache-Control": "no-store"}, True, "no-store"),
        ({"Cache-Control": "public, max-age=600"}, False, "public, max-age=600"),
        ({"CDN-Cache-Control": "max-age=600"}, True, MARK),
    ],
)
def test_what_depended_on_consent_is_kept_by_nobody_else(before: dict[str, str], read: bool, after: str) -> None:
    """And only that."""
    headers = {name.lower(): value for name, value in ask(site(answering(before, read=read)))[1].items()}

    assert after == headers.get("cache-control")
    assert ("cdn-cache-control" in headers) is (read is False and "CDN-Cache-Control" in before)


def test_a_key_that_the_developer_chose_leaves_the_page_shareable() -> None:
    """One bit a purpose; the page's own headers stay."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        key = consent_of(environ).cache_key(["measurement"])
        start_response("200 OK", [("Cache-Control", "public, max-age=60"), ("X-Key", key)])
        return [b""]

    headers = [ask(site(app), cookie)[1] for cookie in (SITE.cookie("measurement"), SITE.cookie(), None)]
    assert ["1", "0", "0"] == [one["X-Key"] for one in headers]
    assert {"public, max-age=60"} == {one["Cache-Control"] for one in headers}


def test_a_page_that_asks_in_its_first_piece_is_marked_and_later_is_too_late() -> None:
    """Generators run after start_response was called."""
    seen = []

    def first(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield str(consent_of(environ).allows("measurement")).encode()

    def second(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"first "
        seen.append(consent_of(environ).why("measurement"))
        yield str(consent_of(environ).allows("measurement")).encode()

    yes = SITE.cookie("measurement")
    _, headers, body = ask(site(first), yes)
    assert (MARK, b"True") == (headers["cache-control"], body)
    assert b"first False" == ask(site(second), yes)[2]
    assert [Reason.TOO_LATE] == seen


def test_write_and_errors_and_close_work_as_the_protocol_says() -> None:
    """PEP 3333: `write`, `exc_info` before and after the headers went out, and `close` in any case."""
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"iterated"])

        def close(self) -> None:
            closed.append(True)

    def writing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        write = start_response("200 OK", [("X-A", str(consent_of(environ).allows("measurement")))])
        write(b"written ")
        return Body()

    def replacing(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        try:
            raise ValueError("x")
        except ValueError as error:
            start_response("500 Error", [("X-B", "1")], (ValueError, error, None))
        return [b"sorry"]

    def too_late(_environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"sent"
        try:
            raise ValueError("x")
        except ValueError as error:
            start_response("500 Error", [], (ValueError, error, None))

    status, headers, body = ask(site(writing), SITE.cookie("measurement"))
    assert ("200 OK", "True", b"written iterated", [True]) == (status, headers["X-A"], body, closed)
    assert ("500 Error", b"sorry") == ask(site(replacing))[::2]
    with pytest.raises(ValueError, match="x"):
        ask(site(too_late))


def test_without_the_middleware_the_remedy_is_said() -> None:
    """At the first request."""
    with pytest.raises(ConfigurationError, match="ConsentMiddleware"):
        ask(answering())


# -- what is put into pages ------------------------------------------------------------------------------------------

HTML = {"Content-Type": "text/html"}


@pytest.mark.parametrize(
    ("cookie", "method", "headers", "body", "length"),
    [
        (SITE.cookie("measurement"), "GET", HTML, DONE, None),
        (SITE.cookie("measurement"), "GET", {**HTML, "Content-Length": "17"}, DONE, "34"),
        (SITE.cookie("marketing"), "GET", {**HTML, "Content-Length": "17"}, PAGE, "17"),
        (None, "GET", {**HTML, "Content-Length": "17"}, PAGE, "17"),
        (SITE.cookie("measurement"), "HEAD", {**HTML, "Content-Length": "17"}, PAGE, None),
        (SITE.cookie("measurement"), "GET", {"Content-Type": "text/css", "Content-Length": "17"}, PAGE, "17"),
    ],
)
def test_html_goes_into_pages_under_both_protocols(
    cookie: str | None, method: str, headers: dict[str, str], body: bytes, length: str | None
) -> None:
    """With the right length, and marked for caches where consent was asked."""
    app = site(InjectionMiddleware(answering(headers, PAGE, read=False), SNIPPETS))
    _, answered, sent = ask(app, cookie, method)

    assert (body, length) == (sent, answered.get("Content-Length"))
    assert (MARK if headers["Content-Type"] == "text/html" else None) == answered.get("cache-control")

    async def pages(_scope: Any, _receive: Any, send: Any) -> None:
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": PAGE[:9], "more_body": True})
        await send({"type": "http.response.body", "body": PAGE[9:]})

    asgi = AsgiConsent(AsgiInjection(pages, SNIPPETS), SITE.askfirst)
    given = [(b"cookie", cookie.encode())] if cookie else []
    _, found, came = run(asgi, given, method=method)
    assert (body, [length] if length else None) == (came, found.get("content-length"))


def test_under_asgi_a_file_is_read_so_that_it_can_be_looked_at() -> None:
    """The server's own way to send files would pass the middleware by; a response without a body still goes out."""
    seen = []

    async def pages(scope: Any, _receive: Any, send: Any) -> None:
        seen.append(sorted(scope["extensions"]))
        await send({"type": "http.response.start", "status": 304, "headers": []})

    asgi = AsgiConsent(AsgiInjection(pages, SNIPPETS), SITE.askfirst)
    status, _, body = run(asgi, [], extensions={"http.response.pathsend": {}, "tls": {}})

    assert (304, b"", [["tls"]]) == (status, body, seen)


def test_a_withdrawal_during_a_slow_page_leaves_the_browser_with_the_newer_receipt() -> None:
    """A page never sets the cookie, so one that was on its way when the visitor withdrew brings nothing back; and no
    cache may hand it to anybody later."""

    def slow(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        allowed = consent_of(environ).allows("measurement")
        start_response("200 OK", list(HTML.items()))
        yield b"<head>"
        time.sleep(0)  # here the visitor withdraws in another tab
        yield b"</head>measured" if allowed else b"</head>"

    _, headers, body = ask(site(InjectionMiddleware(slow, SNIPPETS)), SITE.cookie("measurement"))
    assert (MARK, b"<head><script></script></head>measured") == (headers["cache-control"], body)
    assert "set-cookie" not in {name.lower() for name in headers}

    _, _, after = ask(site(InjectionMiddleware(slow, SNIPPETS)), SITE.cookie())
    assert b"<head></head>" == after


class SharedCache:
    """A cache in front of the site that keeps whatever RFC 9111 lets a shared one keep, for everybody, by URL alone."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._kept: dict[str, tuple[str, dict[str, str], bytes]] = {}

    def get(self, path: str, cookie: str | None) -> bytes:
        kept = self._kept.get(path)
        if kept is None:
            kept = ask(self._app, cookie, PATH_INFO=path)
            control = {name.lower(): value for name, value in kept[1].items()}.get("cache-control", "")
            if not {"private", "no-store"} & {part.strip() for part in control.split(",")}:
                self._kept[path] = kept
        return kept[2]


def test_a_shared_cache_hands_nobody_what_another_visitor_allowed() -> None:
    """Whoever comes first; a page under the developer's own key may be shared by those with the same answers."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        consent = consent_of(environ)
        if environ["PATH_INFO"].startswith("/keyed/"):
            consent.leave_cache_control()
        start_response("200 OK", [*HTML.items(), ("Cache-Control", "public, max-age=600")])
        return [b"<head></head>" + str(consent.allows("measurement")).encode()]

    cache = SharedCache(site(InjectionMiddleware(app, SNIPPETS)))
    yes, no = SITE.cookie("measurement"), SITE.cookie()
    for first, second in ((yes, no), (no, yes), (yes, None)):
        assert (b"True" in cache.get("/", first)) is (first == yes)
        assert (b"<script>" in cache.get("/", second)) is (second == yes)

    keys = [SITE.askfirst.read(cookie or "").cache_key(["measurement"]) for cookie in (yes, no, None)]
    assert [b"True", b"False", b"False"] == [
        cache.get(f"/keyed/{key}", cookie)[-5:].lstrip(b">") for key, cookie in zip(keys, (yes, no, None), strict=True)
    ]
