"""Which schema this version works on, and which one a database has."""

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, column, inspect, select, table

from askfirst.core.errors import SchemaMismatch

MIGRATIONS = Path(__file__).parent / "migrations"

# Where Alembic keeps what it has done.
_DONE = table("alembic_version", column("version_num"))


def expected_revision() -> str:
    """Return the newest migration's id."""
    return revisions()[0]


@cache
def revisions() -> tuple[str, ...]:
    """Return the ids of all migrations, the newest first: files are named by them, `0001_first.py`."""
    names = (path.name for path in MIGRATIONS.joinpath("versions").glob("[0-9]*.py"))
    return tuple(sorted((name.partition("_")[0] for name in names), reverse=True))


def current_revision(engine: Engine) -> str | None:
    """Return the database's migration id, or None where there is no schema."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_DONE.name):
            return None
        found: str | None = connection.execute(select(_DONE.c.version_num)).scalar()
        return found


def require_schema(engine: Engine) -> None:
    """Raise SchemaMismatch unless the database has exactly this version's schema."""
    found, expected = current_revision(engine), expected_revision()
    if found != expected:
        raise SchemaMismatch(found=found, expected=expected, newer=is_newer(found))


def is_newer(found: str | None) -> bool:
    """Tell whether a database is of a version that this one does not know."""
    return found is not None and found not in revisions()
