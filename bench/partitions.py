"""What partitions by month cost and save: the same records in one PostgreSQL twice, whole and divided.

`BENCH_RECORDS` says how many, 1,000,000 without it, of a year. The generator takes some minutes for as many.
"""

import os
import shutil
import time
from collections.abc import Callable
from statistics import median

from sqlalchemy import make_url, select
from sqlalchemy.engine import Engine

from askfirst.randomness import system_clock
from askfirst.settings import Settings
from askfirst.storage import tables as t
from askfirst.storage.catalogue import SqlCatalogue
from askfirst.storage.engine import open_engine
from askfirst.storage.exports import SqlExports
from askfirst.storage.ledger import SqlLedger
from askfirst.storage.partitions import PARTITIONED, keep_partitions, partition
from askfirst.storage.records import SqlRecords
from askfirst.usecases.directory import index
from askfirst.usecases.export import Export, order_of
from askfirst.usecases.record_filters import read_filters
from askfirst.usecases.rows import RecordQuery
from askfirst.usecases.search import list_records
from askfirst.usecases.verify_ledger import verify_ledger
from bench.generator import generate, settle
from bench.row import Row, Section
from bench.servers import home, postgresql

ROUNDS = 3
DAYS = 365
_DAY_MS = 86_400_000
_MONTH_MS = 28 * _DAY_MS
_WRITTEN = 10_000
_LOG = 1


def measure() -> Section:
    """Return each piece of work whole and divided, side by side."""
    wanted = int(os.environ.get("BENCH_RECORDS", "1000000"))
    with postgresql() as url, home(url) as made:
        whole = made.settings
        generate(whole, wanted, days=DAYS)
        # A home of its own: one anchor for two logs would be taken for the fork that it is.
        shutil.copytree(whole.home, made.folder / "divided")
        changes = {"database_url": _copied(url, "divided"), "home": made.folder / "divided"}
        divided = whole.model_copy(update=changes)
        parts = _divide(divided.database, system_clock() - (DAYS + 70) * _DAY_MS)
        found: dict[str, list[tuple[float, float]]] = {}
        for _ in range(ROUNDS):
            for work, rates in _both(whole, divided).items():
                found.setdefault(work, []).append(rates)
    rows = [
        Row(work, f"{median(two for _, two in rates):,.0f}/s", f"{median(one for one, _ in rates):,.0f}/s whole")
        for work, rates in found.items()
    ]
    return Section(
        "Partitions",
        f"{wanted:,} generated records of {DAYS} days in {parts} partitions of each table, and beside them the same "
        f"records in tables that are whole, in one PostgreSQL with its default settings on core 1. In process, in turn, "
        f"median of {ROUNDS} rounds.",
        rows,
    )


def _both(whole: Settings, divided: Settings) -> dict[str, tuple[float, float]]:
    ones, twos = _rates(whole), _rates(divided)
    return {work: (ones[work], twos[work]) for work in ones}


def _rates(settings: Settings) -> dict[str, float]:
    engine = open_engine(settings.database)
    try:
        records, ledger, catalogue = SqlRecords(engine), SqlLedger(engine), SqlCatalogue(engine)
        ids, subjects = _some(engine)
        found = {
            "records found by id": _each_second(lambda n: ledger.record_of(_LOG, ids[n % len(ids)])),
            "people's records found by consent id": _each_second(
                lambda n: list_records(records, _LOG, RecordQuery(subject=subjects[n % len(subjects)]), system_clock)
            ),
            "records exported to NDJSON": _exported(SqlExports(engine), catalogue),
        }
        began = time.perf_counter()
        result = verify_ledger(lambda: index(catalogue.snapshot()), ledger, _LOG)
        if not result.holds:
            raise RuntimeError(f"the bench's own ledger does not hold: {result.findings[0]}")
        found["entries verified, one process"] = result.size / (time.perf_counter() - began)
    finally:
        engine.dispose()
    began = time.perf_counter()
    generate(settings, _WRITTEN, days=1, seed=time.monotonic_ns())
    found["decisions made, signed, stored and sequenced, one thread"] = _WRITTEN / (time.perf_counter() - began)
    return found


def _each_second(work: Callable[[int], object]) -> float:
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < 2:
        work(done)
        done += 1
    return done / (time.perf_counter() - began)


def _exported(exports: SqlExports, catalogue: SqlCatalogue) -> float:
    order = order_of(read_filters([], None), format="ndjson", mark=False, service=None, now=system_clock())
    going, began = Export(order), time.perf_counter()
    for _part in going.parts(exports, _LOG, index(catalogue.snapshot())):
        pass
    return going.rows / (time.perf_counter() - began)


def _some(engine: Engine) -> tuple[list[bytes], list[str]]:
    """Return ids of records and subjects from the whole year."""
    every = select(t.record.c.record_id, t.record.c.subject).order_by(t.record.c.record_id)
    with engine.connect() as connection:
        rows = connection.execute(every).all()
    step = max(1, len(rows) // 4000)
    return [bytes(one) for one, _ in rows[::step]], [str(two) for _, two in rows[::step] if two is not None]


def _copied(url: str, name: str) -> str:
    """Make a copy of a database beside it, and return its URL."""
    engine = open_engine(make_url(url).set(database="template1").render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database} STRATEGY file_copy")
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _divide(database: str, since: int) -> int:
    """Divide the tables as if they had been from that time on, and return how many partitions one has."""
    engine = open_engine(database)
    with engine.begin() as connection:
        for table in PARTITIONED:
            connection.exec_driver_sql(f"CREATE TABLE kept_{table.name} AS TABLE {table.name}")
            connection.exec_driver_sql(f"TRUNCATE {table.name}")
    partition(engine, since, lambda _done, _of: None)
    for at in range(since, system_clock() + 1, _MONTH_MS):
        keep_partitions(engine, at)
    with engine.begin() as connection:
        for table in PARTITIONED:
            key = list(table.primary_key.columns)[-1].name
            connection.exec_driver_sql(f"INSERT INTO {table.name} SELECT * FROM kept_{table.name} ORDER BY {key}")
            connection.exec_driver_sql(f"DROP TABLE kept_{table.name}")
        parts = connection.exec_driver_sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'entry'::regclass")
        count = int(parts.scalar_one())
    engine.dispose()
    settle(database)
    return count
