"""Search entries of every kind: what visitors answered, what staff and the service did, and how many there are."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from askfirst.storage import tables as t
from askfirst.usecases import search
from askfirst.usecases.rows import RecordQuery
from askfirst.usecases.search import Total, count_records, list_records
from askfirst.usecases.tokens import issue_token
from askfirst.usecases.verify_ledger import verify_ledger
from support.places import PAGES
from support.running_service import RunningService
from support.staff import entries

pytestmark = pytest.mark.each_database


def bearer(service: RunningService, sites: tuple[str, ...] | None = None, name: str = "monthly report") -> str:
    place = service.home.place
    return "Bearer " + issue_token(place.staff, 1, name=name, role="auditor", sites=sites, days=9, by=place.by)


def ask(service: RunningService, query: str, token: str) -> dict[str, Any]:
    answer = service.get(f"/api/v1/entries?{query}", authorization=token)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def found(service: RunningService, query: str, token: str) -> list[str]:
    return [one["kind"] for one in ask(service, query, token)["entries"]]


def test_entries_are_found_by_kind_site_staff_record_and_time(service: RunningService) -> None:
    """Each filter alone finds what it says, newest first; what only decisions have finds decisions."""
    demo, shop = service.accept()["record"], service.accept("shop0001")["record"]
    service.home.clock.forward(1000)
    token = bearer(service)
    service.home.clock.forward(1)
    service.get(f"/api/v1/records/{demo}", authorization=token)
    service.home.clock.forward(1)

    assert ["record:viewed"] == found(service, "kind=record:viewed", token)
    assert ["record:viewed", "decision:recorded"] == found(service, f"record={demo}", token)
    assert ["decision:recorded"] == found(service, "site=shop0001&kind=decision:recorded", token)
    assert ["decision:recorded", "policy:published", "site:created"] == found(service, "site=shop0001", token)
    assert ["decision:recorded"] * 2 == found(service, "granted=measurement", token)
    assert [] == found(service, "granted=measurement&kind=record:viewed", token)
    assert {"records:searched", "record:viewed"} == set(found(service, "staff=token:monthly%20report", token))
    assert "token:created" == found(service, "staff=operator:test", token)[0]
    assert ["decision:recorded"] * 2 + ["build:published"] == found(
        service, "from=2026-06-15T12:00:00Z&to=2026-06-15T12:00:01Z", token
    )
    first = ask(service, f"record={shop}", token)["entries"][0]
    assert (shop, "shop0001", shop) == (first["record"], first["site"], first["decision"]["record"])


def test_a_token_for_a_site_sees_that_sites_entries(service: RunningService) -> None:
    """What concerns the organisation, or another site, is not among them."""
    service.accept()
    service.accept("shop0001")

    assert ["decision:recorded", "policy:published", "site:created"] == found(
        service, "", bearer(service, ("shop0001",))
    )
    assert [] == found(service, "site=demo0001", bearer(service, ("shop0001",)))


def test_pages_of_entries_neither_repeat_nor_skip_while_the_search_itself_leaves_entries(
    service: RunningService,
) -> None:
    """The cursor is a key; decisions and deeds stay in one order."""
    for _ in range(4):
        service.accept()
        service.home.clock.forward(1)
    token = bearer(service)
    service.home.clock.forward(1)  # each page is an entry by itself, which is newer than all of these
    expected = [one["entry"] for one in ask(service, "limit=200&to=2026-06-15T12:00:00.005Z", token)["entries"]]
    collected: list[str] = []
    page = ask(service, "limit=3&to=2026-06-15T12:00:00.005Z", token)
    total = page["total"]
    while True:
        collected += [one["entry"] for one in page["entries"]]
        if page["cursor"] is None:
            break
        page = ask(service, f"limit=3&to=2026-06-15T12:00:00.005Z&cursor={page['cursor']}", token)
        assert page["total"] is None

    assert expected == collected
    assert {"count": len(expected), "is": "exact"} == total


def test_the_search_table_of_entries_is_held_against_them(log: RunningService) -> None:
    """A row that was altered, taken away or put there by hand is told by a verification."""
    place = log.home.place
    kind = entries(log.home, "policy:published")[0]
    where = t.deed.c.entry_id == UUID(kind["entry"]).bytes

    def told() -> list[str]:
        return [one.said for one in verify_ledger(place.directory, place.ledger, 1).findings]

    assert [] == told()
    with place.engine.begin() as connection:
        connection.execute(update(t.deed).where(where, t.deed.c.log_id == 1).values(staff="somebody else"))
    altered = told()
    with place.engine.begin() as connection:
        connection.execute(delete(t.deed).where(where, t.deed.c.log_id == 1))
    missing = told()
    with place.engine.begin() as connection:
        connection.execute(t.deed.insert().values(log_id=1, entry_id=bytes(16), kind="record:viewed"))

    said = "the search table of entries says something else than the entry"
    assert [said] == altered == missing
    assert [said, "The search table of entries has 1 row(s) without an entry."] == sorted(told(), reverse=True)


def test_what_no_index_helps_with_is_bounded_by_time(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a second the page comes as it is, and its cursor goes on until everything was looked through."""
    monkeypatch.setattr(search, "_STRETCH", 2)
    service.accept(method="custom")
    for _ in range(6):
        service.home.clock.forward(1)
        service.accept()
    records, passing = service.home.place.records, iter(range(0, 1_000_000, 1000))
    query = RecordQuery(method="custom", limit=5)
    pages = []
    cursor: str | None = None
    while not pages or cursor:
        query = RecordQuery(method="custom", limit=5, after_id=UUID(cursor).bytes if cursor else None)
        page, cursor = list_records(records, 1, query, lambda: next(passing))
        pages.append(len(page))

    assert 1 == sum(pages)
    assert len(pages) > 1
    assert [1] == [len(list_records(records, 1, RecordQuery(method="custom"), lambda: 0)[0])]


