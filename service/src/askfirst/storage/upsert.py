"""INSERT with ON CONFLICT: both dialects say it in the same words, each in a class of its own."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert into `table` that can say what to do on a conflict; `dialect` is its name."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
