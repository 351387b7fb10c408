"""Several worker processes on one PostgreSQL: they share a port, one that dies is replaced, and all stop in order."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from askfirst.node import Node
from askfirst.usecases.verify_ledger import verify_ledger
from faults.workload import ORIGIN, SITE, body
from support.places import Home
from support.time_and_ids import CountedRandomness


def _children(process: subprocess.Popen[bytes]) -> list[int]:
    found = []
    for child in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # gone since it was listed
            if any("spawn_main" in word for word in child.cmdline()):
                found.append(child.pid)
    return found


def _until(true: object, within: float = 60.0) -> None:
    end = time.monotonic() + within
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_workers_answer_and_one_that_dies_is_replaced(home: Home, database: str, tmp_path: Path) -> None:
    """Every answer is in the ledger once; the parent ends with code 0 after its workers have ended."""
    node = Node(home.settings, clock=home.clock, random=CountedRandomness("reader"))
    given = {
        "HOME": str(home.settings.home),
        "DATABASE_URL": home.settings.database_url,
        "PUBLIC_URL": home.settings.public_url,
        "PORT": "0",
        "WORKERS": "2",
        "RATE_PER_MINUTE": "0",
        "SEQUENCE_MS": "30",
        "PUBLISH_MS": "100",
    }
    environment = {name: text for name, text in os.environ.items() if not name.startswith("ASKFIRST_")}
    command = [str(Path(sys.executable).with_name("askfirst")), "serve"]
    with subprocess.Popen(
        command,
        env={**environment, **{f"ASKFIRST_{name}": text for name, text in given.items()}, "PYTHONUNBUFFERED": "1"},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().split(b". ")[0].rsplit(b":", 1)[1])
            _until(lambda: len(_children(process)) == 2)
            answers = [_answer(node, port, number) for number in range(1, 9)]
            (first, second) = _children(process)
            os.kill(first, signal.SIGKILL)
            _until(lambda: len(set(_children(process)) - {first, second}) == 1)
            answers += [_answer(node, port, number) for number in range(9, 17)]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    result = verify_ledger(home.place.directory, home.place.ledger, 1, anchor=home.anchors.read(1))
    counts = home.place.ledger.counts(1)
    node.engine.dispose()

    assert set(answers) <= {200, 201}  # 200 where an answer was lost on its way, and the visitor asked again
    assert ([], 16, 0) == (result.findings, counts["record"], counts["pending"])


def _answer(node: Node, port: int, number: int) -> int:
    """Send a decision as a browser does, again where the connection was cut, and return how it was answered."""
    headers = {"origin": ORIGIN, "content-type": "text/plain"}
    for _ in range(100):
        try:
            return httpx.post(
                f"http://127.0.0.1:{port}/d/{SITE}", content=body(node, number), headers=headers
            ).status_code
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("nobody answers")
