"""How the last 30 days divide: by purpose, language and policy, from rollups alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from askfirst.usecases.overview import DAYS
from askfirst.usecases.ports import Records

_HOUR_MS: Final = 3_600_000
_MOST_SITES: Final = 20  # one look at the rollups each


@dataclass(frozen=True, slots=True)
class PurposeSplit:
    """How often one purpose was granted and refused."""

    purpose: str
    granted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Splits:
    """The divisions, the greatest first: `languages` by tag, `policies` by site and number, each with its decisions."""

    purposes: tuple[PurposeSplit, ...]
    languages: tuple[tuple[str, int], ...]
    policies: tuple[tuple[str, str, int], ...]


def read_splits(records: Records, log_id: int, sites: tuple[str, ...] | None, known: Sequence[str], now: int) -> Splits:
    """Return how the decisions of these sites, or of all, divide. `known`: the keys of the sites that may be seen."""
    # The days of the overview: whole ones in UTC, today being the last.
    before = (now // _HOUR_MS // 24 + 1) * 24
    first = before - DAYS * 24
    granted = records.decided(log_id, sites, "granted", first, before)
    refused = records.decided(log_id, sites, "refused", first, before)
    languages = records.decided(log_id, sites, "language", first, before)
    numbers = [
        (site, number, count)
        for site in known[:_MOST_SITES]
        for number, count in records.decided(log_id, (site,), "policy", first, before).items()
    ]
    return Splits(
        purposes=tuple(
            PurposeSplit(one, granted.get(one, 0), refused.get(one, 0)) for one in sorted({*granted, *refused})
        ),
        languages=tuple(sorted(languages.items(), key=lambda one: (-one[1], one[0]))),
        policies=tuple(sorted(numbers, key=lambda one: (one[0], -int(one[1]) if one[1].isdigit() else 0))),
    )
