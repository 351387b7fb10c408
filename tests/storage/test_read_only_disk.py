"""A file system mounted read-only under SQLite: refused with the remedy, nothing half-written, and on it goes."""

import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.small_disk import SmallDisk, small_disk
from support.altered_log import said, verified
from support.places import Home, furnish, open_home, settings_of
from support.running_service import run_service
from support.time_and_ids import CountedRandomness, HandClock

REMEDY = "on a file system that is not mounted read-only, and try again."
FILE_REMEDY = "Its file system is mounted read-only: mount it for writing and try again."


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """Give a file system of its own; where none can be mounted, the test is skipped."""
    with small_disk(48) as made:
        yield made


@pytest.fixture
def home(disk: SmallDisk) -> Iterator[Home]:
    """Give a home on it with two organisations."""
    opened = open_home(settings_of(disk.folder / "home"), HandClock(), CountedRandomness())
    furnish(opened.place)
    yield opened
    opened.close()


def contents(folder: Path) -> dict[str, str]:
    """Return what every file holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(home: Home, *words: str) -> tuple[int, str]:
    """Run a command in a process of its own, which leaves no file open, and return how it ended and what it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASKFIRST_")}
    ended = subprocess.run(
        [Path(sys.executable).with_name("askfirst"), *words],
        env={**environment, "ASKFIRST_HOME": str(home.settings.home), "ASKFIRST_ORGANISATION": "example"},
        cwd=home.settings.home.parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, (ended.stdout + ended.stderr).strip()


def test_every_command_names_the_remedy_and_leaves_every_file_as_it_is(disk: SmallDisk, home: Home) -> None:
    """Once it can be written to again, the same commands do their work."""
    home.close()
    add = ("site", "add", "new00001", "--name", "A site", "--origin", "https://a.example")
    backup = ("backup", str(disk.folder / "copy"))
    before = contents(disk.folder)
    disk.read_only(True)
    try:
        for words in (add, backup, ("ledger", "verify")):
            code, refused = run(home, *words)
            assert (1, 0) == (code, refused.count("\n"))
            assert refused.startswith("The database can not be used: unable to open database file. It was left as")
            assert refused.endswith(REMEDY)
        code, refused = run(home, "serve")
        assert (1, 0) == (code, refused.count("\n"))
        assert refused.endswith(FILE_REMEDY)
        assert before == contents(disk.folder)
    finally:
        disk.read_only(False)

    assert [0, 0] == [run(home, *words)[0] for words in (add, backup)]


def test_a_service_refuses_answers_meanwhile_and_stores_them_afterwards(
    disk: SmallDisk, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """503 for each, said once to the operator; the same answers are stored once it can be written to, by no hand."""
    with run_service(home) as service:
        service.get("/s/demo0001.js")
        decisions = [service.decision() for _ in range(20)]
        # A file system with files that are open for writing is never mounted read-only by anybody.
        home.close()
        service.node.engine.dispose()
        disk.read_only(True)
        try:
            answers = [service.post(one) for one in decisions]
            served = service.get("/s/demo0001.js").status_code
            ready = service.get("/readyz").status_code
        finally:
            home.close()
            service.node.engine.dispose()
            disk.read_only(False)
        before = service.rows()
        stored = [service.post(one).status_code for one in decisions]
        again = [service.post(one).status_code for one in decisions]
        service.settle()
        loudly = [one.getMessage() for one in caplog.records if one.levelno == logging.CRITICAL]

        assert [(503, "2")] * 20 == [(one.status_code, one.headers["retry-after"]) for one in answers]
        assert (200, 503) == (served, ready)
        assert ([201] * 20, [200] * 20) == (stored, again)
        assert 20 == service.rows()["record"] - before["record"]
        assert 1 == len(loudly)
        assert "unable to open database file" in loudly[0]
        assert "Answers are refused with 503 until it does again" in loudly[0]
        assert [] == said(verified(home, home.anchors.read(1)))
