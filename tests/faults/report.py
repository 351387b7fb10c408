"""The table of faults: what `make faults` prints, and writes as a page of the docs."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

# Where the page goes; `make faults` says it.
PAGE = os.environ.get("ASKFIRST_FAULTS_PAGE", "")

_HEAD = """# What happens when things break

Written by `make faults` on {day}, on {cores} cores. Each fault happens to whole services under load: four visitors
answer one banner after the other, and send again what was not confirmed. Afterwards everything is verified: every
confirmed decision is in the ledger exactly once and is answered as the first time, byte for byte; every entry has its
place; every checkpoint is consistent with every later one. A row stands here only where all of that held.

- **Load held**: new decisions confirmed in a second, the fault and what it took included.
- **Lost**: decisions that were confirmed and are not in the ledger.
- **Time to recover**: from the blow to the next confirmed decision; where the cause has to go first (a disk that is
  full, a database that is stopped), from then on.

| fault | load held (decisions/s) | acknowledged | lost | time to recover (s) |
| --- | ---: | ---: | ---: | ---: |
"""

_FOOT = """
While the database is away, answers are refused at once with 503 and a `Retry-After`, and site scripts are served from
memory. The banner keeps a refused answer and delivers it later. A database that accepts connections and answers nothing
is waited for three seconds; who comes after that is refused at once too.

Besides, a node is killed before and after every statement and every kept file, on both databases
(`tests/faults/test_matrix.py`), and whole services and PostgreSQL are killed at random for minutes
(`tests/faults/test_crash_run.py`).
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. Nothing was lost, or the test failed before it came here."""

    fault: str
    per_second: float
    acknowledged: int
    recovered_s: float


class Report:
    """The rows of a run."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Add a fault that was held."""
        self._rows.append(row)

    def table(self) -> str:
        """Return the rows as lines of a table."""
        return "".join(
            f"| {one.fault} | {one.per_second:,.0f} | {one.acknowledged:,} | 0 | {one.recovered_s:.1f} |\n"
            for one in self._rows
        )

    def write(self) -> None:
        """Print the table, and write the page where one is wanted."""
        if not PAGE or not self._rows:
            return
        head = _HEAD.format(day=datetime.now(UTC).date().isoformat(), cores=os.cpu_count())
        Path(PAGE).write_text(head + self.table() + _FOOT)
        print(f"\n{self.table()}")  # noqa: T201 - what `make faults` is asked for
