"""The writer's batch on SQLite: one `BEGIN IMMEDIATE`, statements made from the tables' metadata."""

import sqlite3
from collections.abc import Sequence

from sqlalchemy import Table

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
from askfirst.storage.engine import sqlite_settings
from askfirst.storage.tables import decision_seen, deed, entry, pending, record
from askfirst.usecases.rows import Decision, Entry, Outcome

# Every step of a statement gives up the interpreter lock, and under load getting it back takes up to a switch interval.
# So a batch is one statement a table, and each number of rows has its own, which the connection keeps prepared.
_MOST_ROWS = 64
_KEPT_STATEMENTS = 4 * _MOST_ROWS + 16


def _statements(table: Table, *, ignore: bool = False) -> tuple[str, ...]:
    """Return the statement for each number of rows, from 0."""
    names = ", ".join(column.name for column in table.columns)
    marks = f"({', '.join('?' for _ in table.columns)})"
    verb = f"INSERT {'OR IGNORE ' if ignore else ''}INTO {table.name} ({names}) VALUES "  # noqa: S608 - our own tables' names
    return tuple(verb + ", ".join([marks] * rows) for rows in range(_MOST_ROWS + 1))


_SEEN = _statements(decision_seen, ignore=True)
_ENTRY = _statements(entry)
_RECORD = _statements(record)
_DEED = _statements(deed)
_PENDING = _statements(pending)
_OWNER = "SELECT record_id FROM decision_seen WHERE log_id = ? AND site_key = ? AND decision_id = ?"
_FIRST = FIRST.format("?")


def _run(cursor: sqlite3.Cursor, statements: tuple[str, ...], rows: Sequence[Row]) -> int:
    """Insert all rows and return how many were new."""
    new = 0
    for start in range(0, len(rows), _MOST_ROWS):
        part = rows[start : start + _MOST_ROWS]
        cursor.execute(statements[len(part)], [value for row in part for value in row])
        new += cursor.rowcount
    return new


class SqliteBatches:
    """`Batches` on one SQLite connection, opened in the writer's thread."""

    def __init__(self, path: str) -> None:
        """Open the database file at `path`."""
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=_KEPT_STATEMENTS)
        sqlite_settings(self._connection)

    def commit(self, works: Sequence[Decision | Entry]) -> list[Outcome]:
        """Store all works in one durable transaction, and return one outcome each. On any error nothing is stored."""
        cursor = self._connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            outcomes = self._store(cursor, works)
            cursor.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                cursor.execute("ROLLBACK")
            raise
        return outcomes

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _store(self, cursor: sqlite3.Cursor, works: Sequence[Decision | Entry]) -> list[Outcome]:
        decisions = [work for work in works if isinstance(work, Decision)]
        seen = [seen_row(d) for d in decisions]
        losers: set[object] = set()
        if _run(cursor, _SEEN, seen) < len(seen):
            # Somebody was here before: in the database, or a twin earlier in this batch.
            losers = {row[4] for row in seen if cursor.execute(_OWNER, row[:3]).fetchone()[0] != row[4]}
        stored = [d for d in decisions if d.entry.entry_id not in losers]
        deeds = [work for work in works if isinstance(work, Entry)]
        entries = [d.entry for d in stored] + deeds
        _run(cursor, _ENTRY, [entry_row(e) for e in entries])
        _run(cursor, _PENDING, [pending_row(e) for e in entries])
        _run(cursor, _RECORD, [record_row(d) for d in stored])
        _run(cursor, _DEED, [deed_row(e) for e in deeds])
        return [
            self._first(cursor, work) if isinstance(work, Decision) and work.entry.entry_id in losers else STORED
            for work in works
        ]

    @staticmethod
    def _first(cursor: sqlite3.Cursor, work: Decision) -> Outcome:
        return first_outcome(cursor.execute(_FIRST, seen_row(work)[:3]).fetchone(), work)
