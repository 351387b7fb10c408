"""What append and sequence wait for: each by itself and both together, and how busy that keeps either core."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from askfirst.randomness import system_clock
from askfirst.usecases.sequence import sequence_all
from bench.cores import busy, on_core_0, ticks
from bench.ledger import NODES, appended, commit_all, home_of, sealed


@dataclass(frozen=True)
class Work:
    """One piece of work: entries a second, and how busy both cores were."""

    name: str
    rate: float
    cores: tuple[float, float]

    def __str__(self) -> str:
        ours, theirs = (f"{share * 1e6 / self.rate:.0f} µs, {share:.0%}" for share in self.cores)
        return f"| {self.name} | {self.rate:,.0f} | {ours} | {theirs} |"


def works(name: str, url: str) -> list[Work]:
    """Measure in the database at this URL (empty: SQLite), this process on core 0."""
    with home_of(url) as (place, node), on_core_0():
        decisions, again, more = (asyncio.run(sealed(node)) for _ in range(3))
        count = len(decisions)
        found = [
            _work(f"{name}: append alone", count, lambda: commit_all(place, decisions)),
            _work(f"{name}: places alone", count, lambda: sequence_all(place.ledger, 1, clock=system_clock)),
            _work(f"{name}: both, in two threads", count, lambda: appended(place, again)),
        ]
        if url:
            found.append(_work(f"{name}: both, {NODES} writers", count, lambda: appended(place, more, NODES)))
        return found


def said(found: list[Work]) -> list[str]:
    """Return the section of the profile."""
    return [
        "## Append and sequence",
        "",
        "100,000 sealed decisions, committed in batches and given their places, without a web server: entries a second, and what an entry takes of each core. This process has core 0, PostgreSQL core 1.",
        "",
        "| work | entries/s | core 0 | core 1 |",
        "|---|---:|---:|---:|",
        *map(str, found),
        "",
    ]


def _work(name: str, count: int, do: Callable[[], object]) -> Work:
    before, start = ticks(), time.perf_counter()
    do()
    return Work(name, count / (time.perf_counter() - start), busy(before, ticks()))
