"""The writer's batch on SQLite: one `BEGIN IMMEDIATE`, statements made from the tables' metadata."""

import sqlite3
from collections.abc import Iterable, Sequence

from sqlalchemy import Table

from askfirst.storage.engine import sqlite_settings
from askfirst.storage.tables import decision_seen, entry, pending, record
from askfirst.storage.writer import STORED
from askfirst.usecases.rows import Conflicted, Decision, Entry, Gone, Outcome, Replayed


def _insert(table: Table, *, ignore: bool = False) -> str:
    names = ", ".join(column.name for column in table.columns)
    marks = ", ".join("?" for _ in table.columns)
    return f"INSERT {'OR IGNORE ' if ignore else ''}INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own tables


_SEEN = _insert(decision_seen, ignore=True)
_ENTRY = _insert(entry)
_RECORD = _insert(record)
_PENDING = _insert(pending)
_FIRST = (
    "SELECT s.mac, r.record_id, r.receipt, r.late, r.granted FROM decision_seen s"
    " LEFT JOIN record r ON r.log_id = s.log_id AND r.record_id = s.record_id"
    " WHERE s.log_id = ? AND s.site_key = ? AND s.decision_id = ?"
)


class SqliteBatches:
    """`Batches` on one SQLite connection, opened in the writer's thread."""

    def __init__(self, path: str) -> None:
        """Open the database file at `path`."""
        self._connection = sqlite3.connect(path, isolation_level=None)
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

    def _store(self, cursor: sqlite3.Cursor, works: Iterable[Decision | Entry]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        entries: list[Entry] = []
        records: list[tuple[object, ...]] = []
        for work in works:
            if isinstance(work, Entry):
                entries.append(work)
                outcomes.append(STORED)
                continue
            kept, row = work.entry, work.record
            cursor.execute(
                _SEEN, (kept.log_id, row.site_key, work.decision_id, work.mac, kept.entry_id, row.server_time)
            )
            if cursor.rowcount == 0:
                # A twin may wait in this very batch, so what is known so far goes in before the look.
                self._insert_all(cursor, entries, records)
                entries, records = [], []
                outcomes.append(self._first(cursor, work))
                continue
            entries.append(kept)
            records.append(
                (
                    kept.log_id,
                    kept.entry_id,
                    row.site_key,
                    row.subject,
                    row.server_time,
                    row.method,
                    row.policy_number,
                    row.language,
                    row.granted,
                    row.refused,
                    row.rule,
                    row.late,
                    row.receipt,
                )
            )
            outcomes.append(STORED)
        self._insert_all(cursor, entries, records)
        return outcomes

    @staticmethod
    def _insert_all(cursor: sqlite3.Cursor, entries: list[Entry], records: list[tuple[object, ...]]) -> None:
        cursor.executemany(
            _ENTRY,
            [(e.log_id, e.entry_id, e.kind, e.leaf, e.what, e.what_salt, e.who, e.who_salt) for e in entries],
        )
        cursor.executemany(_PENDING, [(e.log_id, e.entry_id, e.leaf_hash) for e in entries])
        cursor.executemany(_RECORD, records)

    @staticmethod
    def _first(cursor: sqlite3.Cursor, work: Decision) -> Outcome:
        row = cursor.execute(_FIRST, (work.entry.log_id, work.record.site_key, work.decision_id)).fetchone()
        mac, record_id, receipt, late, granted = row
        if mac is None or receipt is None:
            return Gone()
        if mac != work.mac:
            return Conflicted()
        return Replayed(record_id, receipt, bool(late), granted)
