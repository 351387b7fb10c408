"""How busy each of the two cores was."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Ticks = list[tuple[int, int]]


def ticks() -> Ticks:
    """Return (busy, all) ticks of each of the two cores."""
    found = []
    for line in Path("/proc/stat").read_text(encoding="ascii").splitlines()[1:3]:
        values = [int(value) for value in line.split()[1:9]]
        found.append((sum(values) - values[3] - values[4], sum(values)))
    return found


def busy(before: Ticks, after: Ticks) -> tuple[float, float]:
    """Return the shares of the time between two looks in which the cores were busy."""
    first, second = ((now[0] - then[0]) / max(1, now[1] - then[1]) for then, now in zip(before, after, strict=True))
    return first, second


@contextmanager
def on_core_0() -> Iterator[None]:
    """Keep this process on core 0, as a server is, until the block ends."""
    everything = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    try:
        yield
    finally:
        os.sched_setaffinity(0, everything)
