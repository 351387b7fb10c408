"""Webhooks: signed, in order, again until they arrive, and never into the own network."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpcore
import pytest
from standardwebhooks import Webhook as Reader

from askfirst import guarded_sender
from askfirst.guarded_sender import GuardedSender, is_public
from askfirst.usecases.tokens import issue_token
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst.usecases.webhooks import Sent
from support.listening import listening
from support.running_service import RunningService
from support.staff import entries
from support.table_rows import more_rows
from support.webhooks import deliver_all

ADDRESS = "https://receiver.example.org/hook"


@dataclass
class Ear:
    """A receiver that hears, or does not."""

    deaf: bool = False
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def send(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
        assert url.startswith("https://")
        if self.deaf:
            return Sent(False, "It answered 500.")
        self.heard.append((headers, body))
        return Sent(True, "It answered 204.")

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _headers, body in self.heard]


def bearer(service: RunningService, sites: tuple[str, ...] | None = None) -> dict[str, str]:
    place = service.home.place
    secret = issue_token(place.staff, 1, name="hooks", role="owner", sites=sites, days=300, by=place.by)
    return {"authorization": f"Bearer {secret}"}


def add(service: RunningService, header: dict[str, str], **members: Any) -> Any:
    return service.request("POST", "/api/v1/webhooks", json={"url": ADDRESS, **members}, headers=header)


def tell(service: RunningService, ear: Ear) -> int:
    live = service.node.live
    service.settle()
    return deliver_all(live, ear)


@pytest.mark.each_database
def test_everything_arrives_once_in_the_ledgers_order_and_is_signed(service: RunningService) -> None:
    """A reader of the Standard Webhooks format takes each message, and refuses one that was altered."""
    header, ear = bearer(service), Ear()
    service.settle()
    made = add(service, header).json()
    record = service.accept()["record"]
    service.refuse()
    erasing = {"record": record, "reason": "Asked."}
    assert 200 == service.request("POST", "/api/v1/erasures", json=erasing, headers=header).status_code

    assert 3 == tell(service, ear)
    assert ["decision.recorded", "decision.recorded", "record.erased"] == ear.types
    assert 0 == tell(service, ear)
    reader = Reader(made["key"])
    # The clock of the tests stands, so the time of a message is not held against today's.
    for headers, body in ear.heard:
        signature = reader.sign(headers["webhook-id"], _moment(headers), body.decode())
        assert signature == headers["webhook-signature"]
    assert {"record": record, "forgotten": True} == json.loads(ear.heard[0][1])["data"]
    assert "Asked." == json.loads(ear.heard[2][1])["data"]["reason"]


def _moment(headers: dict[str, str]) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)


@pytest.mark.each_database
def test_what_does_not_arrive_is_sent_again_after_longer_and_longer_pauses(service: RunningService) -> None:
    """Nothing is lost, nothing overtakes, nothing is stored for it; the list says how it is."""
    header, ear = bearer(service), Ear(deaf=True)
    service.settle()
    add(service, header)
    service.accept()
    service.accept("shop0001")
    pauses = []
    for _ in range(4):
        before = service.node.live.clock()
        assert 0 == tell(service, ear)
        assert 0 == tell(service, ear)  # too early
        told = service.get("/api/v1/webhooks", **header).json()["webhooks"][0]
        pauses.append(told["next"] - before)
        service.home.clock.forward(told["next"] - service.home.clock())
    assert [5000, 10_000, 20_000, 40_000] == pauses
    assert (4, "It answered 500.") == (told["failures"], told["said"])
    ear.deaf = False
    sites = [json.loads(body)["data"]["site"] for _ in [tell(service, ear)] for _headers, body in ear.heard]
    assert ["demo0001", "shop0001"] == sites


@pytest.mark.each_database
def test_a_receiver_is_told_of_its_events_and_sites_alone(service: RunningService) -> None:
    """What happened before it was added is not told either."""
    header, ear = bearer(service), Ear()
    service.accept("shop0001")
    service.settle()
    add(service, header, events=["decision.recorded"], sites=["shop0001"])
    service.accept()
    shop = service.accept("shop0001")["record"]

    assert 1 == tell(service, ear)
    assert shop == json.loads(ear.heard[0][1])["data"]["record"]


@pytest.mark.each_database
def test_only_one_node_at_a_time_tells_a_receiver(service: RunningService) -> None:
    """While one node is at it, another one leaves it alone."""
    header, other = bearer(service), Ear()
    service.settle()
    add(service, header)
    service.accept()

    class Slow(Ear):
        def send(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
            assert 0 == tell(service, other)
            return super().send(url, headers, body)

    assert 1 == tell(service, Slow())
    assert [] == other.heard


@pytest.mark.parametrize(
    "members",
    [
        {"url": "ftp://example.org"},
        {"url": "https://user:secret@example.org/"},
        {"url": "https://example.org/ x"},
        {"url": 5},
        {"events": ["everything"]},
        {"events": []},
        {"events": "decision.recorded"},
        {"sites": ["other0001"]},
        {"sites": []},
        {"more": 1},
    ],
)
def test_a_bad_webhook_is_refused(service: RunningService, members: dict[str, Any]) -> None:
    """Each fault named; nothing stored."""
    header = bearer(service)
    before = service.rows()

    assert 400 == add(service, header, **members).status_code
    assert {} == more_rows(before, service.rows())


def test_webhooks_are_tried_listed_and_removed_by_who_may(service: RunningService) -> None:
    """An owner of one site sees those of that site alone; each deed is an entry."""
    header, shop = bearer(service), bearer(service, ("shop0001",))
    whole, own = add(service, header).json()["webhook"], add(service, shop).json()["webhook"]
    service.node.live.sender = Ear()
    tried = service.request("POST", f"/api/v1/webhooks/{own}/test", headers=shop)
    foreign = service.request("POST", f"/api/v1/webhooks/{whole}/test", headers=shop)

    assert [own] == [one["webhook"] for one in service.get("/api/v1/webhooks", **shop).json()["webhooks"]]
    assert ({"arrived": True, "said": "It answered 204."}, 404) == (tried.json(), foreign.status_code)
    assert 404 == service.request("DELETE", f"/api/v1/webhooks/{whole}", headers=shop).status_code
    assert 200 == service.request("DELETE", f"/api/v1/webhooks/{whole}", headers=header).status_code
    assert 404 == service.request("DELETE", f"/api/v1/webhooks/{whole}", headers=header).status_code
    kinds = ("webhook:added", "webhook:added", "webhook:tested", "webhook:removed")
    assert kinds == tuple(one["kind"] for one in entries(service.home) if str(one["kind"]).startswith("webhook:"))


@pytest.mark.each_database
def test_a_paused_webhook_is_told_nothing_until_it_goes_on(service: RunningService) -> None:
    """What happens meanwhile waits; both are entries, and the ledger tells of a pause that somebody set by hand."""
    header, ear = bearer(service), Ear()
    service.settle()
    place = f"/api/v1/webhooks/{add(service, header, events=['decision.recorded']).json()['webhook']}"
    since = service.home.clock()
    paused = service.request("POST", f"{place}/pause", headers=header).json()
    service.home.clock.forward(1000)
    again = service.request("POST", f"{place}/pause", headers=header).json()
    service.accept()

    assert (since, since, 0, []) == (paused["paused"], again["paused"], tell(service, ear), ear.heard)
    assert None is service.request("POST", f"{place}/resume", headers=header).json()["paused"]
    assert 1 == tell(service, ear)
    kinds = [str(one["kind"]) for one in entries(service.home) if str(one["kind"]).startswith("webhook:")]
    assert ["webhook:added", "webhook:paused", "webhook:paused", "webhook:resumed"] == kinds
    place_of_work = service.home.place
    service.settle()
    assert verify_ledger(place_of_work.directory, place_of_work.ledger, 1).holds


@pytest.mark.each_database
def test_resuming_sends_at_once_what_waits_after_failures(service: RunningService) -> None:
    """Nobody has to sit out an hour's pause when the receiver is mended."""
    header, ear = bearer(service), Ear(deaf=True)
    service.settle()
    place = f"/api/v1/webhooks/{add(service, header, events=['decision.recorded']).json()['webhook']}"
    service.accept()
    tell(service, ear)
    ear.deaf = False
    waits = tell(service, ear)
    service.request("POST", f"{place}/resume", headers=header)

    assert (0, 1) == (waits, tell(service, ear))


