"""Backups as an operator makes and restores them: SQLite's own copy, and a dump of PostgreSQL."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from support.cluster import POSTGRES_BIN_PATH
from support.places import Home


def back_up(home: Home, backup: Path) -> None:
    """Write a backup of the home's database while it is in use."""
    url = make_url(home.settings.database)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "")) as source, closing(sqlite3.connect(backup)) as copy:
            source.backup(copy)
        return
    _tool("pg_dump", "--format=custom", f"--file={backup}", f"--host={url.query['host']}", url.database or "")


def restored(home: Home, backup: Path) -> str:
    """Restore a backup into a new database and return its URL."""
    url = make_url(home.settings.database)
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{backup}"
    name = f"restored_{url.database}"
    with psycopg.connect(f"host={url.query['host']} user=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    _tool("pg_restore", f"--host={url.query['host']}", f"--dbname={name}", str(backup))
    return url.set(database=name).render_as_string(hide_password=False)


def _tool(name: str, *arguments: str) -> None:
    subprocess.run([POSTGRES_BIN_PATH / name, "--username=postgres", *arguments], check=True, timeout=60)
