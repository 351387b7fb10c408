"""`askfirst backup` and `askfirst restore` on each database: whole, private, verified, and never over anything."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from support.cluster import POSTGRES_BIN_PATH
from support.command_line import CommandLine
from support.places import Home
from support.running_service import run_service

pytestmark = pytest.mark.each_database


@pytest.fixture(autouse=True)
def _client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{POSTGRES_BIN_PATH}{os.pathsep}{os.environ['PATH']}")


def _settings(home: Home) -> dict[str, str]:
    return {"DATABASE_URL": home.settings.database_url} if home.settings.database_url else {}


def _lost(home: Home) -> dict[str, str]:
    """Lose the database, and return the settings that name an empty place for it."""
    url = make_url(home.settings.database)
    if url.get_backend_name() == "sqlite":
        for path in (home.settings.home / "data").iterdir():
            path.unlink()
        return {}
    name = f"again_{url.database}"
    with psycopg.connect(f"host={url.query['host']} user=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return {"DATABASE_URL": url.set(database=name).render_as_string(hide_password=False)}


def test_what_was_backed_up_is_there_again(furnished_askfirst: CommandLine, home: Home, tmp_path: Path) -> None:
    """Every entry of every organisation holds, records are found, and the log goes on from there."""
    file = tmp_path / "copy"
    with run_service(home) as service:
        answer = service.accept()
        service.settle()
    made = furnished_askfirst.does("backup", str(file), **_settings(home))
    home.close()
    elsewhere = _lost(home)
    restored = furnished_askfirst.does("restore", str(file), **elsewhere)
    shown = furnished_askfirst.does("audit", "show", answer["record"], "--organisation", "example", **elsewhere)
    verified = [
        furnished_askfirst.does("ledger", "verify", "--organisation", slug, **elsewhere)
        for slug in ("example", "other")
    ]

    assert "entries hold." in made
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert [file.name, "home"] == sorted(one.name for one in tmp_path.iterdir())
    assert "The database is back in place." in restored
    assert "is entry" in shown
    assert all("checkpoints hold." in said for said in verified)


def test_both_are_entries(furnished_askfirst: CommandLine, home: Home, tmp_path: Path) -> None:
    """Who copied everything is written down, with the file's digest; the copy itself does not have that entry yet."""
    furnished_askfirst.does("backup", str(tmp_path / "copy"), **_settings(home))
    home.close()
    elsewhere = _lost(home)
    furnished_askfirst.does("restore", str(tmp_path / "copy"), **elsewhere)

    def kinds(**settings: str) -> set[str]:
        return set(_entry_kinds(settings.get("DATABASE_URL") or home.settings.database))

    assert "backup:restored" in kinds(**elsewhere)
    assert "backup:made" not in kinds(**elsewhere)


def _entry_kinds(database: str) -> list[str]:
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database or "")) as connection:
            return [kind for (kind,) in connection.execute("SELECT kind FROM entry")]
    with psycopg.connect(f"host={url.query['host']} user=postgres dbname={url.database}") as connection:
        return [kind for (kind,) in connection.execute("SELECT kind FROM entry")]


def test_a_backup_that_is_older_than_the_last_checkpoint_is_named(
    furnished_askfirst: CommandLine, home: Home, tmp_path: Path
) -> None:
    """Made while the service runs and signs on. It is put in place, and exit code 2 says what is missing."""
    file = tmp_path / "copy"
    with run_service(home) as service:
        service.accept()
        service.settle()
        furnished_askfirst.does("backup", str(file), **_settings(home))
        service.accept()
        service.settle()
    home.close()
    ended = furnished_askfirst("restore", str(file), **_lost(home))

    assert 2 == ended.code
    assert "the log was cut" in ended.out
    assert "ledger.md" in ended.out


def test_nothing_is_ever_overwritten(furnished_askfirst: CommandLine, home: Home, tmp_path: Path) -> None:
    """Neither a file by a backup nor a database by a restoration."""
    file = tmp_path / "copy"
    furnished_askfirst.does("backup", str(file), **_settings(home))
    before = file.read_bytes()

    assert "is there already" in furnished_askfirst.refuses("backup", str(file), **_settings(home))
    said = furnished_askfirst.refuses("restore", str(file), **_settings(home))
    assert "is there already" in said or "is not empty" in said
    assert before == file.read_bytes()


BROKEN: dict[str, Any] = {
    "a text": b"not a database",
    "nothing": b"",
    "an SQLite file cut short": b"SQLite format 3\x00" + bytes(100),
    "a dump cut short": b"PGDMP" + bytes(100),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_backup_leaves_nothing_behind(
    furnished_askfirst: CommandLine, home: Home, tmp_path: Path, name: str
) -> None:
    """One sentence, and the place is as empty as before, so that the right file can be restored next."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    furnished_askfirst.does("backup", str(good), **_settings(home))
    bad.write_bytes(BROKEN[name])
    home.close()
    elsewhere = _lost(home)
    said = furnished_askfirst.refuses("restore", str(bad), **elsewhere)

    assert any(word in said for word in ("is no backup", "is damaged", "pg_restore"))
    assert "is back in place" in furnished_askfirst.does("restore", str(good), **elsewhere)


def test_a_missing_file_and_a_folder_that_is_not_there(
    furnished_askfirst: CommandLine, home: Home, tmp_path: Path
) -> None:
    """Said in a sentence."""
    assert "No such file" in furnished_askfirst.refuses("backup", str(tmp_path / "no" / "copy"), **_settings(home))
    home.close()
    assert "can not be read" in furnished_askfirst.refuses("restore", str(tmp_path / "no"), **_lost(home))
