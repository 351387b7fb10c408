"""Which database a batch or a look-up goes to: the URL says it."""

from collections.abc import Callable

from sqlalchemy.engine import make_url

from askfirst.storage.lookups import Reads
from askfirst.storage.sqlite_batches import SqliteBatches
from askfirst.storage.sqlite_lookups import SqliteReads
from askfirst.storage.writer import Batches


def batches_of(url: str) -> Callable[[], Batches]:
    """Return what opens the writer's connection to the database at `url`; called in the writer's thread."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = parsed.database or ""
        return lambda: SqliteBatches(path)
    # Only here: the driver is an extra, and nobody needs it for SQLite.
    from askfirst.storage.postgres_batches import PostgresBatches  # noqa: PLC0415

    return lambda: PostgresBatches(parsed)


def reads_of(url: str) -> Callable[[], Reads]:
    """Return what opens the connection of look-ups to the database at `url`; called in the reading thread."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = parsed.database or ""
        return lambda: SqliteReads(path)
    from askfirst.storage.postgres_lookups import PostgresReads  # noqa: PLC0415

    return lambda: PostgresReads(parsed)
