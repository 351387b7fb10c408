"""The places where a process can die: before and after each statement to the database, and each step of a kept file."""

import os
import signal
import sqlite3
import sqlite3.dbapi2
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from askfirst.storage.postgres_batches import PostgresBatches


class Points:
    """Counts the places that are passed, and dies at one of them."""

    def __init__(self, fatal: int | None) -> None:
        """Die at place number `fatal`, counted from 0; None: only count."""
        self.passed: list[str] = []
        self._fatal = fatal

    def passing(self, place: str) -> None:
        """Note a place, or die there as a machine does that loses its power: at once."""
        if self._fatal == len(self.passed):
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed.append(place)

    def around(self, name: Callable[..., str], work: Callable[..., Any]) -> Callable[..., Any]:
        """Return `work` with a place before and one after it."""

        def passed(*arguments: Any, **named: Any) -> Any:
            said = name(*arguments)
            self.passing(f"before {said}")
            result = work(*arguments, **named)
            self.passing(f"after {said}")
            return result

        return passed


def _statement(_self: object, statement: Any, *_rest: Any) -> str:
    text = statement.decode() if isinstance(statement, bytes) else str(statement)
    return " ".join(text.split())[:60]


def install(points: Points) -> None:
    """Let every statement, commit and kept file of this process pass the points. It is never undone: see `runner`."""

    class Cursor(sqlite3.Cursor):
        execute = points.around(_statement, sqlite3.Cursor.execute)
        executemany = points.around(_statement, sqlite3.Cursor.executemany)

    class Connection(sqlite3.Connection):
        commit = points.around(lambda *_: "COMMIT", sqlite3.Connection.commit)

        def cursor(self, *_: Any, **__: Any) -> Any:
            return super().cursor(Cursor)

        def execute(self, *arguments: Any) -> Any:
            return self.cursor().execute(*arguments)

    connect = sqlite3.connect

    def watched(*arguments: Any, **named: Any) -> Any:
        return connect(*arguments, **{**named, "factory": Connection})

    sqlite3.connect = sqlite3.dbapi2.connect = watched  # type: ignore[assignment]
    psycopg.Cursor.execute = points.around(_statement, psycopg.Cursor.execute)  # type: ignore[method-assign]
    psycopg.Cursor.executemany = points.around(_statement, psycopg.Cursor.executemany)  # type: ignore[method-assign]
    psycopg.Connection.commit = points.around(lambda *_: "COMMIT", psycopg.Connection.commit)  # type: ignore[method-assign]
    PostgresBatches.send = points.around(lambda *_: "sending a batch", PostgresBatches.send)  # type: ignore[method-assign]
    PostgresBatches.receive = points.around(lambda *_: "hearing of a batch", PostgresBatches.receive)  # type: ignore[method-assign]
    Path.replace = points.around(lambda one, *_: f"replacing {one.name}", Path.replace)  # type: ignore[method-assign]
