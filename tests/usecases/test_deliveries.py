"""Webhooks side by side: one that is slow holds up no other, and none is told twice at a time."""

import threading
import time

import pytest

from askfirst.deliveries import Deliveries
from askfirst.usecases.webhooks import Sent, add_webhook
from support.running_service import RunningService

SLOW, QUICK = "https://slow.example/hook", "https://quick.example/hook"


class Ear:
    """Receivers of which one keeps everybody waiting until it is let go."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.asked: list[str] = []
        self.go_on = threading.Event()

    def send(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
        self.asked.append(url)
        if url == SLOW:
            self.go_on.wait(30)
        self.heard.append(url)
        return Sent(True, "It answered 204.")


def _until(ear: Ear, wanted: list[str]) -> None:
    end = time.monotonic() + 20
    while sorted(ear.heard) != wanted and time.monotonic() < end:
        time.sleep(0.01)
    assert wanted == sorted(ear.heard)


@pytest.mark.each_database
def test_a_receiver_that_is_slow_holds_up_no_other(service: RunningService) -> None:
    """While it is told its first message, the other hears all; it is not told a second one beside the first."""
    live, place, ear = service.node.live, service.home.place, Ear()
    service.settle()
    for url in (SLOW, QUICK):
        add_webhook(
            live.webhooks,
            live.ledger,
            1,
            url=url,
            events=("decision.recorded",),
            sites=None,
            known_sites=("demo0001",),
            by=place.by,
        )
    deliveries = Deliveries(live.webhooks, live.ledger, ear, live.webhook_secret, live.clock, lambda: True)
    try:
        service.accept()
        service.settle()
        deliveries.begin(1)
        _until(ear, [QUICK])
        service.accept()
        service.settle()
        for _ in range(3):
            deliveries.begin(1)
        _until(ear, [QUICK, QUICK])
        assert 1 == ear.asked.count(SLOW)
        ear.go_on.set()
        _until(ear, [QUICK, QUICK, SLOW])
        end = time.monotonic() + 20
        while ear.heard.count(SLOW) < 2 and time.monotonic() < end:
            deliveries.begin(1)
            time.sleep(0.05)
    finally:
        ear.go_on.set()
        deliveries.close()

    assert [QUICK, QUICK, SLOW, SLOW] == sorted(ear.heard)