def test_a_webhook_is_paused_by_who_may(service: RunningService) -> None:
    """Of other sites, of nobody, and one that was removed: not found, and nothing stored."""
    header, shop = bearer(service), bearer(service, ("shop0001",))
    whole = add(service, header).json()["webhook"]
    gone = add(service, header).json()["webhook"]
    service.request("DELETE", f"/api/v1/webhooks/{gone}", headers=header)
    before = service.rows()
    asked = [(whole, shop), (gone, header), ("nothing", header)]
    answers = [
        service.request("POST", f"/api/v1/webhooks/{name}/{deed}", headers=who).status_code
        for name, who in asked
        for deed in ("pause", "resume")
    ]

    assert [404] * 6 == answers
    assert {} == more_rows(before, service.rows())


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("172.16.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nothing listens here
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::ffff:10.0.0.1", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b:1::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", False),
        ("fec0::1", False),
        ("240.0.0.1", False),
        ("2130706433", False),
        ("nothing", False),
    ],
)
def test_what_is_public(address: str, public: bool) -> None:
    """Through every form that an address inside can hide in."""
    assert public is is_public(address)


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/slow":
            threading.Event().wait(3)
        self.send_response({"/gone": 500, "/away": 302, "/slow": 200}.get(self.path, 204))
        if self.path == "/away":
            self.send_header("location", "/ok")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_given: Any) -> None:
        pass


