"""Where the time of a verification goes: each of its steps by itself, in one process, for the same entries."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

from askfirst.core.frontier import Frontier, grow
from askfirst.core.leaf import WHAT_LABEL, WHO_LABEL
from askfirst.usecases.check_decisions import DecisionCheck
from askfirst.usecases.check_entries import RANGE
from askfirst.usecases.ports import ScannedRow
from askfirst.usecases.stored_receipts import receipt_reader
from askfirst.verifying import verify
from askfirst.workplace import Workplace
from bench.ledger import appended, home_of, sealed

ROUNDS = 3


@dataclass(frozen=True)
class Steps:
    """Microseconds for each entry, of the quickest of three rounds: of each step, of its least part, of the whole."""

    reading: float
    checking: float
    hashing: float
    growing: float
    beside: float
    whole: float

    @property
    def rest(self) -> float:
        """What the whole takes beside these."""
        return max(0.0, self.whole - self.reading - self.checking - self.growing - self.beside)


def steps(url: str) -> Steps:
    """Fill a ledger in the database at this URL (empty: SQLite) and verify it step by step, without signatures."""
    with home_of(url) as (place, node):
        appended(place, asyncio.run(sealed(node)))
        ledger, size = place.ledger, place.ledger.head(1).size
        ranges = [(first, min(first + RANGE, size)) for first in range(0, size, RANGE)]
        rows = [row for first, end in ranges for row in ledger.scan(1, first, end)]
        leaves = [bytes(row[2]) for row in rows if isinstance(row[2], bytes)]
        decisions = [row for row in rows if row[3] == "decision:recorded"]

        def each(do: Callable[[], object]) -> float:
            took = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                do()
                took.append(time.perf_counter() - start)
            return min(took) / size * 1e6

        return Steps(
            reading=each(lambda: [list(ledger.scan(1, first, end)) for first, end in ranges]),
            checking=each(lambda: _check(place, rows)),
            hashing=each(lambda: [_hashes(row) for row in decisions]),
            growing=each(lambda: _grow(leaves)),
            beside=each(lambda: ledger.moment(1, size)),
            whole=each(lambda: verify(place, 1, lambda _done, _all: None, anchor=None, signatures=False, processes=1)),
        )


def _check(place: Workplace, rows: list[ScannedRow]) -> None:
    check = DecisionCheck(place.directory(), receipt_reader(None), signatures=False)
    for row in rows:
        check.holds(row)


def _hashes(row: ScannedRow) -> None:
    """Compute what no verification can do without: the leaf's hash, and the two commitments in it."""
    _, _, _, _, leaf, what, what_salt, who, who_salt = row[:9]
    hashlib.sha256(b"\x00" + leaf).digest()
    hmac.digest(what_salt, WHAT_LABEL + what, "sha256")
    hmac.digest(who_salt, WHO_LABEL + who, "sha256")


def _grow(leaves: list[bytes]) -> None:
    frontier = Frontier()
    for first in range(0, len(leaves), RANGE):
        frontier, _ = grow(frontier, leaves[first : first + RANGE])


def said(found: dict[str, Steps]) -> list[str]:
    """Return the table, and what it means."""
    named = {
        "reading the rows: entry, leaf, search table": [one.reading for one in found.values()],
        "checking them": [one.checking for one in found.values()],
        "… of it, the leaf's hash and two HMACs by OpenSSL": [one.hashing for one in found.values()],
        "growing the tree and its tiles": [one.growing for one in found.values()],
        "what stands beside the log, counted a second time": [one.beside for one in found.values()],
        "tiles, checkpoints, the rest": [one.rest for one in found.values()],
        "**whole, one process**": [one.whole for one in found.values()],
    }
    lines = [
        "## Verification",
        "",
        "Microseconds for each entry of 100,000, without the signatures of receipts, step by step in one process; the quickest of three rounds. PostgreSQL's own work is in what it is waited for.",
        "",
        f"| step | {' | '.join(found)} |",
        f"|---|{'---:|' * len(found)}",
        *(f"| {name} | {' | '.join(f'{value:.1f}' for value in values)} |" for name, values in named.items()),
        "",
    ]
    for name, one in found.items():
        least = one.reading + one.hashing + one.growing
        lines.append(
            f"- {name}: one core goes through {1e6 / one.whole:,.0f} entries/s; reading, hashing and the tree alone, with nothing compared, {1e6 / least:,.0f}/s. Two cores can at most do "
            f"{2e6 / one.whole:,.0f} and {2e6 / least:,.0f}."
        )
    return [*lines, ""]
