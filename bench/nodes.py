"""What a second node over the same PostgreSQL adds, where nodes, database and load share the machine's cores."""

import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.load import CONNECTIONS, Load, middle, wrk
from bench.row import Row, Section
from bench.servers import Service, nodes, postgresql
from bench.service import posting, stored

SECONDS = 6
ROUNDS = 3
CORES = "0,1"


def measure() -> Section:
    """Return decisions a second for one node and for two, all of them stored."""
    found: dict[int, list[Load]] = defaultdict(list)
    with (
        postgresql(frozenset({0, 1})) as first,
        postgresql(frozenset({0, 1})) as second,
        nodes(first, 1, CORES) as one,
        nodes(second, 2, CORES) as two,
    ):
        for number in range(ROUNDS):  # in turn, so that what else the machine does meets both alike
            for running in (one, two):
                found[len(running)].append(_load(running, number))
                time.sleep(1)  # what still waits is sequenced and signed in this time, and not in the next one's
        for running in (one, two):
            stored(running[0], sum(load.requests for load in found[len(running)]))
    alone, together = middle(found[1]), middle(found[2])
    return Section(
        "Nodes",
        f"Nodes, PostgreSQL with its default settings, and wrk share cores {CORES}, none is held to one: on two cores a "
        f"second node takes from the database what it gives, so that this shows what sharing costs and not what a second "
        f"machine brings. {CONNECTIONS} connections over loopback in both cases, half of them to each of two nodes; "
        f"median of {ROUNDS} runs of {SECONDS} s, in turn. Every answered decision is in the database afterwards.",
        [_row("decision, PostgreSQL, 1 node", alone), _row("decision, PostgreSQL, 2 nodes", together, alone)],
    )


def _load(running: Sequence[Service], number: int) -> Load:
    """Load every node at once, and return the sum: requests and rates added, the worst of the latencies."""

    def one(at: int) -> Load:
        return wrk(
            f"{running[at].url}/d/bench",
            SECONDS,
            script="decide.lua",
            connections=CONNECTIONS // len(running),
            cores=CORES,
            **posting(running[at], number * 10 + at),
        )

    with ThreadPoolExecutor(len(running)) as pool:
        loads = list(pool.map(one, range(len(running))))
    return Load(
        sum(load.requests for load in loads),
        sum(load.rate for load in loads),
        max(load.p50 for load in loads),
        max(load.p99 for load in loads),
    )


def _row(work: str, load: Load, beside: Load | None = None) -> Row:
    said = f"{load.rate:,.0f}/s, p50 {load.p50:.0f} ms, p99 {load.p99:.0f} ms"
    return Row(work, said, "" if beside is None else f"{load.rate / beside.rate:.0%} of one node")
