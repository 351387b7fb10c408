"""What append and sequence wait for: each by itself and both together, and how busy that keeps either core."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from askfirst.randomness import system_clock
from askfirst.storage.batches import batches_of
from askfirst.usecases.rows import Decision
from askfirst.usecases.sequence import sequence_all
from askfirst.workplace import Workplace
from bench.cores import busy, ticks
from bench.ledger import BATCH, appended, home_of, sealed


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
    everything = os.sched_getaffinity(0)
    with home_of(url) as (place, node):
        os.sched_setaffinity(0, {0})
        try:
            decisions = asyncio.run(sealed(node))
            again, count = asyncio.run(sealed(node)), len(decisions)
            return [
                _work(f"{name}: append alone", count, lambda: _append(place, decisions)),
                _work(f"{name}: places alone", count, lambda: sequence_all(place.ledger, 1, clock=system_clock)),
                _work(f"{name}: both, in two threads", count, lambda: appended(place, again)),
            ]
        finally:
            os.sched_setaffinity(0, everything)


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


def _append(place: Workplace, decisions: Sequence[Decision]) -> None:
    batches = batches_of(place.settings.database)()
    for first in range(0, len(decisions), BATCH):
        batches.commit(decisions[first : first + BATCH])
    batches.close()
