"""Entries and records in partitions by month, on PostgreSQL: ids sort by time, so that a month is a range of ids.

What a log had before stays where it is, as the first partition; nothing is copied, and nobody waits longer than
it takes to rename a table.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Final

from sqlalchemy import Column, Connection, Engine, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex

from askfirst.core.errors import ConfigurationFault
from askfirst.storage import tables as t
from askfirst.storage.time_ids import first_id

# What grows with every decision, has its id in its only unique key, and is referred to by no foreign key. The tree
# itself is not here: its key is the position, and `leaf` is a hundred bytes an entry, which nothing ever deletes.
PARTITIONED: Final = (t.entry, t.deed, t.record)
AHEAD: Final = 3  # months that have a partition before they begin

_LOCK: Final = 0x41534B32  # any number that no other program locks in this database
_WAIT: Final = "2s"  # for a lock: whoever writes meanwhile waits behind us
_ATTEMPTS: Final = 30
_LOCK_TIMEOUT: Final = "55P03"
_CHECK_FAILED: Final = "23514"

Advance = Callable[[int, int], None]


def partition(engine: Engine, now: int, advance: Advance) -> int:
    """Divide what is not divided yet, make the partitions of the coming months, and return how many were made.

    `now` is in ms. It may be ended at any time: each table is divided in one transaction, and one that was not is begun
    anew. Raises ConfigurationFault on SQLite, or where an entry is of a time that has not come.
    """
    if engine.dialect.name != "postgresql":
        said = "is an SQLite file, which needs no partitions: they are for a PostgreSQL"
        raise ConfigurationFault([("the database", said)])
    steps = 2 * len(PARTITIONED)
    for number, table in enumerate(PARTITIONED):
        advance(2 * number, steps)
        boundary = _month_after(_month_after(now))
        with engine.connect() as connection:
            divided = _is_partitioned(connection, table)
        if not divided:
            _promise(engine, table, boundary)
            advance(2 * number + 1, steps)
            _patiently(engine, partial(_divide, table=table, boundary=boundary))
    made = keep_partitions(engine, now)
    advance(steps, steps)
    return made


def keep_partitions(engine: Engine, now: int) -> int:
    """Make the partitions of the coming months where they are missing, and return how many were made.

    Nothing is done where the tables are not divided. What was written beyond them, since no node was there in time,
    moves into its month.
    """
    if engine.dialect.name != "postgresql":
        return 0
    made = 0
    for table in PARTITIONED:
        with engine.connect() as connection:
            months = list(_missing(connection, table, now)) if _is_partitioned(connection, table) else []
        for start in months:
            _patiently(engine, partial(_make_month, table=table, start=start))
            made += 1
    return made


def _is_partitioned(connection: Connection, table: Table) -> bool:
    kind = text("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(:name)")
    return bool(connection.execute(kind, {"name": table.name}).scalar())


def _promise(engine: Engine, table: Table, boundary: int) -> None:
    """Have the server know that all rows are of before the boundary, so that it need not look when they are attached.

    Only the first statement locks anybody out, for a moment; the look through the table does not.
    """
    name, key = f"ck_{table.name}_earlier", _key(table).name

    def add(connection: Connection) -> None:
        _run(connection, f"ALTER TABLE {table.name} DROP CONSTRAINT IF EXISTS {name}")
        _run(connection, f"ALTER TABLE {table.name} ADD CONSTRAINT {name} CHECK ({key} < {_bytes(boundary)}) NOT VALID")

    _patiently(engine, add)
    try:
        with engine.begin() as connection:
            _run(connection, f"ALTER TABLE {table.name} VALIDATE CONSTRAINT {name}")
    except DBAPIError as error:
        if _state(error) != _CHECK_FAILED:
            raise
        _patiently(engine, lambda connection: _run(connection, f"ALTER TABLE {table.name} DROP CONSTRAINT {name}"))
        said = f"has entries of after {_day(boundary)}, which has not come; see what time the nodes' clocks say"
        raise ConfigurationFault([(f"the table {table.name}", said)]) from None


def _divide(connection: Connection, table: Table, boundary: int) -> None:
    """Make a divided table of the name, with what there is as its first partition."""
    earlier = f"{table.name}_earlier"
    _run(connection, f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE")
    if _is_partitioned(connection, table):
        return  # somebody else was faster
    granted = _grants(connection, table)
    _run(connection, f"ALTER TABLE {table.name} RENAME TO {earlier}")
    for index in (table.primary_key.name, *(one.name for one in table.indexes)):
        _run(connection, f"ALTER INDEX {index} RENAME TO {index}_earlier")
    key = _key(table).name
    _run(connection, f"CREATE TABLE {table.name} (LIKE {earlier} INCLUDING DEFAULTS) PARTITION BY RANGE ({key})")
    columns = ", ".join(column.name for column in table.primary_key.columns)
    _run(connection, f"ALTER TABLE {table.name} ADD CONSTRAINT {table.primary_key.name} PRIMARY KEY ({columns})")
    for made in table.indexes:
        connection.execute(CreateIndex(made))
    until = f"FOR VALUES FROM (MINVALUE) TO ({_bytes(boundary)})"
    _run(connection, f"ALTER TABLE {table.name} ATTACH PARTITION {earlier} {until}")
    _run(connection, f"ALTER TABLE {earlier} DROP CONSTRAINT ck_{earlier}")
    _run(connection, f"CREATE TABLE {table.name}_later PARTITION OF {table.name} DEFAULT")
    for grantee, privilege in granted:
        _run(connection, f"GRANT {privilege} ON {table.name} TO {grantee}")


def _grants(connection: Connection, table: Table) -> list[tuple[str, str]]:
    """Return who else may do what with a table, as (role or PUBLIC, privilege)."""
    query = text(
        "SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, a.privilege_type"
        " FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = to_regclass(:name) AND a.grantee <> c.relowner"
    )
    return [(row[0], row[1]) for row in connection.execute(query, {"name": table.name})]


def _missing(connection: Connection, table: Table, now: int) -> Iterator[int]:
    """Yield the first ms of each month that is to have a partition and has none, up to the last one that has rows."""
    _, end = _bounds(connection, f"{table.name}_earlier")
    newest = connection.exec_driver_sql(
        f"SELECT max({_key(table).name}) FROM {table.name}_later"  # noqa: S608 - our own names
    ).scalar()
    last = max(now, int.from_bytes(bytes(newest)[:6], "big") if newest is not None else 0)
    for _ in range(AHEAD):
        last = _month_after(last)
    start = end
    while start <= last:
        found = text("SELECT to_regclass(:name) IS NOT NULL")
        if not connection.execute(found, {"name": _month_name(table, start)}).scalar():
            yield start
        start = _month_after(start)


def _make_month(connection: Connection, table: Table, start: int) -> None:
    """Make one month's partition. It is attached, since to make it as one would stop everybody who reads or writes."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    name, key = _month_name(table, start), _key(table).name
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is not None:
        return  # another node was faster
    first, end = _bytes(start), _bytes(_month_after(start))
    _run(connection, f"CREATE TABLE {name} (LIKE {table.name} INCLUDING DEFAULTS)")
    of_it = f"{key} >= {first} AND {key} < {end}"
    _run(connection, f"LOCK TABLE {table.name}_later IN ACCESS EXCLUSIVE MODE")
    gone = f"DELETE FROM {table.name}_later WHERE {of_it} RETURNING *"  # noqa: S608 - our own names
    _run(connection, f"WITH gone AS ({gone}) INSERT INTO {name} SELECT * FROM gone")  # noqa: S608
    _run(connection, f"ALTER TABLE {table.name} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({end})")