@contextmanager
def receiver() -> Iterator[tuple[str, list[str]]]:
    with listening(_Receiver) as given:
        yield given


def test_a_receiver_that_is_slow_gone_or_leads_elsewhere_is_told_apart() -> None:
    """Nothing is raised, no redirect is followed, and nothing takes longer than it may."""
    sender = GuardedSender(inside=True, seconds=1)
    with receiver() as (url, asked):
        said = {path: sender.send(url + path, {}, b"{}") for path in ("/ok", "/gone", "/away", "/slow")}
    nobody = sender.send(url, {}, b"{}")

    assert {
        "/ok": Sent(True, "It answered 204."),
        "/gone": Sent(False, "It answered 500."),
        "/away": Sent(False, "It answered 302, and redirects are not followed."),
        "/slow": Sent(False, "It did not answer within 1 seconds."),
    } == said
    assert ["/ok", "/gone", "/away", "/slow"] == asked
    assert Sent(False, "It can not be reached: ConnectError.") == nobody


def test_a_receiver_is_reached_by_another_of_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first is out of reach, as IPv6 is from many containers, nothing ever arrived."""
    really = socket.getaddrinfo

    def look_up(host: str, port: int, *given: Any, **named: Any) -> Any:
        if host != "receiver.example.org":
            return really(host, port, *given, **named)
        return [(0, 0, 0, "", (address, port)) for address in ("127.0.0.7", "127.0.0.8", "127.0.0.1")]

    monkeypatch.setattr(guarded_sender.socket, "getaddrinfo", look_up)
    with receiver() as (url, asked):
        port = url.rpartition(":")[2]
        sent = GuardedSender(inside=True, seconds=5).send(f"http://receiver.example.org:{port}/ok", {}, b"{}")

    assert (Sent(True, "It answered 204."), ["/ok"]) == (sent, asked)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_no_message_goes_into_the_network_inside(host: str) -> None:
    """However the address is written: it is looked up and checked."""
    with receiver() as (url, asked):
        port = url.rpartition(":")[2]
        sent = GuardedSender().send(f"https://{host}:{port}/ok", {}, b"{}")
        plain = GuardedSender().send(url, {}, b"{}")

    assert (False, False, []) == (sent.arrived, plain.arrived, asked)
    assert "inside the network" in sent.said


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "0"])
def test_another_way_to_write_a_number_leads_inside_too(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """The C library reads them all; it is its answer that is checked, and not the text."""

    def look_up(name: str, port: int, *_given: Any, **_named: Any) -> Any:
        return [(0, 0, 0, "", (socket.inet_ntoa(socket.inet_aton(name)), port))]

    monkeypatch.setattr(guarded_sender.socket, "getaddrinfo", look_up)
    sent = GuardedSender().send(f"https://{host}/", {}, b"{}")

    assert Sent(False, "Its address is inside the network, where nothing may be sent.") == sent


@pytest.mark.parametrize("addresses", [["10.0.0.7"], ["93.184.216.34", "127.0.0.1"], ["::ffff:169.254.169.254"]])
def test_a_name_that_leads_inside_is_told_nothing(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    """Also where only one of its addresses does."""
    monkeypatch.setattr(
        guarded_sender.socket, "getaddrinfo", lambda *_a, **_n: [(0, 0, 0, "", (a, 443)) for a in addresses]
    )
    sent = GuardedSender().send("https://leads.example.org/", {}, b"{}")

    assert Sent(False, "Its address is inside the network, where nothing may be sent.") == sent


def test_the_connection_is_made_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere a moment later changes nothing: it is not looked up again."""
    asked: list[str] = []

    def connect(_backend: Any, host: str, *_given: Any) -> Any:
        asked.append(host)
        raise httpcore.ConnectError

    def look_up(host: str, *_given: Any, **_named: Any) -> Any:
        asked.append(host)
        return [(0, 0, 0, "", ("93.184.216.34", 443))]

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    monkeypatch.setattr(guarded_sender.socket, "getaddrinfo", look_up)
    GuardedSender().send("https://moving.example.org/", {}, b"{}")

    assert ["moving.example.org", "93.184.216.34"] == asked
