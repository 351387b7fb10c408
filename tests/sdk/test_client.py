"""The client: fails closed, refreshes behind the scenes, and never makes a request wait."""

import dataclasses
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from askfirst_sdk import Askfirst, Reason, refresh
from askfirst_sdk.descriptor import CookieRule, Descriptor, descriptor_payload
from askfirst_sdk.errors import ConfigurationError, KeyFormatError
from askfirst_sdk.signing import SigningKey
from sdk.examples import LIFETIME, NEXT, RECEIPTS, SITE, STRANGER, grant, sign, signed

NOW = int(time.time())
YES = f"__Host-askfirst-{SITE}={signed(grant(given_at=NOW, expires_at=NOW + LIFETIME))}"


def descriptor(**changes: Any) -> Descriptor:
    values: dict[str, Any] = {
        "site": SITE,
        "revisions": (2,),
        "policy": "ab" * 32,
        "purposes": {"measurement": "opt_in", "marketing": "opt_in"},
        "keys": (RECEIPTS.verifier.text, NEXT.verifier.text),
        "issued_at": NOW,
        "expires_at": NOW + 86_400,
        "gpc": ("marketing",),
        "cookie": CookieRule(),
    }
    return Descriptor(**(values | changes))


class Service:
    """A real HTTP server on loopback that serves one descriptor, and counts."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None]] = []
        self.body = b""
        self.status = 200
        self.show()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.requests.append((self.path, self.headers.get("If-None-Match")))
                etag = f'"{hash(service.body)}"'
                unchanged = service.status == 200 and self.headers.get("If-None-Match") == etag
                elsewhere = self.path == "/elsewhere"
                self.send_response(304 if unchanged else 200 if elsewhere else service.status)
                self.send_header("ETag", etag)
                if 300 <= service.status < 400 and not elsewhere:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0" if unchanged else str(len(service.body)))
                self.end_headers()
                if not unchanged:
                    self.wfile.write(service.body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def show(self, described: Descriptor | None = None, key: SigningKey = RECEIPTS, salt: str = "descriptor") -> None:
        self.body = sign(key, descriptor_payload(described or descriptor()), salt).encode() + b"\n"

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    yield running
    running.stop()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Askfirst]]:
    """Make clients that are closed afterwards, and that do not wait long between attempts."""
    monkeypatch.setattr(refresh, "FIRST_RETRY", 0.02)
    made: list[Askfirst] = []

    def make(**settings: Any) -> Askfirst:
        made.append(Askfirst(**({"site": SITE, "refresh_every": 0.02, "max_stale": 60.0} | settings)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait for another thread, at most ten seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.005)
    return False


def test_with_keys_alone_nothing_is_fetched_and_consent_is_read(client: Callable[..., Askfirst]) -> None:
    """For servers without a way out."""
    threads = threading.active_count()
    askfirst = client(keys=[RECEIPTS.verifier.text], accepted_revisions=[2], gpc=["measurement"])

    assert askfirst.ready(0)
    assert askfirst.read(YES).allows("measurement")
    assert not askfirst.read(YES, headers={"Sec-GPC": "1"}).allows("measurement")
    assert not askfirst.read(YES, now=NOW + LIFETIME).allows("measurement")
    assert threads == threading.active_count()


def test_the_descriptor_is_fetched_once_the_first_request_comes(
    service: Service, client: Callable[..., Askfirst]
) -> None:
    """Nothing runs at import or construction, so that a pre-forking server forks a quiet process."""
    askfirst = client(service_url=service.url + "/")

    assert [] == service.requests
    assert askfirst.ready(10)
    assert askfirst.read(YES).allows("measurement")
    assert f"/descriptor/{SITE}" == service.requests[0][0]
    assert descriptor() == askfirst.descriptor


def test_an_unchanged_descriptor_is_asked_for_by_its_etag(service: Service, client: Callable[..., Askfirst]) -> None:
    """A refresh costs the service a 304, and what was verified stays remembered."""
    askfirst = client(service_url=service.url)
    askfirst.ready(10)
    loaded = askfirst._knowledge.loaded

    assert eventually(lambda: len(service.requests) >= 3)
    assert service.requests[2][1] is not None
    assert loaded is askfirst._knowledge.loaded


def test_before_the_keys_are_there_nothing_is_allowed_and_it_is_said_once(
    client: Callable[..., Askfirst], caplog: pytest.LogCaptureFixture
) -> None:
    """An unreachable service at start means "not allowed", not an exception and not a line for each request."""
    askfirst = client(service_url="http://127.0.0.1:9")

    with caplog.at_level(logging.WARNING, "askfirst_sdk"):
        reasons = {askfirst.read(YES).why("measurement") for _ in range(50)}
        assert not askfirst.ready(0.1)

    assert {Reason.KEYS_NOT_LOADED} == reasons
    said = [record.getMessage() for record in caplog.records]
    assert 1 == len([line for line in said if Reason.KEYS_NOT_LOADED.sentence in line])
    assert len(said) <= 2


def test_a_request_never_waits_for_the_network(client: Callable[..., Askfirst]) -> None:
    """A service that accepts connections and never answers costs a request nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        askfirst = client(service_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        for _ in range(100):
            assert not askfirst.read(YES).allows("measurement")
        assert time.monotonic() - began < 1
        askfirst.close()


def test_a_new_descriptor_takes_effect(service: Service, client: Callable[..., Askfirst]) -> None:
    """A revision that is no longer accepted asks again, also for a token that was remembered."""
    askfirst = client(service_url=service.url)
    askfirst.ready(10)
    assert askfirst.read(YES).allows("measurement")

    service.show(descriptor(revisions=(3,), issued_at=NOW + 1))

    assert eventually(lambda: askfirst.read(YES).reason is Reason.OLDER_REVISION)


def test_a_revoked_key_is_believed_no_longer(service: Service, client: Callable[..., Askfirst]) -> None:
    """Even for a token that was remembered, and even if the key is still listed."""
    askfirst = client(service_url=service.url)
    askfirst.ready(10)
    assert askfirst.read(YES).allows("measurement")

    service.show(descriptor(revoked=(RECEIPTS.verifier.key_id.hex(),), issued_at=NOW + 1), NEXT)

    assert eventually(lambda: askfirst.read(YES).reason is Reason.REVOKED_KEY)


@pytest.mark.parametrize(
    ("described", "key", "salt"),
    [
        pytest.param(descriptor(site="other001"), RECEIPTS, "descriptor", id="of another site"),
        pytest.param(descriptor(), STRANGER, "descriptor", id="signed by a stranger"),
        pytest.param(descriptor(), RECEIPTS, "receipt", id="of another kind"),
        pytest.param(descriptor(issued_at=NOW - 9, expires_at=NOW - 1), RECEIPTS, "descriptor", id="expired"),
        pytest.param(
            descriptor(issued_at=NOW + 4000, expires_at=NOW + 5000), RECEIPTS, "descriptor", id="from the future"
        ),
    ],
)
def test_a_descriptor_that_can_not_be_believed_is_not_loaded(
    service: Service, client: Callable[..., Askfirst], described: Descriptor, key: SigningKey, salt: str
) -> None:
    """The thread goes on trying, and loads the good one when it comes."""
    service.show(described, key, salt)
    askfirst = client(service_url=service.url)

    askfirst.read(YES)
    assert eventually(lambda: len(service.requests) >= 3)
    assert askfirst.descriptor is None

    service.show()
    assert askfirst.ready(10)


def test_pins_restrict_who_may_sign_the_descriptor(service: Service, client: Callable[..., Askfirst]) -> None:
    """Somebody who answers in the service's place can not bring keys of their own."""
    service.show(descriptor(keys=(STRANGER.verifier.text,)), STRANGER)
    pinned = client(service_url=service.url, keys=[RECEIPTS.verifier.text])
    trusting = client(service_url=service.url)

    assert trusting.ready(10)
    assert not pinned.ready(0.2)


def test_an_older_descriptor_does_not_replace_a_newer_one(service: Service, client: Callable[..., Askfirst]) -> None:
    """A replayed file can not bring a revoked key back."""
    revoked = descriptor(revoked=(RECEIPTS.verifier.key_id.hex(),), issued_at=NOW + 1)
    service.show(revoked, NEXT)
    askfirst = client(service_url=service.url)
    askfirst.ready(10)

    service.show(descriptor())
    seen = len(service.requests)

    assert eventually(lambda: len(service.requests) >= seen + 3)
    assert revoked == askfirst.descriptor


@pytest.mark.parametrize("status", [301, 403, 404, 500, 503])
def test_another_answer_than_200_changes_nothing(
    service: Service, client: Callable[..., Askfirst], status: int
) -> None:
    """Errors and redirects leave what is loaded in force."""
    askfirst = client(service_url=service.url)
    askfirst.ready(10)
    service.status = status
    seen = len(service.requests)

    assert eventually(lambda: len(service.requests) >= seen + 2)
    assert askfirst.read(YES).allows("measurement")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(service: Service, client: Callable[..., Askfirst], status: int) -> None:
    """The address that was configured is the one that is believed, even if a good descriptor waits elsewhere."""
    service.status = status
    askfirst = client(service_url=service.url)

    assert not askfirst.ready(0.2)
    assert {f"/descriptor/{SITE}"} == {path for path, _ in service.requests}


def test_what_is_too_old_is_not_believed(service: Service, client: Callable[..., Askfirst]) -> None:
    """`max_stale` bounds how long a revoked key lives when the service can not be reached."""
    askfirst = client(service_url=service.url, refresh_every=0.05, max_stale=0.3)
    askfirst.ready(10)
    service.status = 503

    assert eventually(lambda: askfirst.read(YES).reason is Reason.KEYS_NOT_LOADED)

    service.status = 200
    assert eventually(lambda: askfirst.read(YES).allows("measurement"))


def test_a_descriptor_that_ran_out_is_not_believed(service: Service, client: Callable[..., Askfirst]) -> None:
    """Its own end counts, whatever the refresh says; a clock that is no number is past every end."""
    askfirst = client(service_url=service.url)
    askfirst.ready(10)

    assert Reason.KEYS_NOT_LOADED == askfirst.read(YES, now=NOW + 86_400).reason
    assert Reason.KEYS_NOT_LOADED == askfirst.read(YES, now=float("nan")).reason


def test_accepted_revisions_narrow_the_descriptor(service: Service, client: Callable[..., Askfirst]) -> None:
    """They never widen it."""
    service.show(descriptor(revisions=(1, 2)))
    narrow = client(service_url=service.url, accepted_revisions=[1, 9])
    narrow.ready(10)

    assert not narrow.read(YES).allows("measurement")


def test_something_newer_than_what_is_loaded_asks_for_a_refresh(
    service: Service, client: Callable[..., Askfirst], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits five minutes after Accept to a new revision, and forged receipts can not hammer the service."""
    monkeypatch.setattr(refresh, "MIN_SPACING", 0.2)
    askfirst = client(service_url=service.url, refresh_every=3600, max_stale=86_400)
    askfirst.ready(10)
    newer = signed(grant(revision=3, given_at=NOW, expires_at=NOW + LIFETIME))
    service.show(descriptor(revisions=(2, 3), issued_at=NOW + 1))
    began, seen = time.monotonic(), len(service.requests)

    assert eventually(lambda: askfirst.read(f"__Host-askfirst-{SITE}={newer}").allows("measurement"))
    assert time.monotonic() - began > 0.1
    assert seen + 1 == len(service.requests)


def test_only_good_tokens_are_remembered(client: Callable[..., Askfirst]) -> None:
    """Forged ones are checked each time and push nothing out; the memory is bounded."""
    askfirst = client(keys=[RECEIPTS.verifier.text], accepted_revisions=[2])
    for number in range(50):
        askfirst.read(f"__Host-askfirst-{SITE}={signed(grant(number), STRANGER)}")
        askfirst.read(YES)
    remembered = askfirst._knowledge.loaded.open_copy.cache_info()  # type: ignore[union-attr]

    assert 1 == remembered.currsize
    assert 49 == remembered.hits
    assert 4096 == remembered.maxsize


def test_the_time_of_a_remembered_token_is_checked_each_time(client: Callable[..., Askfirst]) -> None:
    """What is remembered is that the signature holds, not that it still counts."""
    askfirst = client(keys=[RECEIPTS.verifier.text], accepted_revisions=[2])

    verdicts = [askfirst.read(YES, now=NOW + later).allows("measurement") for later in (0, LIFETIME, 1, -301, 2)]

    assert [True, False, True, False, True] == verdicts


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_keeps_what_was_loaded_and_refreshes_it_itself(
    service: Service, client: Callable[..., Askfirst]
) -> None:
    """gunicorn with --preload: the thread does not survive a fork, so the child starts its own."""
    askfirst = client(service_url=service.url)
    askfirst.ready(10)
    at_once, later = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a child that hangs fails the test instead of holding it up
        os.write(at_once[1], b"1" if askfirst.read(YES).allows("measurement") else b"0")
        changed = eventually(lambda: askfirst.read(YES).reason is Reason.OLDER_REVISION)
        os.write(later[1], b"1" if changed else b"0")
        os._exit(0)
    os.close(at_once[1])
    os.close(later[1])

    assert b"1" == os.read(at_once[0], 1)
    askfirst.close()
    service.show(descriptor(revisions=(3,), issued_at=NOW + 1))
    assert b"1" == os.read(later[0], 1)
    os.waitpid(child, 0)
    os.close(at_once[0])
    os.close(later[0])


def test_a_closed_client_stops_asking(service: Service, client: Callable[..., Askfirst]) -> None:
    """And what it had loaded is still good until it is too old."""
    others = set(threading.enumerate())
    askfirst = client(service_url=service.url)
    askfirst.ready(10)
    askfirst.close()
    assert eventually(lambda: not any(t.name == "askfirst-refresh" for t in set(threading.enumerate()) - others))
    seen = len(service.requests)

    assert askfirst.read(YES).allows("measurement")
    assert seen == len(service.requests)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"site": "X", "service_url": "https://a.test"},
        {"keys": [RECEIPTS.verifier.text]},
        {"keys": [], "accepted_revisions": [1]},
        {"service_url": "http://consent.example.org"},
        {"service_url": "http://localhost.example.org"},
        {"service_url": "ftp://127.0.0.1"},
        {"service_url": "file:///etc/passwd"},
        {"service_url": "127.0.0.1:8000"},
        {"service_url": "https://"},
        {"service_url": "https://a.test?x=y"},
        {"service_url": "https://a.test/#x"},
        {"service_url": "https://user:secret@a.test"},
        {"service_url": "https://a.test:port"},
        {"service_url": "https://a.test/ x"},
        {"service_url": "https://[::1"},
        {"service_url": 5},
        {"service_url": "https://a.test", "refresh_every": 0},
        {"service_url": "https://a.test", "refresh_every": 10, "max_stale": 5},
        {"service_url": "https://a.test", "gpc": "marketing"},
    ],
)
def test_a_set_up_that_can_not_work_is_refused_at_once(settings: dict[str, Any]) -> None:
    """At start, with the remedy in words, and not at the first visitor."""
    with pytest.raises(ConfigurationError):
        Askfirst(**({"site": SITE} | settings))


def test_a_malformed_pin_is_refused_at_once() -> None:
    """A seed in the place of a key too."""
    for text in (RECEIPTS.text, RECEIPTS.verifier.text[:-1], "x"):
        with pytest.raises(KeyFormatError):
            Askfirst(site=SITE, keys=[text], accepted_revisions=[1])


def test_over_plain_http_pins_are_enough() -> None:
    """Inside a private network: the signature vouches, not the connection."""
    askfirst = Askfirst(site=SITE, service_url="http://askfirst:8000", keys=[RECEIPTS.verifier.text])

    assert askfirst.descriptor is None


def test_the_descriptor_in_use_is_a_value() -> None:
    """It can be compared and replaced, not changed."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        descriptor().site = "other001"  # type: ignore[misc]
