"""How often one address may answer, and that nothing about a visitor is kept in memory or written to a log."""

import asyncio
import gc
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from askfirst.web.limits import AddressLimit
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.subject import consent_id
from askfirst_sdk.token import claimed_payload
from support.places import PAGE, Home, open_home, settings_of
from support.running_service import AGENT, VISITOR, RunningService, problem, run_service
from support.table_rows import more_rows


@pytest.fixture
def limited(home: Home) -> Iterator[RunningService]:
    """Give a service that takes three decisions a minute from one address."""
    settings = settings_of(home.settings.home, rate_per_minute=3)
    with run_service(replace(home, place=replace(home.place, settings=settings))) as running:
        yield running


def test_too_many_from_one_address_are_asked_to_wait(limited: RunningService) -> None:
    """429 with `Retry-After`, readable by the page, and nothing stored; another site of the same address goes on."""
    answers = [limited.post(limited.decision()) for _ in range(3)]
    before = limited.rows()
    refused = limited.post(limited.decision())
    elsewhere = limited.post(limited.decision("other0001"), "other0001")

    assert [201] * 3 == [answer.status_code for answer in answers]
    detail = "Too many requests came from this address; try again in 60 seconds."
    assert problem("rate-limited", 429, "Too many requests", detail) == refused.json()
    assert ("60", PAGE) == (refused.headers["retry-after"], refused.headers["access-control-allow-origin"])
    assert 201 == elsewhere.status_code
    assert {"entry": 1, "pending": 1, "record": 1, "decision_seen": 1} == more_rows(before, limited.rows())


def test_refused_requests_count_too(limited: RunningService) -> None:
    """Whoever sends rubbish does not get more tries for it; a preflight is no try."""
    for _ in range(9):
        limited.request("OPTIONS", "/d/demo0001", headers={"origin": PAGE})
    codes = [limited.post(b"{").status_code for _ in range(4)]

    assert [400, 400, 400, 429] == codes


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("203.0.113.1", "203.0.113.1", True),
        ("203.0.113.1", "203.0.113.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("203.0.113.1", "::ffff:203.0.113.1", True),
        ("::ffff:203.0.113.1", "::ffff:203.0.113.2", False),
        ("", "", True),
        ("no address", "no address", True),
    ],
)
def test_an_address_is_a_host_or_a_household(one: str, other: str, together: bool) -> None:
    """A whole IPv6 /64 counts as one, and an IPv4 address is the same in either spelling."""
    limit = AddressLimit(1)

    assert 0 == limit.wait((one, 1), "demo0001")
    assert (60 if together else 0) == limit.wait((other, 2), "demo0001")


def test_the_window_slides() -> None:
    """What came in the last minute counts by the part of it that is not a minute ago yet; then it is forgotten."""
    now = 600.0
    limit = AddressLimit(4, lambda: now)
    taken = []
    for now in (659.0, 660.0, 675.0, 705.0, 719.9, 720.0, 900.0):  # noqa: B007 - read by the clock
        answers = [limit.wait(("203.0.113.1", 1), "demo0001") for _ in range(9)]
        taken.append(answers.index(60))

    # 4; none at once; a quarter, three quarters and all of it later; then the 4 of that minute; then all anew.
    assert [4, 0, 1, 2, 1, 0, 4] == taken


def test_without_an_address_there_is_one_limit_for_all() -> None:
    """Behind a socket that has no address nobody is let through for that reason."""
    limit = AddressLimit(1)

    assert [0, 60] == [limit.wait(None, "demo0001") for _ in range(2)]


def test_zero_means_no_limit() -> None:
    """An operator who limits elsewhere switches it off."""
    limit = AddressLimit(0)

    assert {0} == {limit.wait(("203.0.113.1", 1), "demo0001") for _ in range(1000)}


def test_the_limit_keeps_no_address(limited: RunningService) -> None:
    """No object in memory holds the visitor's address after the request, only a keyed hash of it."""
    limited.post(limited.decision())
    limited.post(limited.decision())
    gc.collect()
    kept = [key for one in gc.get_objects() if isinstance(one, AddressLimit) for key in (*one._counts, *one._before)]

    assert ["demo0001"] == [site for site, _ in kept]
    assert [] == [name for _, name in kept if VISITOR[0] in name or "203.0.113" in name]


