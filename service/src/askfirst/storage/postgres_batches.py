"""The writer's batch on PostgreSQL: one statement with one array a column, made from the tables' metadata."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String, Table, Text
from sqlalchemy.engine import URL
from sqlalchemy.types import TypeEngine

from askfirst.storage.batch_rows import (
    FIRST,
    STORED,
    Row,
    deed_row,
    entry_row,
    first_outcome,
    pending_row,
    record_row,
    seen_row,
)
from askfirst.storage.engine import postgres_arguments
from askfirst.storage.tables import decision_seen, deed, entry, pending, record
from askfirst.usecases.rows import Decision, Entry, Outcome

# Types without a length: a cast to varchar(32) would cut a longer text off in silence, the column refuses it.
_TYPES: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (LargeBinary, "bytea"),
    (BigInteger, "int8"),
    (Integer, "int4"),
    (Boolean, "bool"),
    (Text, "text"),
    (String, "text"),
)


def _array(kind: TypeEngine[Any]) -> str:
    return next(name for known, name in _TYPES if isinstance(kind, known))


# A decision's four rows say the same under several names; each value is sent once. Other entries have none such: the
# record that a deed names is another one than its entry.
_SAME: Final = {"record_id": "entry_id", "seen_at": "server_time"}
_NONE: Final[dict[str, str]] = {}
_DECISION_TABLES: Final = (decision_seen, entry, pending, record)
_ENTRY_TABLES: Final = (entry, pending, deed)


def _sent(tables: Sequence[Table], same: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """Return the different values of all tables: where each stands in the rows put together, and its array's type."""
    columns = [column for table in tables for column in table.columns]
    found: dict[str, tuple[int, str]] = {}
    for at, column in enumerate(columns):
        found.setdefault(same.get(column.name, column.name), (at, _array(column.type)))
    return found


def _given(sent: dict[str, tuple[int, str]]) -> str:
    """Return the rows that come as one array for each value."""
    arrays = ", ".join(f"%b::{array}[]" for _, array in sent.values())
    return f"SELECT * FROM unnest({arrays}) AS u({', '.join(sent)})"  # noqa: S608


def _insert(table: Table, source: str, same: Mapping[str, str]) -> str:
    names = ", ".join(column.name for column in table.columns)
    values = ", ".join(same.get(column.name, column.name) for column in table.columns)
    return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {source}"  # noqa: S608 - our own names


# One statement is one transaction and one way there and back. What loses against an earlier decision of the same id is
# left out of all four tables; entries that are no decisions always go in.
_DECISION: Final = _sent(_DECISION_TABLES, _SAME)
_ENTRY: Final = _sent(_ENTRY_TABLES, _NONE)
_DECISIONS = (
    f"WITH given AS ({_given(_DECISION)}),"  # noqa: S608
    f" seen AS ({_insert(decision_seen, 'given', _SAME)} ON CONFLICT DO NOTHING RETURNING record_id),"
    " new AS (SELECT given.* FROM given JOIN seen ON seen.record_id = given.entry_id),"
    f" e AS ({_insert(entry, 'new', _SAME)}), p AS ({_insert(pending, 'new', _SAME)}),"
    f" r AS ({_insert(record, 'new', _SAME)})"
)
_ENTRIES = (
    f", others AS ({_given(_ENTRY)}),"
    f" f AS ({_insert(entry, 'others', _NONE)}), q AS ({_insert(pending, 'others', _NONE)}),"
    f" d AS ({_insert(deed, 'others', _NONE)})"
)
_GIVE = " SELECT record_id FROM seen"
_STORE = f"{_DECISIONS}{_GIVE}"  # what most batches need: they are of decisions alone
_STORE_BOTH = f"{_DECISIONS}{_ENTRIES}{_GIVE}"
_FIRST = FIRST.format("%b")


class PostgresBatches:
    """`Batches` on one PostgreSQL connection, opened in the writer's thread."""

    def __init__(self, url: URL) -> None:
        """Connect to the database at `url`."""
        self._connection = psycopg.connect(**{"prepare_threshold": 0, **postgres_arguments(url)}, autocommit=True)
        self._cursor = self._connection.cursor(binary=True)

    def commit(self, works: Sequence[Decision | Entry]) -> list[Outcome]:
        """Store all works in one durable transaction, and return one outcome each. On any error nothing is stored."""
        # In the order of their ids, so that two nodes that got the same decisions do not wait for each other crosswise.
        decisions = sorted((work for work in works if isinstance(work, Decision)), key=lambda one: one.decision_id)
        entries = [work for work in works if isinstance(work, Entry)]
        arrays = _arrays(_DECISION, [_decision_rows(one) for one in decisions])
        if entries:
            arrays += _arrays(_ENTRY, [entry_row(one) + pending_row(one) + deed_row(one) for one in entries])
        found = self._cursor.execute(_STORE_BOTH if entries else _STORE, arrays)
        new = {row[0] for row in found}
        return [
            STORED if isinstance(work, Entry) or work.entry.entry_id in new else self._first(work) for work in works
        ]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _first(self, work: Decision) -> Outcome:
        found = self._cursor.execute(_FIRST, seen_row(work)[:3]).fetchone()
        # None: it was forgotten in this very moment, so that the id is free again.
        return self.commit([work])[0] if found is None else first_outcome(found, work)


def _decision_rows(one: Decision) -> Row:
    return seen_row(one) + entry_row(one.entry) + pending_row(one.entry) + record_row(one)


def _arrays(sent: dict[str, tuple[int, str]], rows: Sequence[Row]) -> list[list[object]]:
    """Return one array for each value that is sent."""
    if not rows:
        return [[] for _ in sent]
    columns = list(zip(*rows, strict=True))
    return [list(columns[at]) for at, _ in sent.values()]
