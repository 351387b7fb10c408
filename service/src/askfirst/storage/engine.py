"""Open the database so that what is committed stays committed."""

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

_BUSY_MS = 15_000


def open_engine(url: str) -> Engine:
    """Return an engine for `url` (`sqlite:///…` or `postgresql+psycopg://…`).

    SQLite runs in WAL mode with `synchronous=FULL`: a commit that returned survives a power cut. Transactions are
    begun by SQLAlchemy's `BEGIN` on first use; `begin_immediate` takes the write lock at once where that matters.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    # An error's message goes into the log: it must not carry what a statement was about.
    engine = create_engine(parsed, connect_args={"timeout": _BUSY_MS / 1000}, hide_parameters=True)

    # pysqlite's own transaction handling begins late and never for a SELECT; ours begins when we say so.
    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        sqlite_settings(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def sqlite_settings(connection: Any) -> None:
    """Make one SQLite connection (DB-API) durable and patient."""
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}").close()
