"""Whatever may take longer than two seconds shows how far it is: a bar on a terminal, plain lines elsewhere."""

import inspect
import io
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import typer
from rich.console import Console
from sqlalchemy.engine import make_url
from typer.core import TyperGroup
from typer.main import get_group

from askfirst import output
from askfirst.cli import app
from askfirst.output import progress, working
from askfirst.storage.backups import write_backup
from support.cluster import POSTGRES_BIN_PATH
from support.command_line import CommandLine
from support.places import Home

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

# Commands by what takes their time. What a command reads a page of, or writes one row of, is done in a moment.
SHOWN = {
    *("init", "migrate", "serve", "backup", "restore", "first-start", "partition", "import", "policy publish"),
    *("policy render", "audit erase", "audit subject", "audit export", "audit statistics", "ledger verify"),
    *("ledger export-tiles", "ledger succeed", "ledger retain", "webhook test", "audit daily"),
}
IN_A_MOMENT = {
    *("new-secret", "imported-id", "site init", "site add", "site list", "site descriptor", "site embed"),
    *("site retention", "site alerts", "policy check", "policy schema", "policy list", "policy diff", "policy show"),
    *("key list", "key rotate", "key revoke", "staff add", "staff list", "staff link", "staff change"),
    *("staff disable", "staff enable", "token issue", "token list", "token revoke", "audit list", "audit entries"),
    *("audit show", "audit proof", "audit statement", "audit hold", "audit holds", "audit lift", "webhook add"),
    *("webhook list", "webhook key", "webhook pause", "webhook resume", "webhook remove", "alert list"),
    "alert acknowledge",
    "demo",  # says what it does all the time
}


def commands(group: TyperGroup, before: str = "") -> Iterator[tuple[str, object]]:
    """Yield the name of every command with the function that it runs."""
    for name in group.commands:
        one = group.get_command(typer.Context(group), name)
        if isinstance(one, TyperGroup):
            yield from commands(one, f"{before}{name} ")
        else:
            assert one is not None
            yield before + name, one.callback


def test_every_command_is_done_in_a_moment_or_shows_how_far_it_is() -> None:
    """A new command has to be in one of the lists, and what is in the first uses what shows it."""
    found = dict(commands(get_group(app)))
    shows = {name: inspect.getsource(inspect.getmodule(found[name])) for name in SHOWN}  # type: ignore[arg-type]

    assert SHOWN | IN_A_MOMENT == found.keys()
    assert [] == [name for name, source in shows.items() if "progress(" not in source and "working(" not in source]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have lines come after a tenth of a second, and every twentieth."""
    monkeypatch.setattr(output, "QUIET_S", 0.1)
    monkeypatch.setattr(output, "AGAIN_S", 0.05)


def test_work_without_an_end_in_sight_says_that_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, so that what a program reads stays whole; and what is done at once says nothing."""
    with working("At once"):
        pass
    with working("Counting"):
        time.sleep(0.3)
    said = capsys.readouterr()

    assert "" == said.out
    assert {"Counting: 0 seconds so far"} == set(said.err.splitlines())
    assert len(said.err.splitlines()) >= 2


def test_progress_is_told_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """One for each tenth; and one now and then where nobody knows the end; none of what is done at once."""
    with progress("At once") as advance:
        advance(5, 5)
    with progress("Verified") as advance:
        time.sleep(0.1)
        for done in range(0, 1001, 7):
            advance(done, 1000)
    with progress("Copied bytes") as advance:
        advance(1_000, 0)
        time.sleep(0.15)
        advance(2_000_000, 0)
        advance(2_000_001, 0)
    lines = capsys.readouterr().out.splitlines()

    assert "Copied bytes: 2,000,000 so far" == lines.pop()
    assert [f"{tenth}" for tenth in range(10)] == [str(int(line.split()[1].replace(",", "")) // 100) for line in lines]


def test_on_a_terminal_both_are_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without a known end."""
    shown = io.StringIO()
    monkeypatch.setattr(output, "_out", Console(file=shown, force_terminal=True, width=100))
    for of in (3_000_000, 0):
        with progress("Copied bytes") as advance:
            advance(1_500_000, of)
            time.sleep(0.2)

    assert "1500000/3000000" in shown.getvalue()
    assert "1500000/?" in shown.getvalue()


def _slowed(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, seconds: float = 0.6) -> Path:
    """Have one of PostgreSQL's programs wait before it begins, and write its process id to the file returned."""
    real, pid = POSTGRES_BIN_PATH / name, folder / f"{name}.pid"
    program = folder / "slow" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\necho $$ > {pid}\nsleep {seconds}\nexec {real} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{POSTGRES_BIN_PATH}{os.pathsep}{os.environ['PATH']}")
    return pid


@on_postgresql
def test_a_dump_tells_how_much_it_wrote_and_a_restore_how_much_it_read(
    furnished_askfirst: CommandLine, home: Home, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While PostgreSQL's own programs are at work, in plain lines."""
    file, url = tmp_path / "copy", make_url(home.settings.database)
    _slowed("pg_dump", tmp_path, monkeypatch)
    made = furnished_askfirst("backup", str(file), DATABASE_URL=home.settings.database_url)
    name = f"again_{url.database}"
    with psycopg.connect(f"host={url.query['host']} user=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    _slowed("pg_restore", tmp_path, monkeypatch)
    elsewhere = url.set(database=name).render_as_string(hide_password=False)
    restored = furnished_askfirst("restore", str(file), DATABASE_URL=elsewhere)
    size = f"{file.stat().st_size:,}"

    assert (0, 0) == (made.code, restored.code), (made, restored)
    assert "Copied bytes: " in made.out
    assert " so far\n" in made.out
    assert f"Restored bytes: {size} of {size}" in restored.out


def test_a_copy_of_sqlite_tells_so_too(
    furnished_askfirst: CommandLine, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways."""
    monkeypatch.setattr(output, "QUIET_S", 0.0)
    file = tmp_path / "copy"
    made = furnished_askfirst("backup", str(file)).out
    home.close()
    for one in (home.settings.home / "data").iterdir():
        one.unlink()
    restored = furnished_askfirst("restore", str(file)).out
    size = f"{file.stat().st_size:,}"

    assert f"Copied bytes: {size} of {size}" in made
    assert f"Restored bytes: {size} of {size}" in restored


@on_postgresql
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_who_ends_a_backup_ends_the_dump_and_leaves_no_file(
    home: Home, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C: no program goes on in the background, and no half copy lies there."""
    pid = _slowed("pg_dump", tmp_path, monkeypatch, seconds=60)
    folder = tmp_path / "copies"
    folder.mkdir()

    def interrupt(_done: int, _of: int) -> None:
        if pid.exists() and pid.read_text().strip():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_backup(home.settings.database, folder / "copy", interrupt)

    assert not psutil.pid_exists(int(pid.read_text()))
    assert [] == list(folder.iterdir())
