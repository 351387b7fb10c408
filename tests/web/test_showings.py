"""How often a banner was shown: a bare number, where the site chose it, and nothing of anybody."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from askfirst.storage import tables as t
from askfirst.usecases.showings import Showing, Showings
from askfirst.usecases.tokens import issue_token
from support.command_line import CommandLine
from support.places import OTHER_PAGE, PAGE, Home, publish
from support.running_service import RunningService, run_service
from support.table_rows import more_rows
from support.time_and_ids import DAY, HOUR


@pytest.fixture
def counting(home: Home) -> Any:
    """Give a service whose site demo0001 counts, with its second policy."""
    publish(home.place, "demo0001", count_views=True)
    with run_service(home) as service:
        yield service


def show(service: RunningService, body: str = "2 en", site: str = "demo0001", **headers: str) -> httpx.Response:
    given = {"origin": PAGE, "content-type": "text/plain;charset=UTF-8", **headers}
    return service.request("POST", f"/n/{site}", content=body.encode(), headers=given)


def kept(service: RunningService) -> dict[tuple[str, str], int]:
    service.node.count()
    rollup = t.rollup.c
    query = select(rollup.site_key, rollup.value, rollup.count).where(rollup.dimension == "shown")
    with service.home.place.engine.connect() as connection:
        return {(row.site_key, row.value): row.count for row in connection.execute(query)}


def statistics(service: RunningService, query: str = "?site=demo0001") -> Any:
    place = service.home.place
    secret = issue_token(place.staff, 1, name="x", role="auditor", sites=None, days=300, by=place.by)
    return service.get(f"/api/v1/statistics{query}", authorization=f"Bearer {secret}").json()


@pytest.mark.each_database
def test_each_showing_raises_one_number_and_leaves_nothing_else(home: Home) -> None:
    """By policy and language; no entry, no record, no cookie."""
    publish(home.place, "demo0001", count_views=True)
    with run_service(home) as counting:
        counting.node.count()
        before = counting.rows()
        answers = [show(counting, body) for body in ("2 en", "2 en", "2 de", "1 en")]

        assert [204] * 4 == [one.status_code for one in answers]
        assert [b""] * 4 == [one.content for one in answers]
        assert not any("set-cookie" in one.headers for one in answers)
        assert {} == more_rows(before, counting.rows())
        assert {("demo0001", "2 en"): 2, ("demo0001", "2 de"): 1, ("demo0001", "1 en"): 1} == kept(counting)
        assert {"rollup": 3} == more_rows(before, counting.rows())
        show(counting)
        assert 3 == kept(counting)["demo0001", "2 en"]


def test_statistics_tell_the_share_that_nobody_answers(counting: RunningService) -> None:
    """Of the days that counted alone; a withdrawal is no answer to a banner."""
    counting.accept()
    counting.settle()
    counting.home.clock.forward(DAY)
    for _ in range(10):
        show(counting)
    show(counting, "2 de")
    counting.accept()
    counting.refuse()
    counting.settle()
    counting.node.count()

    found = statistics(counting)

    assert (11, 0.8182) == (found["shown"], found["no_answer"])
    assert {"language": {"en": 10, "de": 1}, "policy": {"2": 11}} == found["shown_by"]
    days = [(one["shown"], one["no_answer"]) for one in found["days"][-2:]]
    assert [(None, None), (11, 0.8182)] == days
    assert {"language": {"en": 10, "de": 1}} == statistics(counting, "")["shown_by"]
    assert "shown" not in found["sum"]["by"]


def test_more_answers_than_showings_are_no_negative_share(counting: RunningService) -> None:
    """Answers come from before, and through the control."""
    show(counting)
    counting.accept()
    counting.accept()
    counting.settle()
    counting.node.count()

    assert 0 == statistics(counting)["no_answer"]


def test_the_command_line_tells_it(home: Home, furnished_askfirst: CommandLine) -> None:
    """Beside the shares of those who answered."""
    with run_service(home) as service:
        service.node.showings.count(Showing(1, "demo0001", home.clock() // HOUR, "1 en"))
        service.node.count()

    said = furnished_askfirst.does(
        "audit", "statistics", "--organisation", "example", "--from", "2026-06-15", "--to", "2026-06-15"
    )
    assert "no answer" in said
    assert "100%" in said


def test_a_site_that_did_not_choose_it_counts_nothing(counting: RunningService) -> None:
    """And its script has not a byte of it."""
    refused = show(counting, "1 en", "shop0001", origin=OTHER_PAGE)

    assert (404, {}) == (refused.status_code, kept(counting))
    assert "/n/" not in counting.get("/s/shop0001.js").text
    assert "/n/" in counting.get("/s/demo0001.js").text


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (400, "3 en", {}),
        (400, "2 fr", {}),
        (400, "2", {}),
        (400, "", {}),
        (400, "2 en en", {}),
        (400, "02 en", {}),
        (400, "２ en", {}),
        (413, "2 en" + " " * 61, {}),
        (415, "2 en", {"content-type": "application/json"}),
        (403, "2 en", {"origin": "https://elsewhere.example.org"}),
        (403, "2 en", {"origin": "null"}),
    ],
)
def test_what_is_no_showing_counts_nothing(
    counting: RunningService, status: int, body: str, headers: dict[str, str]
) -> None:
    """A policy that there is not, another language, too much, a foreign page."""
    refused = show(counting, body, **headers)

    assert (status, {}) == (refused.status_code, kept(counting)), refused.text


def test_without_an_origin_or_with_two_nothing_counts(counting: RunningService) -> None:
    """Nobody can say which page it was."""
    bare = counting.request("POST", "/n/demo0001", content=b"2 en", headers={"content-type": "text/plain"})
    two = [("origin", PAGE), ("origin", OTHER_PAGE), ("content-type", "text/plain")]
    both = counting.request("POST", "/n/demo0001", content=b"2 en", headers=two)
    nowhere = show(counting, site="nosuch01")

    assert ([403, 403, 404], {}) == ([one.status_code for one in (bare, both, nowhere)], kept(counting))
    assert 405 == counting.get("/n/demo0001", origin=PAGE).status_code


def test_one_address_sends_so_many_and_answers_have_a_limit_of_their_own(home: Home) -> None:
    """Whoever floods the count is stopped, and can answer all the same."""
    publish(home.place, "demo0001", count_views=True)
    settings = home.settings.model_copy(update={"rate_per_minute": 3})
    object.__setattr__(home.place, "settings", settings)
    with run_service(home) as service:
        assert [204, 204, 204, 429, 429] == [show(service).status_code for _ in range(5)]
        assert 201 == service.post(service.decision()).status_code
        assert {("demo0001", "2 en"): 3} == kept(service)


class Away:
    """A place to store numbers that is away at first."""

    def __init__(self, failures: int) -> None:
        self.failures, self.kept = failures, dict[Showing, int]()

    def add(self, counts: dict[Showing, int]) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        for showing, count in counts.items():
            self.kept[showing] = self.kept.get(showing, 0) + count


def test_what_can_not_be_stored_waits_for_the_next_time() -> None:
    """Nothing is lost while the database is away, and nothing counts twice."""
    room = Away(2)
    counted, one, other = Showings(room), Showing(1, "demo0001", 5, "1 en"), Showing(1, "demo0001", 5, "1 de")
    counted.count(one)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            counted.store()
        counted.count(one)
        counted.count(other)

    assert 5 == counted.store()
    assert 0 == counted.store()
    assert {one: 3, other: 2} == room.kept


def test_a_database_that_is_away_for_weeks_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The most frequent are kept."""
    monkeypatch.setattr("askfirst.usecases.showings._MOST", 10)
    room = Away(20)
    counted = Showings(room)
    for hour in range(20):
        for _ in range(hour + 1):
            counted.count(Showing(1, "demo0001", hour, "1 en"))
        with pytest.raises(ConnectionError):
            counted.store()

    counted.store()
    assert set(range(10, 20)) == {one.hour for one in room.kept}


def test_the_last_are_stored_when_the_service_stops(home: Home) -> None:
    """Nobody has to wait for the next ten seconds."""
    publish(home.place, "demo0001", count_views=True)
    with run_service(home) as service:
        show(service)
    with home.place.engine.connect() as connection:
        stored = connection.execute(select(t.rollup.c.count).where(t.rollup.c.dimension == "shown")).scalars().all()

    assert [1] == stored
