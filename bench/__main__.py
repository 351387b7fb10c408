"""`make bench`: measure, and write RESULTS.md."""

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bench import checks, page, service, sizes
from bench.row import Row

RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    """Run every bench and write the table."""
    rows: list[Row] = []
    for part in (sizes, checks, service, page):
        print(f"{part.__name__} ...", flush=True)
        rows += part.measure()
        for row in rows[-4:]:
            print("  ", row, flush=True)
    RESULTS.write_text(table(rows), encoding="utf-8")
    print(f"Written to {RESULTS.name}.")


def table(rows: list[Row]) -> str:
    """Return the results as a page."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown processor")
    cores = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    head = [
        "# Results",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, `make bench`, Python {platform.python_version()}, {cpu}, {cores} cores.",
        "Server pinned to core 0, wrk to core 1, 32 connections, loopback. A ratio inside one run counts; an absolute",
        "figure from another day does not.",
        "",
        "| work | measured | beside it, in the same run | goal | reached |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(str(row) for row in rows), ""])


main()