def test_a_large_number_is_an_estimate_and_says_so(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the rollups; what an index counts is exact up to a limit."""
    monkeypatch.setattr(search, "COUNTED", 3)
    for _ in range(4):
        service.accept()
    service.refuse()
    service.settle()
    records, now = service.home.place.records, service.home.clock()

    def total(query: RecordQuery) -> Total:
        page, cursor = list_records(records, 1, query)
        return count_records(records, 1, query, len(page), cursor, now + 1)

    assert Total(5, "exact") == total(RecordQuery(limit=50))
    assert Total(5, "estimate") == total(RecordQuery(limit=2))
    assert Total(4, "estimate") == total(RecordQuery(limit=2, method="accept_all"))
    assert Total(5, "estimate") == total(RecordQuery(limit=2, asked=True))


def test_what_no_rollup_knows_is_not_estimated(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many came from pages of one origin nobody counts: there are at least as many as were found."""
    monkeypatch.setattr(search, "COUNTED", 3)
    for _ in range(4):
        service.accept()
        service.accept("shop0001")
    service.settle()
    records, now = service.home.place.records, service.home.clock()
    query = RecordQuery(limit=2, origin=PAGES["shop0001"])
    page, cursor = list_records(records, 1, query)

    assert Total(2, "at least") == count_records(records, 1, query, len(page), cursor, now + 1)
    assert Total(7, "estimate") == Total(4, "estimate") + Total(3, "at least")


def test_a_search_of_several_sites_keeps_their_records_in_one_order(service: RunningService) -> None:
    """Each site's index is gone along by itself, and what they give is merged."""
    made = []
    for number in range(6):
        service.home.clock.forward(1)
        made.append(service.accept("shop0001" if number % 2 else "demo0001")["record"])
    query = RecordQuery(sites=("demo0001", "shop0001"), limit=4)
    page, cursor = list_records(service.home.place.records, 1, query)

    assert made[:1:-1] == [one.record_id for one in page]
    assert page[-1].record_id == cursor
