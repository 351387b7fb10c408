"""Webhooks in the console: made with a key that is shown once, tried, told of when they fail, and removed."""

import json
from html import unescape
from uuid import UUID

import pytest

from askfirst.usecases.webhooks import Sent, shown_key
from support.running_service import RunningService
from support.staff import desk, entries
from support.table_rows import more_rows
from support.webhooks import deliver_all

PLACE = "/console/webhooks"
GIVEN = {"url": "https://hook.example.org/x", "events": ["decision.recorded", "record.erased"]}


class Receiver:
    """Keeps what is sent, and answers what it is told to."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.got: list[dict[str, object]] = []

    def send(self, _url: str, _headers: dict[str, str], body: bytes) -> Sent:
        self.got.append(json.loads(body))
        return Sent(self.status < 300, f"It answered {self.status}.")


def test_one_is_made_tried_and_removed(service: RunningService) -> None:
    """The key is on the page that made it and nowhere else; a test says nothing of anybody."""
    live, who = service.node.live, desk(service)
    live.sender = receiver = Receiver()
    made = unescape(who.post(PLACE, GIVEN).text)
    hook = live.webhooks.webhooks(1)[0]
    key = shown_key(live.webhook_secret, hook.webhook_id)

    assert key in made
    assert key not in unescape(who.get(PLACE).text)
    name = str(UUID(bytes=hook.webhook_id))
    tried = unescape(who.post(f"{PLACE}/{name}/test").text)
    assert "The message arrived at https://hook.example.org/x. It answered 200." in tried
    assert [("webhook.tested", {"webhook": name})] == [(one["type"], one["data"]) for one in receiver.got]
    assert 303 == who.post(f"{PLACE}/{name}/remove").status_code
    assert () == live.webhooks.webhooks(1)
    assert 404 == who.post(f"{PLACE}/{name}/remove").status_code
    assert [name] == [one["webhook"] for one in entries(service.home, "webhook:removed")]


def test_one_that_fails_says_why_and_when_it_is_tried_again(service: RunningService) -> None:
    """The next message waits behind it; once it arrives, nothing is said to be wrong."""
    live, who = service.node.live, desk(service)
    live.sender = receiver = Receiver(500)
    who.post(PLACE, GIVEN)
    service.accept()
    service.settle()
    clock = service.home.clock
    deliver_all(live, receiver, clock)
    page = unescape(who.get(PLACE).text)

    assert "1 attempt in vain" in page
    assert "It answered 500." in page
    assert "Next attempt" in page
    receiver.status = 204
    clock.forward(6_000)
    service.settle()
    deliver_all(live, receiver, clock)
    assert "in vain" not in who.get(PLACE).text
    assert 2 == len(receiver.got)


@pytest.mark.parametrize(
    "given",
    [
        {**GIVEN, "url": "ftp://x"},
        {**GIVEN, "url": "https://user:word@example.org/"},
        {**GIVEN, "url": "x" * 5000},
        {"url": GIVEN["url"]},
        {**GIVEN, "events": ["nothing"]},
        {**GIVEN, "events": ["decision.recorded", "decision.recorded"]},
        {**GIVEN, "sites": ["other0001"]},
        {**GIVEN, "sites": ["demo0001", "demo0001"]},
    ],
)
def test_what_is_wrong_is_told_at_its_field(service: RunningService, given: dict[str, object]) -> None:
    """Nothing is stored, and what was typed stands there again."""
    who = desk(service)
    before = service.rows()
    answer = who.post(PLACE, given)

    assert 422 == answer.status_code
    assert "-fault" in answer.text
    assert {} == more_rows(before, service.rows())


def test_an_owner_of_one_site_makes_one_for_it_and_sees_no_other(service: RunningService) -> None:
    """Without a choice it is for all of theirs, never for the organisation."""
    live = service.node.live
    desk(service).post(PLACE, GIVEN)
    who = desk(service, "owner", ("shop0001",), login="shop@example.org")

    assert "hook.example.org" not in who.get(PLACE).text
    first = str(UUID(bytes=live.webhooks.webhooks(1)[0].webhook_id))
    for deed in ("test", "pause", "resume", "remove"):
        assert 404 == who.post(f"{PLACE}/{first}/{deed}").status_code
    who.post(PLACE, {**GIVEN, "url": "https://shop.example.org/"})
    assert [None, ("shop0001",)] == [one.sites for one in live.webhooks.webhooks(1)]
    assert "https://shop.example.org/" in who.get(PLACE).text


def test_one_is_paused_and_goes_on(service: RunningService) -> None:
    """Meanwhile nothing is sent and nothing is lost; each is an entry."""
    live, who = service.node.live, desk(service)
    live.sender = receiver = Receiver()
    who.post(PLACE, GIVEN)
    name = str(UUID(bytes=live.webhooks.webhooks(1)[0].webhook_id))
    paused = unescape(who.post(f"{PLACE}/{name}/pause").text)

    assert "Told of nothing until it goes on" in paused
    assert "Paused since" in unescape(who.get(PLACE).text)
    service.accept()
    service.settle()
    deliver_all(live, receiver, service.home.clock)
    assert [] == receiver.got
    assert "It goes on now" in unescape(who.post(f"{PLACE}/{name}/resume").text)
    deliver_all(live, receiver, service.home.clock)
    assert ["decision.recorded"] == [one["type"] for one in receiver.got]
    assert "Paused since" not in who.get(PLACE).text
    for kind in ("webhook:paused", "webhook:resumed"):
        assert [name] == [one["webhook"] for one in entries(service.home, kind)]


def test_one_that_failed_is_tried_again_now(service: RunningService) -> None:
    """Without waiting for its pause to end."""
    live, who = service.node.live, desk(service)
    live.sender = receiver = Receiver(500)
    who.post(PLACE, GIVEN)
    name = str(UUID(bytes=live.webhooks.webhooks(1)[0].webhook_id))
    service.accept()
    service.settle()
    deliver_all(live, receiver, service.home.clock)
    assert "Try again now" in who.get(PLACE).text
    receiver.status = 204
    deliver_all(live, receiver, service.home.clock)
    assert 1 == len(receiver.got)

    who.post(f"{PLACE}/{name}/resume")
    deliver_all(live, receiver, service.home.clock)
    assert 2 == len(receiver.got)
    assert "Try again now" not in who.get(PLACE).text
