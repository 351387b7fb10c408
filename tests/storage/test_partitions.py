"""Tables divided by month on the real PostgreSQL: everything goes on as before, and nobody notices when it is done."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, func, insert, select, table, text
from sqlalchemy.exc import IntegrityError

from askfirst.core.errors import ConfigurationFault
from askfirst.core.uuid_text import uuid_text
from askfirst.storage import partitions
from askfirst.storage import tables as t
from askfirst.storage.engine import open_engine
from askfirst.storage.migrating import migrate
from askfirst.storage.partitions import PARTITIONED, keep_partitions, partition
from askfirst.usecases.erase import erase_subject
from askfirst.usecases.export import Export, order_of
from askfirst.usecases.record_filters import read_filters
from askfirst.usecases.retain import retain
from askfirst.usecases.rows import RecordQuery
from askfirst.usecases.verify_ledger import verify_ledger
from support.backups import back_up, restored
from support.cluster import Cluster
from support.places import Home
from support.running_service import RunningService
from support.table_rows import row_counts
from support.time_and_ids import DAY

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def divide(home: Home) -> int:
    """Divide the tables of a home's database."""
    return partition(home.place.engine, home.clock(), lambda _done, _of: None)


def rows_of(home: Home, of: str = "record") -> dict[str, int]:
    """Return how many rows each partition of a table has; those that have none are left out."""
    parts = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(:name)")
    with home.place.engine.connect() as connection:
        names = sorted(connection.execute(parts, {"name": of}).scalars())
        counts = {name: _count(connection, name) for name in names}
    return {name: count for name, count in counts.items() if count}


def _count(connection: Connection, name: str) -> int:
    return int(connection.execute(select(func.count()).select_from(table(name))).scalar_one())


def month(home: Home) -> str:
    """Return the month of the home's clock as partitions are named."""
    return f"{datetime.fromtimestamp(home.clock() / 1000, UTC):%Y_%m}"


def holds(home: Home) -> bool:
    """Verify the whole log of `example`."""
    place = home.place
    anchor = home.anchors.read(1)
    return verify_ledger(place.directory, place.ledger, 1, lambda _done, _of: None, anchor=anchor).holds


def test_all_goes_on_as_before(service: RunningService, home: Home) -> None:
    """Writes, repeated and conflicting ones, search, erasure and the whole ledger's verification."""
    before = [service.decision() for _ in range(3)]
    first = [service.post(one) for one in before]
    service.settle()
    assert 6 == divide(home)
    after = [service.post(service.decision()) for _ in range(3)]
    again = [service.post(one) for one in before]
    other = service.post({**before[0], "purposes": {"measurement": True, "embeds": False}, "method": "custom"})
    service.settle()
    found = home.place.records.search(1, RecordQuery(limit=10))
    subject = found[-1][1].subject
    assert subject is not None
    erase_subject(home.place.forgetting, 1, subject, reason="asked", by=home.place.by)
    service.settle()

    assert [201] * 6 == [one.status_code for one in first + after]
    assert [one.content for one in first] == [one.content for one in again]
    assert 409 == other.status_code
    assert 6 == len(found)
    assert 5 == row_counts(home.place.engine)["record"]
    assert 410 == service.post(before[0]).status_code
    assert {"record_earlier": 5} == rows_of(home)
    assert holds(home)


def test_each_month_has_its_own_partition(service: RunningService, home: Home) -> None:
    """The service makes those of the coming months by itself."""
    divide(home)
    service.accept()
    home.clock.forward(75 * DAY)
    service.node.retain()
    service.accept()
    september = f"record_{month(home)}"
    home.clock.forward(31 * DAY)
    service.node.retain()
    service.accept()
    service.accept()
    service.settle()

    assert {"record_earlier": 1, september: 1, f"record_{month(home)}": 2} == rows_of(home)
    assert holds(home)


def test_months_of_answers_are_verified_and_exported_whole(service: RunningService, home: Home) -> None:
    """Nothing is dropped by going on: every answer of every month is in the export, in order; and retention
    empties the oldest months with an entry for each answer."""
    service.accept()
    divide(home)
    for _ in range(14):
        home.clock.forward(31 * DAY)
        service.node.retain()
        service.accept()
        service.refuse()
    service.settle()
    place = home.place
    whole = place.records.search(1, RecordQuery(limit=100))
    order = order_of(read_filters([], None), format="ndjson", mark=False, service=None, now=home.clock())
    exported = b"".join(Export(order).parts(place.exports, 1, place.directory())).splitlines()
    months = rows_of(home)

    assert 14 == len(months)
    assert 29 == sum(months.values()) == len(whole) == len(exported)
    assert [uuid_text(one) for one, _ in reversed(whole)] == [json.loads(line)["record"] for line in exported]
    assert holds(home)
    assert 3 == retain(place.forgetting, 1, "demo0001", days=12 * 31 + 1, by=place.by)
    service.settle()
    assert 3 == months["record_earlier"]
    assert 26 == sum(rows_of(home).values())
    assert "record_earlier" not in rows_of(home)
    assert holds(home)