def test_nothing_about_a_visitor_reaches_a_log(home: Home, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    """A busy run with every kind of accident: no address, agent, consent id, receipt, body or token in any output."""
    caplog.set_level(logging.DEBUG)
    secrets: set[str] = {VISITOR[0], AGENT, "a-page-that-nobody-should-see"}
    with run_service(home) as service:
        for _ in range(5):
            answer = service.accept(page="/a-page-that-nobody-should-see")
            subject = parse_receipt(claimed_payload(answer["receipt"])).subject
            assert subject is not None
            secrets |= {subject, consent_id(subject), answer["receipt"], answer["record"]}
            service.refuse(method="withdraw", receipt=answer["receipt"], consent_id=consent_id(subject))
        for body in (b"{", b"[]", b"\xff", b" " * 9000, json.dumps(service.decision(consent_id="1")).encode()):
            service.post(body)
        service.post(service.decision(), origin="https://evil.example")
        service.get("/api/v1/records", authorization="Bearer askfirst_secret-of-somebody")
        secrets |= {"askfirst_secret-of-somebody", "evil.example"}
        conflicting = service.decision()
        service.post(conflicting)
        service.post({**conflicting, "gpc": True})
        secrets.add(conflicting["id"])
        service.settle()
        service.node.writer.stop()
        assert 503 == service.post(service.decision()).status_code
    written = caplog.text + "".join(capfd.readouterr())

    assert [] == [secret for secret in secrets if secret in written]


def test_an_accident_of_the_database_tells_the_visitor_nothing(service: RunningService, caplog: Any) -> None:
    """When the database fails the visitor is told to come again, and no log line holds the statement's values."""
    place = service.home.place
    with place.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE record RENAME TO record_away")
    sent = service.decision()
    refused = service.post(sent)
    with place.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE record_away RENAME TO record")
    again = service.post(sent)

    detail = "Nothing was confirmed, since the database did not confirm it; try again in 2 seconds."
    assert problem("unavailable", 503, "Not available at the moment", detail) == refused.json()
    assert ("2", PAGE) == (refused.headers["retry-after"], refused.headers["access-control-allow-origin"])
    assert 201 == again.status_code
    assert sent["id"] not in caplog.text


def test_a_full_queue_is_503_at_once(home: Home) -> None:
    """Under more load than the disk can take, visitors are told to come again instead of waiting for ever."""
    settings = settings_of(home.settings.home, queue_limit=2)
    with run_service(replace(home, place=replace(home.place, settings=settings))) as service:
        body = [json.dumps(service.decision()).encode() for _ in range(60)]
        headers = {"origin": PAGE, "content-type": "text/plain"}

        async def flood() -> list[Any]:
            return await asyncio.gather(
                *(service.client.post("/d/demo0001", content=one, headers=headers) for one in body)
            )

        answers = service.call(flood)
        codes = {answer.status_code for answer in answers}
        stored = sum(answer.status_code == 201 for answer in answers)

        assert {201, 503} == codes
        assert {"1"} == {answer.headers["retry-after"] for answer in answers if answer.status_code == 503}
        assert stored == service.rows()["record"]


def test_what_was_accepted_is_sequenced_and_signed_at_the_end(home: Home) -> None:
    """Stopping a service leaves nothing waiting: every accepted decision is under the last checkpoint."""
    with run_service(home) as service:
        for _ in range(7):
            service.accept()
    again = open_home(home.settings, home.clock, home.random)
    head, last = again.place.ledger.head(1), again.place.ledger.last_checkpoint(1)
    again.close()

    assert last is not None
    assert (head.size, head.root) == (last.size, last.root)
    assert 0 == again.place.ledger.waiting(1)
    again.close()


def test_the_database_holds_no_address_and_no_agent(service: RunningService, tmp_path: Path) -> None:
    """By default not one byte of address or user agent is in any file of the home folder (REQUIREMENTS PR-2)."""
    service.accept()
    service.refuse()
    service.settle()
    files = [path for path in service.home.settings.home.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)

    assert b"demo0001" in content
    assert VISITOR[0].encode() not in content
    assert AGENT.encode() not in content
