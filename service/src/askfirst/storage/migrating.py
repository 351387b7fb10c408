"""Bring the database to this version's schema: apart from `schema`, since nothing else needs Alembic, slow to read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, insert, select

from askfirst.core.errors import ConfigurationFault, SchemaMismatch
from askfirst.storage.schema import MIGRATIONS, current_revision, expected_revision, is_newer
from askfirst.storage.tables import catalogue_version

_MIGRATING = 0x41534B31  # any number that no other program locks in this database


def alembic_config() -> Config:
    """Return Alembic's configuration, made here: no ini file to lose."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(engine: Engine) -> None:
    """Create or upgrade the schema to this version's. A database from a newer version is refused."""
    found = current_revision(engine)
    if is_newer(found):
        raise SchemaMismatch(found=found, expected=expected_revision(), newer=True)
    if found == expected_revision():
        return
    config = alembic_config()
    with _migrating(engine) as connection:
        if connection.dialect.name == "postgresql":
            # Two nodes that start at once migrate one after the other; on SQLite the transaction is the lock.
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.execute(select(catalogue_version.c.id)).first() is None:
            connection.execute(insert(catalogue_version).values(id=1, version=1))


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """Give a connection in one transaction. SQLite changes a table by making it anew, which its foreign keys would
    forbid while the old one is dropped; they are checked before the commit instead."""
    with engine.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        if on_sqlite:
            _set_foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                yield connection
                if on_sqlite and (torn := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    said = f"has rows in {torn[0]} that belong to none in {torn[2]}; it was left as it was"
                    raise ConfigurationFault([("the database", said)])
        finally:
            if on_sqlite:
                _set_foreign_keys(connection, "ON")


def _set_foreign_keys(connection: Connection, state: str) -> None:
    """Switch SQLite's foreign keys, which is only possible outside a transaction."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys={state}").close()
