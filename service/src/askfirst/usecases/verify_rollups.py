"""Hold the counts that statistics and the overview show against the records that were counted."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from askfirst.usecases.rows import Tallies

# A record has one value of these, and any number of the others.
_ONE_EACH = ("method", "language", "policy", "rule", "answer")


def rollup_faults(tallies: Tallies) -> Iterator[str]:
    """Return a sentence for each site's hour whose counts are not those of its records.

    What was forgotten since is still counted: a site may have as many more as it has forgotten, and no count less.
    """
    hours = sorted({(site, hour) for site, hour, _, _ in (*tallies.counted, *tallies.stored)})
    more: Counter[tuple[str, int, str, str]] = Counter(tallies.stored)
    more.subtract(tallies.counted)
    by_hour: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for (site, hour, dimension, _), count in more.items():
        by_hour.setdefault((site, hour), []).append((dimension, count))
    left = Counter(tallies.forgotten)
    for site, hour in hours:
        sums: Counter[str] = Counter()
        for dimension, count in by_hour[site, hour]:
            sums[dimension] += count
        gone = sums["method"]
        most = max(count for _, count in by_hour[site, hour])
        least = min(count for _, count in by_hour[site, hour])
        left[site] -= max(gone, 0)
        if least < 0 or most > gone or left[site] < 0 or any(sums[one] != gone for one in _ONE_EACH):
            yield f"The statistics of site {site} for {_hour_named(hour)} are not what its records give."


def _hour_named(hour: int) -> str:
    try:
        return f"the hour of {datetime.fromtimestamp(hour * 3600, UTC):%Y-%m-%d %H:00} UTC"
    except (ValueError, OverflowError, OSError):
        return f"the hour {hour}, which is none,"
