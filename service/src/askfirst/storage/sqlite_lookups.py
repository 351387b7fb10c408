"""Look-ups on SQLite: one statement for all of a kind, which the connection keeps prepared for each number of them."""

import sqlite3
from typing import Any, Final

from askfirst.storage.engine import sqlite_settings
from askfirst.storage.lookups import MOST, SUBJECT_COLUMNS, TOKEN_COLUMNS, Look, Rows, SubjectLook, TokenLook

_TOKENS: Final = f"SELECT {', '.join(TOKEN_COLUMNS)} FROM token WHERE secret_hash IN "  # noqa: S608
_HASH: Final = TOKEN_COLUMNS.index("secret_hash")
_SUBJECT: Final = (
    f"SELECT * FROM (SELECT {{0}}, {', '.join(SUBJECT_COLUMNS)} FROM record"  # noqa: S608
    " WHERE log_id = ? AND subject = ? AND record_id < ? ORDER BY record_id DESC LIMIT ?)"
)
_SUBJECTS: Final = tuple(" UNION ALL ".join(_SUBJECT.format(at) for at in range(count)) for count in range(MOST + 1))
_TOKENS_OF: Final = tuple(f"{_TOKENS}({', '.join('?' * count)})" for count in range(MOST + 1))


class SqliteReads:
    """`Reads` on one SQLite connection."""

    def __init__(self, path: str) -> None:
        """Open the database file at `path`."""
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=2 * MOST + 16)
        sqlite_settings(self._connection)

    def read(self, looks: list[Look]) -> list[Rows]:
        """Return the rows of each look."""
        found: list[Rows] = [[] for _ in looks]
        tokens = [(at, look.secret_hash) for at, look in enumerate(looks) if isinstance(look, TokenLook)]
        if tokens:
            secrets = list({secret for _, secret in tokens})
            rows = {row[_HASH]: row for row in self._rows(_TOKENS_OF[len(secrets)], secrets)}
            for at, secret in tokens:
                found[at] = [rows[secret]] if secret in rows else []
        subjects = [(at, look) for at, look in enumerate(looks) if isinstance(look, SubjectLook)]
        if subjects:
            values: list[Any] = []
            for _, look in subjects:
                values += (look.log_id, look.subject, look.after, look.most)
            for row in self._rows(_SUBJECTS[len(subjects)], values):
                found[subjects[row[0]][0]].append(row[1:])
        return found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _rows(self, statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(statement, values)
        try:
            return cursor.fetchall()
        finally:
            cursor.close()
