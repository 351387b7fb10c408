"""The mount under attack: from browsers, and from whatever answers in the service's place."""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from askfirst_sdk import Askfirst
from askfirst_sdk.mount import Mount
from sdk.mounted import NAME, Site
from sdk.test_mount import FORM, form
from support.served import Served

TIMEOUT = 1.0
SECRET = "askfirst_a-secret-that-no-log-may-hold"


class Upstream:
    """Answers each connection with the same bytes, piece by piece, and keeps what it was sent."""

    def __init__(self, pieces: list[bytes], pause: float = 0.0, keep_open: bool = False) -> None:
        self._pieces, self._pause, self._keep_open = pieces, pause, keep_open
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self.seen: list[bytes] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self.seen.append(connection.recv(65_536))
                for piece in self._pieces:
                    connection.sendall(piece)
                    if self._over.wait(self._pause):
                        break
                if self._keep_open:
                    self._over.wait(10)


@pytest.fixture
def answering() -> Iterator[Callable[..., Upstream]]:
    """Give a function that runs something in the service's place."""
    running: list[Upstream] = []

    def run(*pieces: bytes, pause: float = 0.0, keep_open: bool = False) -> Upstream:
        running.append(Upstream(list(pieces), pause, keep_open))
        return running[-1]

    yield run
    for one in running:
        one.close()


@pytest.fixture(params=["asgi", "wsgi"])
def site(request: pytest.FixtureRequest, web_service: Served, reader: Askfirst) -> Site:
    return Site(web_service, reader, Mount(reader, token=SECRET, timeout=TIMEOUT), request.param)


def in_front_of(site: Site, upstream: Upstream) -> Site:
    """Point the mount at something else."""
    site.mount.service_url = upstream.url
    return site


OK = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n"
NONSENSE = {
    "nothing": [],
    "garbage": [b"\x00\xff" * 500],
    "another protocol": [b"SSH-2.0-OpenSSH\r\n"],
    "two lengths": [OK + b"content-length: 2\r\ncontent-length: 200\r\n\r\n{}"],
    "length and chunks": [OK + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
    "cut off": [OK + b"content-length: 900\r\n\r\n{"],
    "no JSON": [OK + b"content-length: 9\r\n\r\n<html>no\n"],
    "a receipt that is none": [OK + b'content-length: 17\r\n\r\n{"receipt":"a.b"}'],
    "a receipt with a header in it": [OK + b'content-length: 30\r\n\r\n{"receipt":"a\\r\\nSet-Cookie:b"}'],
    "endless headers": [OK, *[b"x-more: " + b"a" * 1000 + b"\r\n" for _ in range(300)]],
    "a huge body": [OK + b"content-length: 9000000\r\n\r\n", b"{" + b" " * 8_999_999],
    "deep JSON": [OK + b"content-length: 60000\r\n\r\n" + b"[" * 60_000],
    "a redirect": [b"HTTP/1.1 302 Found\r\nlocation: https://evil.example/\r\ncontent-length: 0\r\n\r\n"],
    "a cookie of its own": [OK + b"set-cookie: stolen=1\r\ncontent-length: 2\r\n\r\n{}"],
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_what_is_no_answer_of_the_service_sets_no_cookie(
    site: Site, answering: Callable[..., Upstream], kind: str
) -> None:
    """Nor does a redirect of it lead anywhere, or a header of it come through."""
    upstream = answering(*NONSENSE[kind])
    began = time.monotonic()
    answer = in_front_of(site, upstream).decide()

    assert time.monotonic() - began < TIMEOUT + 5
    assert "set-cookie" not in answer.headers
    assert {"location", "x-more"}.isdisjoint(answer.headers)
    assert len(answer.body) < 65_537


@pytest.mark.parametrize("kind", NONSENSE)
def test_a_form_is_told_that_nothing_was_recorded_or_sets_no_cookie(
    site: Site, answering: Callable[..., Upstream], kind: str
) -> None:
    """Whoever refuses is not measured on, whatever came of it."""
    answer = in_front_of(site, answering(*NONSENSE[kind])).ask(
        "POST", "/askfirst/answer", form(site, "reject_all"), content_type=FORM
    )

    assert answer.status in (303, 503)
    assert all("Max-Age=0" in one for one in answer.headers.get("set-cookie", []))


def test_a_service_that_hangs_ends_at_its_time(site: Site, answering: Callable[..., Upstream]) -> None:
    """Silent from the start, or with a head or a body that comes by the byte."""
    for upstream in (
        answering(keep_open=True),
        answering(b"HTTP/1.1 201 Created\r\nx-slow: ", *[b"a"] * 200, pause=0.1),
        answering(OK + b"content-length: 900\r\n\r\n", *[b" "] * 200, pause=0.1),
    ):
        began = time.monotonic()
        answer = in_front_of(site, upstream).decide()
        assert (503, None) == (answer.status, answer.one("set-cookie"))
        assert time.monotonic() - began < TIMEOUT + 4


def test_nothing_of_a_browsers_request_becomes_another_request(site: Site, answering: Callable[..., Upstream]) -> None:
    """What is relayed has one request in it, with the mount's own headers and length, whatever was sent."""
    upstream = answering(OK + b"content-length: 2\r\n\r\n{}")
    body = b"{}\r\n\r\nPOST /api/v1/erasures HTTP/1.1\r\nhost: x\r\n\r\n"
    in_front_of(site, upstream).ask(
        "POST",
        "/askfirst/d",
        body,
        content_type="text/plain",
        transfer_encoding="chunked",
        x_forwarded_host="evil.example",
        connection="keep-alive, x-secret",
        authorization="Bearer stolen",
        cookie=f"session=secret; {NAME}=a.b",
        user_agent="a particular browser",
    )
    head, _, sent = upstream.seen[0].partition(b"\r\n\r\n")
    named = {line.partition(b":")[0].strip().lower() for line in head.split(b"\r\n")[1:]}

    assert body.startswith(sent)
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert {b"transfer-encoding", b"x-forwarded-host", b"cookie"}.isdisjoint(named)
    for private in (b"stolen", b"session", b"particular", b"evil"):
        assert private not in head
    assert f"Bearer {SECRET}".encode() in head


@pytest.mark.parametrize(
    "path",
    [
        "/askfirst/s/..%2f..%2fapi.js",
        "/askfirst/s//x.js",
        "/askfirst/s/en/../x.js",
        "/askfirst/../d",
        "/askfirst/D",
        "/askfirst/d/x",
        "/askfirst/s/%00.js",
        "/askfirst/s/en\r\nx.js",
        "/askfirst/r/other001",
    ],
)
def test_no_path_leads_past_the_mount(site: Site, answering: Callable[..., Upstream], path: str) -> None:
    """Nothing of a path reaches the service but a language that the policy has."""
    upstream = answering(OK + b"content-length: 2\r\n\r\n{}")
    answers = [in_front_of(site, upstream).ask(method, path).status for method in ("GET", "POST")]

    assert {404, 405} >= set(answers)
    assert [] == upstream.seen


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "get", "POST\r\nX: y", ""])
def test_another_method_does_nothing(site: Site, answering: Callable[..., Upstream], method: str) -> None:
    """Also under a header by which some frameworks take another one."""
    upstream = answering(OK + b"content-length: 2\r\n\r\n{}")
    asked = in_front_of(site, upstream).ask(method, "/askfirst/d", b"{}", x_http_method_override="POST")

    assert (405, "POST") == (asked.status, asked.one("allow"))
    assert [] == upstream.seen


