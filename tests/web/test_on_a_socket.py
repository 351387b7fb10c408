"""The service on a real socket, as `askfirst serve` runs it: what uvicorn adds, refuses and closes."""

import contextlib
import socket
import time

import httpx
import pytest

from askfirst.cli.server import listen
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst.web import connections
from support.places import PAGE
from support.served import Served

HEADERS = {"origin": PAGE, "content-type": "text/plain"}


def raw(served: Served, request: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(request)
        parts = list(iter(lambda: connection.recv(65536), b""))
    return b"".join(parts)


def test_a_decision_over_a_socket_is_stored_and_provable(served: Served) -> None:
    """Many connections, keep-alive, and in the end a ledger that holds."""
    with httpx.Client(base_url=served.url, headers=HEADERS) as client:
        answers = [client.post("/d/demo0001", content=served.body(number)) for number in range(1, 21)]
        again = client.post("/d/demo0001", content=served.body(1))
    served.node.sequence()
    served.node.publish()

    assert [201] * 20 == [answer.status_code for answer in answers]
    assert (200, answers[0].content) == (again.status_code, again.content)
    assert "server" not in again.headers
    assert [] == verify_ledger(served.home.place.directory, served.home.place.ledger, 1).findings


def test_a_client_that_hangs_up_half_way_leaves_nothing(served: Served) -> None:
    """A body that never becomes whole is no decision, and the service goes on."""
    head = (
        b"POST /d/demo0001 HTTP/1.1\r\nHost: x\r\nOrigin: %b\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\n"
    )
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            connection.sendall(head % PAGE.encode() + b'{"v":1')
    answer = httpx.post(f"{served.url}/d/demo0001", content=served.body(1), headers=HEADERS)

    assert 201 == answer.status_code


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"POST /d/demo0001 HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /d/demo0001 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"GET /s/demo0001.js HTTP/9.9\r\n\r\n",
    ],
)
def test_what_is_no_http_is_400(served: Served, request_bytes: bytes) -> None:
    """Malformed requests are refused by the server, and the next one is answered."""
    answer = raw(served, request_bytes)

    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert "ok\n" == httpx.get(f"{served.url}/healthz").text


def test_a_chunked_body_is_cut_at_the_limit(served: Served) -> None:
    """Without a declared length the limit holds all the same."""
    parts = (b" " * 1000 for _ in range(20))
    answer = httpx.post(f"{served.url}/d/demo0001", content=parts, headers=HEADERS)

    assert (413, "/problems/body-too-large") == (answer.status_code, answer.json()["type"])


def timed(served: Served, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send pieces with a pause between them, and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        for piece in pieces:
            with contextlib.suppress(OSError):
                connection.sendall(piece)
            time.sleep(pause)
        with contextlib.suppress(ConnectionResetError):
            return b"".join(iter(lambda: connection.recv(65536), b""))
    return b""


BODY_HEAD = b"POST /d/demo0001 HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nOrigin: " + PAGE.encode()


@pytest.mark.parametrize(
    "begun",
    [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", BODY_HEAD + b"\r\nContent-Length: 9\r\n\r\n{"],
    ids=["nothing", "a letter", "half a head", "half a body"],
)
def test_a_request_that_does_not_come_to_its_end_is_ended(
    served: Served, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """Nobody holds a connection by saying nothing, and each that is given up is told so."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.2)
    answer = timed(served, begun)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert "ok\n" == httpx.get(f"{served.url}/healthz").text


def test_a_byte_now_and_then_does_not_buy_more_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time counts from the first byte of a head, however many follow."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)

    assert timed(served, *[b"GET /healthz HTTP/1.1\r\n", *[b"X: y\r\n"] * 20], pause=0.05).startswith(b"HTTP/1.1 408 ")


def test_a_head_without_end_is_refused(served: Served) -> None:
    """Before it takes memory that others need."""
    line = b"X-Long: " + b"x" * 60_000 + b"\r\n"

    assert b"" != timed(served, b"GET /healthz HTTP/1.1\r\n", *[line] * 20, pause=0.02)
    assert timed(served, b"GET /healthz HTTP/1.1\r\n", *[line[:9000] + b"\r\n"] * 9, pause=0.02).startswith(
        b"HTTP/1.1 431 "
    )


def test_slow_clients_do_not_hold_up_others(served: Served) -> None:
    """While a hundred heads hang half-way, an answer is recorded as ever."""
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            hanging = stack.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            hanging.sendall(b"POST /d/demo0001 HTTP/1.1\r\nHost: ")
        answer = httpx.post(f"{served.url}/d/demo0001", content=served.body(1), headers=HEADERS)

    assert 201 == answer.status_code


def test_a_connection_that_is_used_again_is_not_cut(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for a head is over with each request that is whole."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    with httpx.Client(base_url=served.url) as client:
        answers = [client.get("/healthz").text for _ in range(3) if not time.sleep(0.2)]

    assert ["ok\n"] * 3 == answers


def test_a_taken_port_is_named(served: Served) -> None:
    """A second process gets a sentence with the port and the remedy."""
    from askfirst.core.errors import ConfigurationFault

    with pytest.raises(ConfigurationFault, match=f"--port can not be {served.port} on 127.0.0.1.*choose another port"):
        listen("127.0.0.1", served.port, "--port")


def test_a_port_is_taken_from_the_moment_it_is_asked_for() -> None:
    """Two processes that start at once do not both believe that they have the port."""
    from askfirst.core.errors import ConfigurationFault

    first = listen("127.0.0.1", 0, "--port")
    with pytest.raises(ConfigurationFault, match="choose another port"):
        listen("127.0.0.1", first.getsockname()[1], "--port")
    first.close()
