"""Open the database so that what is committed stays committed."""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

from askfirst.core.errors import ConfigurationFault

_BUSY_MS = 15_000
_PREPARE = "prepare_threshold"
# A server that went away without a word is noticed in half a minute, and one that does not answer in five seconds.
_POSTGRES = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "askfirst",
}


def open_engine(url: str) -> Engine:
    """Return an engine for `url` (`sqlite:///…` or `postgresql+psycopg://…`).

    SQLite runs in WAL mode with `synchronous=FULL`: a commit that returned survives a power cut. Transactions are
    begun by SQLAlchemy's `BEGIN` on first use; `begin_immediate` takes the write lock at once where that matters.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _postgres_engine(parsed)
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


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """Give a connection for reading to which the database stands still, however many statements it runs."""
    # On SQLite every transaction is like that.
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect() as connection:
        yield connection.execution_options(**level)


def postgres_arguments(url: URL) -> dict[str, Any]:
    """Return how the driver connects to the PostgreSQL at `url`; what the URL says comes first."""
    plain, prepared = _preparing(url)
    _, named = plain.get_dialect()().create_connect_args(plain)
    return {**_POSTGRES, **prepared, **named}


def _preparing(url: URL) -> tuple[URL, dict[str, int | None]]:
    """Return the URL without `prepare_threshold`, and what it says: `none` where a pool stands before the server that
    hands each transaction to another connection and knows nothing of prepared statements."""
    said = url.query.get(_PREPARE)
    if said is None:
        return url, {}
    if said != "none" and not (isinstance(said, str) and said.isascii() and said.isdigit()):
        raise ConfigurationFault([("ASKFIRST_DATABASE_URL", f"has a {_PREPARE} that is neither none nor a number")])
    return url.difference_update_query([_PREPARE]), {_PREPARE: None if said == "none" else int(said)}


def _postgres_engine(url: URL) -> Engine:
    try:
        plain, prepared = _preparing(url)
        engine = create_engine(plain, pool_pre_ping=True, hide_parameters=True, connect_args={**_POSTGRES, **prepared})
    except ModuleNotFoundError:
        said = "names a PostgreSQL, whose driver is not installed; install it with: pip install 'askfirst[postgresql]'"
        raise ConfigurationFault([("ASKFIRST_DATABASE_URL", said)]) from None
    _part_in_the_end(engine)
    return engine


def _part_in_the_end(engine: Engine) -> None:
    """Have a command that is done say good-bye to the server, instead of leaving that to the collector."""
    weakref.finalize(engine, engine.pool.dispose)


def without_connections(engine: Engine) -> None:
    """Close every connection that nobody uses; the engine opens others when it is used again."""
    engine.dispose()
    if engine.dialect.name != "sqlite":
        _part_in_the_end(engine)


def sqlite_settings(connection: Any) -> None:
    """Make one SQLite connection (DB-API) durable and patient; one that can not be made so is closed."""
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}").close()
    except BaseException:
        connection.close()
        raise
