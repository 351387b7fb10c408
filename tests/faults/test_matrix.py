"""A process that is killed before or after any statement leaves a log that holds, and nothing confirmed is lost."""

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from askfirst.node import Node
from askfirst.usecases.verify_ledger import verify_ledger
from faults.workload import ERASED, ROUND, again
from support.altered_log import said
from support.places import Home
from support.time_and_ids import CountedRandomness

TESTS = Path(__file__).parent.parent
# `make faults` walks through every place; a test run takes one of so many, and an odd number meets both sides of them.
STEP = int(os.environ.get("ASKFIRST_FAULT_STEP", "9"))


class Runner:
    """The process that starts children and tells how they ended."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.runner"],
            cwd=TESTS,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, home: Home, fatal: int | None, number: int = 0) -> tuple[dict[str, list[Any]], int]:
        """Run the workload and return what was heard, by name, and the child's exit code."""
        order = {
            "home": str(home.settings.home),
            "database": home.settings.database,
            "fatal": fatal,
            "round": number,
            "seed": f"round {number}",
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        heard: dict[str, list[Any]] = {"answer": [], "erased": [], "passed": []}
        for name, value in answer["heard"]:
            heard[name].append(value)
        return heard, answer["status"]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(30) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    """Give the one process that forks all children of this module."""
    started = Runner()
    yield started
    started.close()


def check(home: Home, heard: dict[str, list[Any]]) -> None:
    """Start a new node on what is there, let it catch up, and hold everything against what was heard."""
    place = home.place
    node = Node(home.settings, clock=home.clock, random=CountedRandomness("afterwards"))
    node.writer.start()
    try:
        node.sequence()
        node.publish()
        result = verify_ledger(place.directory, place.ledger, 1, anchor=home.anchors.read(1))
        assert [] == said(result)
        assert (0, place.ledger.head(1).size) == (result.waiting, place.ledger.last_checkpoint(1).size)  # type: ignore[union-attr]
        told = dict(heard["answer"])
        assert all(answer == told[number] for number, answer in heard["answer"])
        erased = bool(heard["erased"])
        before = place.ledger.counts(1)["entry"]
        for number, answer in told.items():
            found = asyncio.run(again(node, int(number)))
            # An erasure that nobody was told of may still have been committed.
            assert found == (None if number % ROUND == ERASED and (erased or found is None) else answer)
        assert before == place.ledger.counts(1)["entry"]
    finally:
        node.writer.stop()
        node.engine.dispose()


@pytest.mark.each_database
def test_without_a_fault_everything_is_heard(home: Home, runner: Runner) -> None:
    """The workload is what it says, so that the places in it are those of writer, sequencer, publisher and erasure."""
    heard, status = runner.run(home, None)
    (passed,) = heard["passed"]

    assert 0 == status
    assert [1, 1, 2, 3, 4] == sorted(number for number, _ in heard["answer"])
    assert 1 == len(heard["erased"])
    everything = "\n".join(passed)
    moved = ("DELETE FROM pending", "INSERT INTO tile", "INSERT INTO rollup", "UPDATE head", "INSERT INTO checkpoint")
    for statement in (*moved, "UPDATE entry"):
        assert f"before {statement}" in everything
    assert "INTO entry" in everything or "WITH seen" in everything
    assert "before INSERT INTO leaf" in everything or "before WITH leaves" in everything
    assert "after replacing log-1.new" in everything
    check(home, heard)


@pytest.mark.each_database
def test_wherever_the_process_dies_nothing_confirmed_is_lost(home: Home, runner: Runner) -> None:
    """One place after the other on one database, each death on top of what those before it left."""
    for died in itertools.count():
        fatal = STEP // 2 + died * STEP
        heard, status = runner.run(home, fatal, died)
        check(home, heard)
        if status == 0:
            break
        assert -signal.SIGKILL == status, f"place {fatal}"
    assert died * STEP >= 90
