"""Whole services under load are killed again and again, PostgreSQL too: what was answered is there once, and holds."""

import os
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from askfirst.node import Node
from faults.claims import hold
from faults.serving import Serving
from faults.visitors import Visitors
from support.cluster import Cluster
from support.places import Home
from support.time_and_ids import CountedRandomness

# `make faults` lets it run for minutes.
SECONDS = float(os.environ.get("ASKFIRST_CRASH_SECONDS", "8"))


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
        for one in serving:
            one.until_ready()
        visitors.hear(10)
    hold(home, node, visitors)
    node.engine.dispose()
