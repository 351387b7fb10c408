"""Whole services under load are killed again and again, PostgreSQL too: what was answered is there once, and holds."""

import asyncio
import http.client
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest

from askfirst.node import Node
from askfirst.usecases.publish_checkpoint import require_extension
from askfirst.usecases.rows import Head
from askfirst.usecases.verify_ledger import verify_ledger
from faults.workload import ORIGIN, SITE, body, record
from support.altered_log import said
from support.cluster import Cluster
from support.places import Home
from support.time_and_ids import CountedRandomness

# `make faults` lets it run for minutes.
SECONDS = float(os.environ.get("ASKFIRST_CRASH_SECONDS", "8"))
WRITERS = 4


class Serving:
    """One `askfirst serve` on a port of its own, started again whenever it was killed."""

    def __init__(self, home: Home, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        given = {
            "HOME": str(home.settings.home),
            "DATABASE_URL": home.settings.database_url,
            "PUBLIC_URL": home.settings.public_url,
            "PORT": str(self.port),
            "RATE_PER_MINUTE": "0",
            "SEQUENCE_MS": "30",
            "PUBLISH_MS": "100",
        }
        others = {name: value for name, value in os.environ.items() if not name.startswith("ASKFIRST_")}
        self._environment = {**others, **{f"ASKFIRST_{name}": value for name, value in given.items()}}
        self._folder = folder
        self._log = (folder / f"{self.port}.log").open("ab")
        self.start()

    def start(self) -> None:
        """Start it; requests are refused until it listens."""
        command = [Path(sys.executable).with_name("askfirst"), "serve"]
        self._process = subprocess.Popen(
            command, env=self._environment, cwd=self._folder, stdout=self._log, stderr=self._log
        )

    def kill(self) -> None:
        """Kill it at once, and start it again."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(30)
        self.start()

    def stop(self) -> None:
        """End it in order."""
        self._process.terminate()
        assert self._process.wait(30) in (0, -signal.SIGTERM)
        self._log.close()


class Visitors:
    """Threads that answer banners, repeat what was not confirmed, and remember what was."""

    def __init__(self, node: Node, ports: list[int]) -> None:
        self.answers: dict[int, str] = {}
        self.contradictions: list[int] = []
        self._node, self._ports = node, ports
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(number,)) for number in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def hear(self, more: int, within: float = 120.0) -> None:
        """Wait until so many more decisions were confirmed: a blow that meets a service at its start proves little."""
        wanted, end = len(self.answers) + more, time.monotonic() + within
        while len(self.answers) < wanted:
            assert time.monotonic() < end, "no service has answered for long"
            time.sleep(0.05)

    def stop(self) -> None:
        """Let each finish the decision that it is at."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _visit(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self._stop.is_set():
            with self._lock:
                number = next(self._numbers)
            content = body(self._node, number)
            while not self._stop.is_set():
                answer = self._post(chance.choice(self._ports), content)
                if answer is not None:
                    self._heard(number, answer)
                    if chance.random() > 0.1:  # sometimes the page did not hear it, and says it again
                        break
                else:
                    time.sleep(0.05)

    def _heard(self, number: int, answer: str) -> None:
        with self._lock:
            if self.answers.setdefault(number, answer) != answer:
                self.contradictions.append(number)

    @staticmethod
    def _post(port: int, content: bytes) -> str | None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            headers = {"Origin": ORIGIN, "Content-Type": "text/plain"}
            connection.request("POST", f"/d/{SITE}", content, headers)
            answer = connection.getresponse()
            read = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if answer.status in (200, 201):
            return read.decode()
        assert answer.status == 503, (answer.status, read)
        return None


@pytest.mark.each_database
def test_services_that_are_killed_under_load_lose_nothing(
    request: pytest.FixtureRequest, home: Home, database: str, tmp_path: Path
) -> None:
    """Every confirmed decision is in the ledger once, indexes have no gap, and checkpoints extend each other."""
    node = Node(home.settings, clock=home.clock, random=CountedRandomness("reader"))
    chance = random.Random(7)
    with ExitStack() as stack:
        # SQLite has one process; PostgreSQL has two nodes, whose server is stopped at once as well.
        serving = [Serving(home, tmp_path) for _ in range(1 if database == "sqlite" else 2)]
        for one in serving:
            stack.callback(one.stop)
        blows: list[Callable[[], None]] = [one.kill for one in serving]
        if database == "postgresql":
            cluster: Cluster = request.getfixturevalue("cluster")
            blows.append(cluster.crash)
        visitors = Visitors(node, [one.port for one in serving])
        stack.callback(visitors.stop)
        end = time.monotonic() + SECONDS
        fallen = 0
        while time.monotonic() < end or fallen < len(blows):
            visitors.hear(10)
            time.sleep(chance.uniform(0.0, 1.0))
            blows[fallen % len(blows)]()
            fallen += 1
        visitors.hear(10)
    _hold(home, node, visitors)
    node.engine.dispose()


def _hold(home: Home, node: Node, visitors: Visitors) -> None:
    ledger = home.place.ledger
    node.writer.start()
    node.sequence()
    node.publish()
    result = verify_ledger(home.place.directory, ledger, 1, anchor=home.anchors.read(1))
    counts = ledger.counts(1)

    assert [] == said(result)
    assert [] == visitors.contradictions
    assert len(visitors.answers) >= 20
    assert (counts["leaf"], 0) == (counts["entry"], counts["pending"])
    # What was in flight when a service died may be stored without anybody having been told.
    assert len(visitors.answers) <= counts["record"] <= len(visitors.answers) + 10 * WRITERS
    head = ledger.head(1)
    for one in ledger.checkpoints(1):
        require_extension(lambda level, at: ledger.read_tile(1, level, at), head, one.size, one.root)
    assert Head(head.size, head.root) == Head(result.size, result.root)
    records = {UUID(json.loads(answer)["record"]).bytes for answer in visitors.answers.values() if "record" in answer}
    assert all(ledger.record_of(1, one) is not None for one in records)
    before = counts["entry"]
    for number in list(visitors.answers)[:: max(1, len(visitors.answers) // 50)]:
        assert visitors.answers[number] == asyncio.run(record(node, number))
    assert before == ledger.counts(1)["entry"]
    node.writer.stop()
