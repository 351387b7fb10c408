"""New decisions as they come: to whom, how far back, and that a stream never outlives the session or the process."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from askfirst.core.kinds import EntryKind
from askfirst.usecases.sessions import SignedIn, begin_session
from askfirst.usecases.staff import disable_member
from askfirst.web.console import events
from support.places import PAGES
from support.served import Served
from support.staff import COOKIE, entries, member


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream looks every 20 ms, and at its session every third time."""
    monkeypatch.setattr(events, "_PAUSE_S", 0.02)
    monkeypatch.setattr(events, "_CHECK_EVERY", 3)


def let_in(served: Served, role: str = "auditor", sites: tuple[str, ...] | None = None) -> SignedIn:
    home = served.home
    who = member(home, f"{role}{sites}@example.org".replace("'", "").replace("(", "").replace(",)", ""), role, sites)
    with home.place.staff.transaction() as transaction:
        return begin_session(transaction, who, home.settings.session_rule, now=home.clock(), random=home.random)


class Stream:
    """A stream of events as a browser reads it."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.answer = answer

    def next(self) -> dict[str, str]:
        """Return the next event's fields; a comment is no event. An ended stream gives none."""
        fields: dict[str, str] = {}
        while line := self.answer.readline().decode():
            name, _, text = line.rstrip("\r\n").partition(":")
            if name:
                fields[name] = text.strip()
            elif "data" in fields:
                return fields
            else:
                fields = {}
        return {}


@contextmanager
def follow(served: Served, signed_in: SignedIn, **headers: str) -> Iterator[Stream]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    sent = {"Cookie": f"{COOKIE}={signed_in.secret}", "Accept": "text/event-stream", **headers}
    connection.request("GET", "/console/events", headers=sent)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    assert "text/event-stream" in answer.headers["content-type"]
    assert "listening" in answer.readline().decode()
    try:
        yield Stream(answer)
    finally:
        connection.close()


def decide(served: Served, number: int, site: str = "demo0001") -> str:
    headers = {"origin": PAGES[site], "content-type": "text/plain"}
    answer = httpx.post(f"{served.url}/d/{site}", content=served.body(number, site), headers=headers)
    assert answer.status_code == 201, answer.text
    served.node.sequence()
    return str(answer.json()["record"])


def told(event: dict[str, str]) -> Any:
    assert "decision" == event["event"]
    return json.loads(event["data"])


def test_a_decision_is_told_when_it_has_its_place(served: Served) -> None:
    """What it was, where, and the way to its record; what came before is not told."""
    decide(served, 1)
    with follow(served, let_in(served)) as stream:
        record = decide(served, 2)
        event = stream.next()

    what = told(event)
    assert f"/console/records/{record}" == what["href"]
    assert ("Accepted all", ["embeds", "measurement"], [], "Site demo0001") == (
        what["method"],
        what["granted"],
        what["refused"],
        what["site"],
    )
    assert served.home.place.ledger.head(1).size - 1 == int(event["id"])
    assert EntryKind.RECORDS_FOLLOWED in [one["kind"] for one in entries(served.home)]


def test_whoever_was_away_goes_on_where_they_were(served: Served) -> None:
    """After the last one that the browser got; nonsense begins now."""
    signed_in = let_in(served)
    with follow(served, signed_in) as stream:
        decide(served, 1)
        last = stream.next()["id"]
    missed = [decide(served, 2), decide(served, 3)]
    with follow(served, signed_in, **{"Last-Event-ID": last}) as stream:
        assert [f"/console/records/{record}" for record in missed] == [told(stream.next())["href"] for _ in missed]
    for nonsense in ("-5", "x", "9" * 40, "1e3", "99999999"):
        with follow(served, signed_in, **{"Last-Event-ID": nonsense}) as stream:
            record = decide(served, 100 + len(nonsense) + ord(nonsense[0]))
            assert record in told(stream.next())["href"]


def test_somebody_for_one_site_hears_of_that_site_only(served: Served) -> None:
    """What is told next is the next one of their own site."""
    with follow(served, let_in(served, sites=("shop0001",))) as stream:
        decide(served, 1)
        record = decide(served, 2, "shop0001")
        assert record in told(stream.next())["href"]


def test_a_stream_ends_with_the_session(served: Served) -> None:
    """Signed out, disabled, or too long without use: the stream says so and ends; it keeps no session alive."""
    home = served.home
    signed_in = let_in(served)
    with follow(served, signed_in) as stream:
        home.clock.forward(home.settings.session_rule.idle_ms)
        assert "end" == stream.next()["event"]
        assert {} == stream.next()
    other = let_in(served, "owner")
    member(home, "second@example.org")
    with follow(served, other) as stream:
        disable_member(home.place.staff, 1, other.member.staff_id, reason=None, by=home.place.by)
        assert "end" == stream.next()["event"]


def test_there_is_a_limit_to_open_streams_and_a_closed_one_counts_no_more(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with a time to wait, and room again when somebody leaves."""
    monkeypatch.setattr(events, "MOST_STREAMS", 2)
    signed_in = let_in(served)
    cookie = {"Cookie": f"{COOKIE}={signed_in.secret}"}
    with follow(served, signed_in), follow(served, signed_in):
        refused = httpx.get(f"{served.url}/console/events", headers=cookie)
        assert (503, "30") == (refused.status_code, refused.headers["retry-after"])
    end = time.monotonic() + 10
    while True:
        try:
            with follow(served, signed_in):
                break
        except AssertionError:
            assert time.monotonic() < end
            time.sleep(0.1)
