"""`askfirst demo` where things are in its way: a clear sentence, and nothing lost."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ASKFIRST = Path(sys.executable).with_name("askfirst")


def words(folder: Path, service: int, site: int) -> list[str]:
    ports = ["--service-port", str(service), "--site-port", str(site)]
    return [str(ASKFIRST), "demo", "--folder", str(folder), *ports]


@contextmanager
def running(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a demo until it says that it runs, and stop it as Ctrl+C does."""
    process = subprocess.Popen(words(folder, 0, 0), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "Stop with Ctrl+C" in line:
                break
        else:
            raise AssertionError("the demo did not start")
        yield process
    finally:
        time.sleep(0.5)  # a signal before uvicorn listens for it would be Python's own
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        process.wait(30)
        process.stdout.close()
    assert "Traceback" not in rest, rest


def refused(folder: Path, service: int = 0, site: int = 0) -> str:
    done = subprocess.run(words(folder, service, site), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def askfirst(folder: Path, *command: str) -> str:
    environment = {**os.environ, "ASKFIRST_HOME": str(folder)}
    return subprocess.run(
        [ASKFIRST, *command], env=environment, capture_output=True, text=True, timeout=30, check=True
    ).stdout


def test_a_second_demo_on_one_folder_is_refused_and_a_later_one_keeps_everything(tmp_path: Path) -> None:
    """One process at a time on an SQLite file; stopping and starting again loses nothing."""
    folder = tmp_path / "demo"
    with running(folder):
        assert "is in use by another Askfirst process" in refused(folder)
    keys = askfirst(folder, "key", "list")
    with running(folder):
        pass

    assert keys == askfirst(folder, "key", "list")
    assert "hold." in askfirst(folder, "ledger", "verify")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """The sentence says which port, and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = refused(tmp_path / "demo", service=taken.getsockname()[1])

    assert "--service-port" in said
    assert "choose another port" in said
    assert not (tmp_path / "demo").exists()


def test_a_half_made_folder_is_finished(tmp_path: Path) -> None:
    """A folder with a database that has no organisation yet: what is missing is made."""
    (tmp_path / "demo" / "data").mkdir(parents=True)
    (tmp_path / "demo" / "data" / "askfirst.sqlite").touch()
    with running(tmp_path / "demo"):
        pass

    assert "demo" in askfirst(tmp_path / "demo", "site", "list")


def test_lost_keys_are_told_and_nothing_is_overwritten(tmp_path: Path) -> None:
    """Without its private keys the log can not go on: the sentence says so, and no new key takes their place unseen."""
    folder = tmp_path / "demo"
    with running(folder):
        pass
    for file in (folder / "keys").glob("*.key"):
        file.unlink()

    assert "restore it from a backup" in refused(folder)
    assert [] == list((folder / "keys").glob("*.key"))


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """Garbage in the place of the database is left as it is."""
    database = tmp_path / "demo" / "data" / "askfirst.sqlite"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"garbage" * 1000)

    assert "not a database" in refused(tmp_path / "demo")
    assert b"garbage" * 1000 == database.read_bytes()
