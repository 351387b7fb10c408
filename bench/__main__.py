"""`make bench`: measure, and write RESULTS.md."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import audit, checks, ledger, machine, nodes, page, partitions, service, sizes

RESULTS = Path(__file__).with_name("RESULTS.md")
PARTS = {
    "sizes": sizes,
    "checks": checks,
    "service": service,
    "nodes": nodes,
    "ledger": ledger,
    "audit": audit,
    "partitions": partitions,
    "page": page,
}


def main() -> None:
    """Run the benches that are named, or all of them; only a whole run is written down."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"There is no bench {', '.join(unknown)}: there are {', '.join(PARTS)}.")
    if missing := machine.missing(wanted):
        sys.exit("\n".join(missing))
    load = machine.load()
    sections = []
    for name in wanted:
        print(f"{name} ...", flush=True)
        sections.append(PARTS[name].measure())
        print(sections[-1], flush=True)
    if wanted == list(PARTS):
        head = machine.description(datetime.now(UTC), load)
        RESULTS.write_text("\n".join(["# Results", "", *head, "", *map(str, sections)]), encoding="utf-8")
        print(f"Written to {RESULTS.name}.")


main()
