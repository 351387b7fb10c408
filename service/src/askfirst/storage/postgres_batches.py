"""The writer's batch on PostgreSQL: one statement with one array a column, made from the tables' metadata."""

from collections.abc import Sequence
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


def _insert(table: Table, where: str = "") -> str:
    """Return the insert of rows that come as one array for each column of `table`."""
    names = ", ".join(column.name for column in table.columns)
    arrays = ", ".join(f"%b::{_array(column.type)}[]" for column in table.columns)
    return f"INSERT INTO {table.name} ({names}) SELECT {names} FROM unnest({arrays}) AS u({names}){where}"  # noqa: S608 - our own names


# One statement is one transaction and one way there and back. What loses against an earlier decision of the same id is
# left out of all four tables; entries that are no decisions always go in.
_NEW = " WHERE record_id IN (SELECT record_id FROM seen)"
_NEW_OR_NO_DECISION = " WHERE NOT entry_id = ANY (%b::bytea[]) OR entry_id IN (SELECT record_id FROM seen)"
_GIVE = " SELECT record_id FROM seen"
_ALL_BUT_DEEDS = (
    f"WITH seen AS ({_insert(decision_seen)} ON CONFLICT DO NOTHING RETURNING record_id),"
    f" e AS ({_insert(entry, _NEW_OR_NO_DECISION)}),"
    f" p AS ({_insert(pending, _NEW_OR_NO_DECISION)}),"
    f" r AS ({_insert(record, _NEW)})"
)
_STORE = f"{_ALL_BUT_DEEDS}{_GIVE}"  # what most batches need: they are of decisions alone
_STORE_DEEDS = f"{_ALL_BUT_DEEDS}, d AS ({_insert(deed)}){_GIVE}"
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
        entries = [work.entry if isinstance(work, Decision) else work for work in works]
        deeds = [work for work in works if isinstance(work, Entry)]
        decided = [decision.entry.entry_id for decision in decisions]
        found = self._cursor.execute(
            _STORE_DEEDS if deeds else _STORE,
            [
                *_columns(decision_seen, [seen_row(one) for one in decisions]),
                *_columns(entry, [entry_row(one) for one in entries]),
                decided,
                *_columns(pending, [pending_row(one) for one in entries]),
                decided,
                *_columns(record, [record_row(one) for one in decisions]),
                *(_columns(deed, [deed_row(one) for one in deeds]) if deeds else ()),
            ],
        )
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


def _columns(table: Table, rows: Sequence[Row]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in table.columns]
