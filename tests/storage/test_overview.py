"""What is read at a glance: counts by day, arrivals by place, newest entries."""

from typing import Any

from sqlalchemy import event

from askfirst.core.kinds import EntryKind
from askfirst.storage.overview import SqlOverview
from askfirst.storage.records import SqlRecords
from askfirst.usecases.sequence import sequence_all
from support.places import Home
from support.running_service import RunningService
from support.time_and_ids import DAY


def test_answers_are_counted_by_day_site_and_method(service: RunningService) -> None:
    """Days begin where the zone's do, and other sites and organisations are not among them."""
    home = service.home
    records = SqlRecords(home.place.engine)
    today = home.clock() // DAY

    def counted(sites: tuple[str, ...] | None, first: int, last: int, offset: int = 0) -> list[tuple[int, str, int]]:
        found = records.by_day(1, sites, ("method",), first * 24, (last + 1) * 24, offset)
        assert {"method"} == {dimension for _, dimension, _, _ in found} or not found
        return sorted((day, method, count) for day, _, method, count in found)

    service.accept()
    service.refuse()
    service.accept("shop0001")
    service.accept("other0001")
    service.settle()
    home.clock.forward(DAY)
    service.accept()
    service.settle()

    both = [(today, "accept_all", 2), (today, "reject_all", 1), (today + 1, "accept_all", 1)]
    assert both == counted(None, today, today + 1)
    assert [(today, "accept_all", 1)] == counted(("shop0001",), today, today + 1)
    assert [(today + 1, "accept_all", 1)] == counted(("demo0001",), today + 1, today + 1)
    assert [] == counted(None, today - 5, today - 1)
    assert [] == counted((), today, today + 1)
    # It was noon: twelve hours to the east the day was the next one already.
    assert [(day + 1, method, count) for day, method, count in both] == counted(None, today, today + 1, 12)


def test_arrivals_are_decisions_by_their_place(service: RunningService) -> None:
    """From one place to before another, of the sites that are asked for; other entries are left out."""
    home = service.home
    overview = SqlOverview(home.place.engine)
    service.settle()
    first = home.place.ledger.head(1).size
    one, two = service.accept(), service.accept("shop0001")
    home.place.leave(1, EntryKind.PAGE_VIEWED, {"page": "/console", "via": "console"})
    service.settle()
    size = home.place.ledger.head(1).size

    found = overview.arrivals(1, None, first, size)
    assert size == first + 3
    assert [one["record"], two["record"]] == [_uuid(arrival.record_id) for arrival in found]
    assert ["demo0001", "shop0001"] == [arrival.record.site_key for arrival in found]
    assert [found[1]] == overview.arrivals(1, ("shop0001",), first, size)
    assert [] == overview.arrivals(1, None, size, size + 10)
    assert [] == overview.arrivals(2, None, first, size)


def test_the_newest_entries_come_first_also_those_that_wait(store: Home) -> None:
    """Of one kind or of all, in pages, with their place once they have it."""
    overview = SqlOverview(store.place.engine)
    sequence_all(store.place.ledger, 1, clock=store.clock)
    placed = store.place.ledger.head(1).size
    for page in ("/a", "/b", "/c"):
        store.clock.forward(1)
        store.place.leave(1, EntryKind.PAGE_VIEWED, {"page": page, "via": "console"})

    latest = overview.latest_entries(1, None, 2)
    assert [None, None] == [entry.position for entry in latest]
    assert [b"/c", b"/b"] == [(entry.what or b"").partition(b'"page":"')[2][:2] for entry in latest]
    rest = overview.latest_entries(1, None, 100, latest[-1].entry_id)
    assert [None, *range(placed - 1, -1, -1)] == [entry.position for entry in rest]
    assert 3 == len(overview.latest_entries(1, EntryKind.PAGE_VIEWED, 100))
    assert [] == overview.latest_entries(1, EntryKind.LOG_CLOSED, 100)
    assert [] == overview.latest_entries(2, None, 100)


def _uuid(raw: bytes) -> str:
    from uuid import UUID

    return str(UUID(bytes=raw))


def test_entries_of_a_rare_kind_are_found_by_their_index(store: Home) -> None:
    """However many decisions there are; these are not in that index at all."""
    engine = store.place.engine

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        plan.append((statement, parameters))

    plan: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", note)
    SqlOverview(engine).latest_entries(1, "staff:created", 50)
    event.remove(engine, "before_cursor_execute", note)
    statement, parameters = plan[-1]
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # An empty table is read as a whole whatever there is, unless that is made expensive.
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET enable_bitmapscan = off")
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        told = "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))

    assert "ix_deed_kind" in told