def _patiently(engine: Engine, work: Callable[[Connection], None]) -> None:
    """Run a step in a transaction that gives up soon where others hold the table, and tries again."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with engine.begin() as connection:
                _run(connection, f"SET LOCAL lock_timeout = '{_WAIT}'")
                work(connection)
        except DBAPIError as error:
            if _state(error) != _LOCK_TIMEOUT or attempt == _ATTEMPTS:
                raise
        else:
            return


def _bounds(connection: Connection, name: str) -> tuple[str, int]:
    """Return how a partition's range is written, and the ms at which it ends."""
    query = text("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = to_regclass(:name)")
    written = str(connection.execute(query, {"name": name}).scalar())
    return written, int(written.rpartition("\\x")[2][:12], 16)


def _key(table: Table) -> Column[bytes]:
    return list(table.primary_key.columns)[-1]


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _bytes(ms: int) -> str:
    return f"'\\x{first_id(ms).hex()}'::bytea"


def _month_after(ms: int) -> int:
    """Return the first ms of the next month, UTC."""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    year, month = divmod(at.year * 12 + at.month, 12)
    return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp() * 1000)


def _month_name(table: Table, start: int) -> str:
    return f"{table.name}_{datetime.fromtimestamp(start / 1000, UTC):%Y_%m}"


def _day(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d}"
