"""How far figures spread, and how sure the median of differences is."""

import random
from collections.abc import Sequence
from statistics import median


def spread(times: Sequence[float]) -> str:
    """Return the median with the least and the greatest, in whole milliseconds."""
    return f"{median(times):.0f} ms ({min(times):.0f} to {max(times):.0f})"


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the median (percentile bootstrap, always the same draws)."""
    draw = random.Random(1)
    medians = sorted(median(draw.choices(differences, k=len(differences))) for _ in range(4000))
    return medians[100], medians[-101]