def test_a_body_that_is_too_long_is_not_relayed(site: Site, answering: Callable[..., Upstream]) -> None:
    """413, and no more than the bound was read."""
    upstream = answering(OK + b"content-length: 2\r\n\r\n{}")
    answer = in_front_of(site, upstream).ask("POST", "/askfirst/d", b" " * 1_000_000, content_type="text/plain")

    assert (413, []) == (answer.status, upstream.seen)


@pytest.mark.parametrize("length", ["²", "-1", "0x2", "9" * 5000])
def test_a_length_that_means_nothing_raises_nothing(
    site: Site, answering: Callable[..., Upstream], length: str
) -> None:
    """Some WSGI servers hand it on as it came."""
    refuses = answering(b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
    asked = in_front_of(site, refuses).ask(
        "POST", "/askfirst/d", b"{}", content_type="text/plain", content_length=length
    )

    assert 400 == asked.status


def test_a_huge_header_costs_its_own_length(site: Site) -> None:
    """A megabyte of cookies, of way back, of languages."""
    began = time.process_time()
    for headers in (
        {"cookie": f"{NAME}=x;" * 60_000},
        {"referer": "/" * 1_000_000},
        {"accept_language": "x," * 500_000},
    ):
        assert 200 == site.ask("GET", "/askfirst/settings", **headers).status

    assert time.process_time() - began < 5


def test_a_credential_is_in_no_log_and_no_text(
    site: Site, answering: Callable[..., Upstream], caplog: pytest.LogCaptureFixture
) -> None:
    """Not when all goes well, not when nothing does, and not where objects are printed."""
    with caplog.at_level(logging.DEBUG):
        for kind in ("garbage", "a redirect", "a huge body"):
            in_front_of(site, answering(*NONSENSE[kind])).decide()
        refused = b"HTTP/1.1 401 No\r\ncontent-length: 33\r\n\r\n" + b'{"type":"/problems/unauthorized"}'
        in_front_of(site, answering(refused)).decide()
        site.ask("POST", "/askfirst/answer", form(site, "accept_all"), content_type=FORM)

    assert SECRET not in caplog.text
    assert SECRET not in repr(site.mount) + str(vars(site.mount).keys())