def test_what_comes_before_its_partition_is_kept_and_moves_into_it(service: RunningService, home: Home) -> None:
    """No node ran for a year, or a clock jumped: an answer is stored all the same."""
    divide(home)
    home.clock.forward(400 * DAY)
    service.accept()
    service.settle()
    before = rows_of(home), rows_of(home, "entry")
    keep_partitions(home.place.engine, home.clock())

    assert ({"record_later": 1}, True) == (before[0], "entry_later" in before[1])
    assert {f"record_{month(home)}": 1} == rows_of(home)
    assert "entry_later" not in rows_of(home, "entry")
    assert 0 == keep_partitions(home.place.engine, home.clock())
    assert holds(home)


@pytest.mark.parametrize("divided", PARTITIONED, ids=lambda one: one.name)
def test_an_id_is_stored_once_in_all_partitions(service: RunningService, home: Home, divided: Table) -> None:
    """The primary key holds over all of them, since the id is in it and says which partition it is."""
    service.accept()
    divide(home)
    with home.place.engine.connect() as connection:
        row = connection.execute(select(divided)).mappings().first()
        assert row is not None
        with pytest.raises(IntegrityError):
            connection.execute(insert(divided).values(dict(row)))


def test_nobody_is_refused_while_it_happens(service: RunningService, home: Home) -> None:
    """Visitors answer all the time; each of their answers is stored once."""
    stop, statuses = threading.Event(), []

    def visit() -> None:
        while not stop.is_set():
            statuses.append(service.post(service.decision()).status_code)

    visitor = threading.Thread(target=visit)
    visitor.start()
    while len(statuses) < 5:
        pass
    divide(home)
    seen = len(statuses)
    while len(statuses) < seen + 5:
        pass
    stop.set()
    visitor.join()
    service.settle()

    assert {201} == set(statuses)
    assert len(statuses) == row_counts(home.place.engine)["record"]
    assert holds(home)


@pytest.mark.parametrize("step", ["_promise", "_divide", "_make_month"])
def test_what_was_broken_off_is_taken_up_again(
    service: RunningService, home: Home, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any step of the second table: the first stays divided, the second is as it was, and the service goes on."""
    whole: Callable[..., object] = getattr(partitions, step)

    def breaks(*given: object, **named: object) -> object:
        done = whole(*given, **named)
        if t.deed in (*given, *named.values()):
            raise KeyboardInterrupt
        return done

    service.accept()
    with monkeypatch.context() as patch:
        patch.setattr(partitions, step, breaks)
        with pytest.raises(KeyboardInterrupt):
            divide(home)
    service.accept()
    divide(home)
    service.accept()
    service.settle()

    assert {"record_earlier": 3} == rows_of(home)
    assert 0 == divide(home)
    assert holds(home)


def test_an_entry_from_the_future_is_named(service: RunningService, home: Home) -> None:
    """It would be in no partition; the table stays as it was."""
    home.clock.forward(200 * DAY)
    service.accept()
    home.clock.back(200 * DAY)
    with pytest.raises(ConfigurationFault, match=r"has entries of after 2026-08-01, which has not come"):
        divide(home)
    assert 201 == service.post(service.decision()).status_code
    assert {} == rows_of(home)


def test_a_look_up_reads_one_partition(service: RunningService, home: Home) -> None:
    """Years of partitions make no search by id longer."""
    divide(home)
    record = bytes.fromhex(service.accept()["record"].replace("-", ""))
    with home.place.engine.connect() as connection:
        plan = connection.execute(
            text("EXPLAIN SELECT * FROM record WHERE log_id = 1 AND record_id = :id"), {"id": record}
        ).scalars()
        read = [line for line in plan if " on record" in line]

    assert 1 == len(read), read
    assert "record_earlier" in read[0]


def test_who_could_read_the_table_still_can(home: Home, cluster: Cluster) -> None:
    """Rights that were granted on it are granted on the divided one."""
    cluster.run("DROP ROLE IF EXISTS reader")
    cluster.run("CREATE ROLE reader")
    name = home.place.engine.url.database or ""
    try:
        cluster.run("GRANT SELECT ON record TO reader", name)
        divide(home)
        assert [(True, False)] == cluster.run(
            "SELECT has_table_privilege('reader', 'record', 'SELECT'),"
            " has_table_privilege('reader', 'record', 'DELETE')",
            name,
        )
    finally:
        cluster.run("DROP OWNED BY reader", name)
        cluster.run("DROP ROLE reader")


def test_a_backup_and_a_migration_keep_it(
    service: RunningService, home: Home, tmp_path: Path, cluster: Cluster
) -> None:
    """A dump that is restored is divided too, and holds."""
    service.accept()
    divide(home)
    service.settle()
    back_up(home, tmp_path / "copy")
    engine = open_engine(restored(home, tmp_path / "copy"))
    try:
        migrate(engine)
        before = row_counts(home.place.engine)
        assert before == row_counts(engine)
        assert 0 == partition(engine, home.clock(), lambda _done, _of: None)
    finally:
        engine.dispose()
        cluster.run(f"DROP DATABASE restored_{home.place.engine.url.database} WITH (FORCE)")
