"""Look-ups on PostgreSQL: one statement for all of a kind, with one array for each of their keys."""

from typing import Any, Final

import psycopg
from sqlalchemy.engine import URL

from askfirst.storage.engine import postgres_arguments
from askfirst.storage.lookups import SUBJECT_COLUMNS, TOKEN_COLUMNS, Look, Rows, SubjectLook, TokenLook

_TOKENS: Final = f"SELECT {', '.join(TOKEN_COLUMNS)} FROM token WHERE secret_hash = ANY(%b::bytea[])"  # noqa: S608
_HASH: Final = TOKEN_COLUMNS.index("secret_hash")
# As many index look-ups as there are rows in the arrays.
_SUBJECTS: Final = (
    f"SELECT q.n, {', '.join(f'r.{name}' for name in SUBJECT_COLUMNS)}"  # noqa: S608
    " FROM unnest(%b::int4[], %b::text[], %b::bytea[], %b::int4[]) WITH ORDINALITY"
    " AS q(log_id, subject, after, most, n) CROSS JOIN LATERAL ("
    f"SELECT {', '.join(SUBJECT_COLUMNS)} FROM record"
    " WHERE log_id = q.log_id AND subject = q.subject AND record_id < q.after"
    " ORDER BY record_id DESC LIMIT q.most) r"
)


class PostgresReads:
    """`Reads` on one PostgreSQL connection."""

    def __init__(self, url: URL) -> None:
        """Connect to the database at `url`."""
        given = {"prepare_threshold": 0, **postgres_arguments(url)}
        self._connection: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(**given, autocommit=True)

    def read(self, looks: list[Look]) -> list[Rows]:
        """Return the rows of each look."""
        found: list[Rows] = [[] for _ in looks]
        tokens = [(at, look.secret_hash) for at, look in enumerate(looks) if isinstance(look, TokenLook)]
        if tokens:
            cursor = self._connection.execute(_TOKENS, [list({secret for _, secret in tokens})], binary=True)
            rows = {row[_HASH]: row for row in cursor}
            for at, secret in tokens:
                found[at] = [rows[secret]] if secret in rows else []
        subjects = [(at, look) for at, look in enumerate(looks) if isinstance(look, SubjectLook)]
        if subjects:
            keys = [(look.log_id, look.subject, look.after, look.most) for _, look in subjects]
            arrays = [list(column) for column in zip(*keys, strict=True)]
            for row in self._connection.execute(_SUBJECTS, arrays, binary=True):
                found[subjects[row[0] - 1][0]].append(row[1:])
        return found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
