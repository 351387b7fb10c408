"""How busy each of the two cores was."""

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
