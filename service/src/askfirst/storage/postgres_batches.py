"""The writer's batch on PostgreSQL: one statement with one array a column, made from the tables' metadata."""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import Any, Final

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
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


def _numbered(statement: str) -> bytes:
    """Return the statement with its parameters as the server names them."""
    parts = statement.split("%b")
    return "".join(f"{part}${number}" for number, part in enumerate(parts[:-1], start=1)).encode() + parts[-1].encode()


_SENT: Final = {statement: _numbered(statement) for statement in (_STORE, _STORE_BOTH)}


# Types differ by the greatest number in a column, and where nothing stands in one; psycopg keeps as many by itself.
_MOST_PREPARED: Final = 100


class PostgresBatches:
    """`Batches` on one PostgreSQL connection, opened in the writer's thread; also `Sends`."""

    def __init__(self, url: URL) -> None:
        """Connect to the database at `url`."""
        self._connection = psycopg.connect(**{"prepare_threshold": 0, **postgres_arguments(url)}, autocommit=True)
        self._cursor = self._connection.cursor(binary=True)
        # Names of statements that the server has prepared, by their words and the types of their parameters.
        self._prepared: dict[tuple[str, tuple[int, ...]], bytes] = {}
        # None are where a pool stands before the server that knows nothing of prepared statements.
        self._most = 0 if self._connection.prepare_threshold is None else _MOST_PREPARED
        self._then: Callable[[], None] | None = None  # what is sent after the answer that comes next
        self._sent: Sequence[Decision | Entry] = ()
        self._new: set[bytes | None] = set()  # ids that the answer has named so far; it may come in pieces

    def commit(self, works: Sequence[Decision | Entry]) -> list[Outcome]:
        """Store all works in one durable transaction, and return one outcome each. On any error nothing is stored."""
        statement, arrays = _statement(works)
        new = {row[0] for row in self._cursor.execute(statement, arrays)}
        return [
            self._first(work) if isinstance(work, Decision) and outcome is None else STORED
            for work, outcome in zip(works, _outcomes(works, new), strict=True)
        ]

    def send(self, works: Sequence[Decision | Entry]) -> int:
        """Begin to store all works in one durable transaction; return the descriptor where its answer will come."""
        statement, arrays = _statement(works)
        transformer = Transformer(self._connection)
        values = transformer.dump_sequence(arrays, [PyFormat.BINARY] * len(arrays))
        self._then, self._sent, self._new = None, works, set()
        server, types, formats = self._connection.pgconn, transformer.types or (), transformer.formats
        words, key = _SENT[statement], (statement, types)
        name = self._prepared.get(key)
        if name is not None:
            server.send_query_prepared(name, values, formats, Format.BINARY)
        elif len(self._prepared) < self._most:
            name = self._prepared[key] = b"askfirst_%d" % len(self._prepared)
            server.send_prepare(name, words, types)
            self._then = partial(server.send_query_prepared, name, values, formats, Format.BINARY)
        else:
            server.send_query_params(words, values, types, formats, Format.BINARY)
        return server.socket

    def flush(self) -> bool:
        """Send on what did not fit, and return whether all is sent."""
        return self._connection.pgconn.flush() == 0

    def receive(self) -> list[Outcome | None] | None:
        """Return one outcome each, None while they are on the way; in them None for an id that was seen before."""
        server = self._connection.pgconn
        server.consume_input()
        while not server.is_busy():
            result = server.get_result()
            if result is None:
                if self._then is None:
                    works, self._sent = self._sent, ()
                    return _outcomes(works, self._new)
                then, self._then = self._then, None
                then()
                return None
            if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
                raise error_from_result(result, encoding="utf-8")
            self._new |= {result.get_value(row, 0) for row in range(result.ntuples)}
        return None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _first(self, work: Decision) -> Outcome:
        found = self._cursor.execute(_FIRST, seen_row(work)[:3]).fetchone()
        # None: it was forgotten in this very moment, so that the id is free again.
        return self.commit([work])[0] if found is None else first_outcome(found, work)


def _statement(works: Sequence[Decision | Entry]) -> tuple[str, list[list[object]]]:
    """Return what stores all works, and one array for each of its parameters."""
    # In the order of their ids, so that two nodes that got the same decisions do not wait for each other crosswise.
    decisions = sorted((work for work in works if isinstance(work, Decision)), key=lambda one: one.decision_id)
    entries = [work for work in works if isinstance(work, Entry)]
    arrays = _arrays(_DECISION, [_decision_rows(one) for one in decisions])
    if not entries:
        return _STORE, arrays
    return _STORE_BOTH, arrays + _arrays(_ENTRY, [entry_row(one) + pending_row(one) + deed_row(one) for one in entries])


def _outcomes(works: Sequence[Decision | Entry], new: Set[bytes | None]) -> list[Outcome | None]:
    """Return one outcome each, where the records in `new` were stored; None for a decision whose id was seen before."""
    return [STORED if isinstance(work, Entry) or work.entry.entry_id in new else None for work in works]


def _decision_rows(one: Decision) -> Row:
    return seen_row(one) + entry_row(one.entry) + pending_row(one.entry) + record_row(one)


def _arrays(sent: dict[str, tuple[int, str]], rows: Sequence[Row]) -> list[list[object]]:
    """Return one array for each value that is sent."""
    if not rows:
        return [[] for _ in sent]
    columns = list(zip(*rows, strict=True))
    return [list(columns[at]) for at, _ in sent.values()]
