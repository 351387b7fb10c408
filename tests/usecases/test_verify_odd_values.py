"""`ledger verify` ends with findings, whatever somebody put into a row: no value of any column is tripped over."""

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Boolean, Column, Integer, LargeBinary, Table, insert, text
from sqlalchemy.exc import DBAPIError

from askfirst.core.canonical import canonical_json
from askfirst.core.kinds import MEMBERS
from askfirst.core.record import entry_who
from askfirst.storage import tables as t
from askfirst.usecases.entries import seal
from askfirst.usecases.erase import erase_record
from askfirst.usecases.verify_catalogue import ANNOUNCING
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst.usecases.verify_registers import REGISTERING
from support.altered_log import leaves, verified
from support.places import Home, publish
from support.running_service import RunningService
from support.used_log import use
from support.writing import open_batches

pytestmark = pytest.mark.each_database

# What the verification reads, or what a command reads before it.
TABLES = (
    *(t.organisation, t.site, t.policy, t.build, t.rendering, t.picture, t.key, t.entry, t.deed, t.record, t.tombstone),
    *(t.hold, t.webhook, t.alert, t.pending, t.leaf, t.tile, t.head, t.checkpoint, t.rollup, t.token, t.staff),
)
_TEXTS = ("x", '{"a":1}')
_BYTES = b"\xff\x00"
_NUMBERS = (2**62, 2**31 - 1)


def _values(column: Column[Any], database: str) -> Iterator[Any]:
    """Return what can stand in a column that nobody of ours would write."""
    yield None
    if database == "sqlite":  # where any column takes anything
        yield from (*_TEXTS, _BYTES, _NUMBERS[0])
    elif isinstance(column.type, LargeBinary):
        yield _BYTES
    elif isinstance(column.type, Boolean):
        yield from (True, False)
    elif isinstance(column.type, Integer):
        yield from _NUMBERS
    else:
        yield _TEXTS[0]


def _furnished(log: RunningService) -> None:
    """Leave a row in each of the tables."""
    home = log.home
    record = str(UUID(bytes=leaves(home)[-1].entry_id))
    erase_record(home.place.forgetting, 1, record, reason="Asked for.", by=home.place.by)
    use(log)
    publish(home.place, "demo0001", lifetime_days=30)
    log.settle()
    log.accept()
    image, manifest = (
        b"a picture",
        b'{"pictures":[{"picture":"%s"}]}' % hashlib.sha256(b"a picture").hexdigest().encode(),
    )
    rows: tuple[tuple[Table, dict[str, Any]], ...] = (
        (t.picture, {"digest": hashlib.sha256(image).digest(), "image": image}),
        (
            t.rendering,
            {
                "digest": hashlib.sha256(manifest).digest(),
                "site_key": "demo0001",
                "policy": bytes(32),
                "manifest": manifest,
                "rendered_at": 1,
            },
        ),
    )
    with home.place.engine.begin() as connection:
        for table, row in rows:
            connection.execute(insert(table).values(log_id=1, **row))


def _row(home: Home, table: Table) -> dict[str, Any]:
    """Return the last row of log 1, as the database has it."""
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    with home.place.engine.connect() as connection:
        found = connection.execute(text(f'SELECT * FROM "{table.name}" WHERE log_id = 1 ORDER BY {keys}'))  # noqa: S608
        return dict(found.mappings().all()[-1])


def _put(home: Home, table: Table, row: dict[str, Any], name: str, value: Any) -> bool:
    """Put a value into a column of a row; return False where the database takes none such there."""
    keys = " AND ".join(f'"{column.name}" = :key_{column.name}' for column in table.primary_key)
    statement = text(f'UPDATE "{table.name}" SET "{name}" = :value WHERE {keys}')  # noqa: S608
    given = {f"key_{column.name}": row[column.name] for column in table.primary_key}
    try:
        with home.place.engine.begin() as connection:
            return connection.execute(statement, {"value": value, **given}).rowcount == 1
    except (DBAPIError, OverflowError):
        return False


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_value_in_a_row_stops_the_verification(log: RunningService, database: str, table: Table) -> None:
    """Each column gets values of every kind that the database takes, one after the other."""
    _furnished(log)
    home, stopped, tried = log.home, [], 0
    row = _row(home, table)
    for column in table.columns:
        for value in _values(column, database) if column.name != "log_id" else ():
            if not _put(home, table, row, column.name, value):
                continue
            tried += 1
            try:
                verify_ledger(home.place.directory, home.place.ledger, 1, signatures=False)
            except Exception as error:  # noqa: BLE001
                stopped.append(f"{column.name} = {value!r}: {type(error).__name__}: {error}")
            assert _put(home, table, {**row, column.name: value}, column.name, row[column.name])

    assert tried
    assert "" == "\n".join(stopped)


_READ = sorted(ANNOUNCING | REGISTERING)
_FITTING: dict[str, object] = {"string": "x", "number": 1, "boolean": True, "object": {}, "array": []}
_OTHER: dict[str, object] = {"string": [[1]], "number": "x", "boolean": 1, "object": [1], "array": {"a": [1]}}


@pytest.mark.parametrize("wrong", ["of another form", "null", "left out"])
def test_an_entry_that_does_not_say_what_its_kind_says_is_named(log: RunningService, wrong: str) -> None:
    """Whoever writes into the database can commit to anything: it is a finding, and stops nothing."""
    home, entries = log.home, []
    for kind, member in ((one, member) for one in _READ for member in MEMBERS[one]):
        if (wrong == "null" and member.nullable) or (wrong == "left out" and member.later):
            continue
        entry_id = home.random.entry_id(home.clock())
        name = str(UUID(bytes=entry_id))
        said: dict[str, object] = {one.name: _FITTING[one.form] for one in MEMBERS[kind]}
        said[member.name] = _OTHER[member.form] if wrong == "of another form" else None
        if wrong == "left out":
            del said[member.name]
        what = canonical_json({"v": 1, "kind": kind, "entry": name, "time": home.clock(), **said})
        entries.append(seal(1, entry_id, kind, what, entry_who(name, None), home.random))
    first = home.place.ledger.head(1).size
    batches = open_batches(home.settings)
    batches.commit(entries)
    batches.close()
    waiting = [one for one in verified(home).findings if one.said.startswith("It does not say as ")]
    log.settle()
    placed = [one.position for one in verified(home).findings if one.said.startswith("it does not say as ")]

    assert len(entries) == len(waiting)
    assert list(range(first, first + len(entries))) == placed
