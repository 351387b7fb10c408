"""Measure what users wait for, and write RESULTS.md."""

import argparse
import re
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
    """Run the benches that are named, or all of them. A whole run is written down; of a part, what `--write` is asked for."""
    arguments = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    arguments.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all without one")
    arguments.add_argument("--write", action="store_true", help="put the sections of these parts into RESULTS.md")
    given = arguments.parse_args()
    wanted = given.parts or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"There is no bench {', '.join(unknown)}: there are {', '.join(PARTS)}.")
    if missing := machine.missing(wanted):
        sys.exit("\n".join(missing))
    whole = not given.parts
    kept = {} if whole or not RESULTS.exists() else sections_of(RESULTS.read_text(encoding="utf-8"))
    for name in wanted:
        print(f"{name} ...", flush=True)
        load, when = machine.load(), datetime.now(UTC)
        section = PARTS[name].measure()
        print(section, flush=True)
        measured = f"Measured on {when:%Y-%m-%d} from {when:%H:%M} UTC on {machine.processor()}; load before it {load}."
        kept[section.title] = f"{section}\n{measured}\n"
    if whole or given.write:
        head = machine.description(datetime.now(UTC), None, "make bench")
        RESULTS.write_text("\n".join(["# Results", "", *head, "", *kept.values()]), encoding="utf-8")
        print(f"Written to {RESULTS.name}.")


def sections_of(text: str) -> dict[str, str]:
    """Return the sections of a page of results by their titles, in their order."""
    _, *parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return {part.partition("\n")[0].removeprefix("## "): part.rstrip("\n") + "\n" for part in parts}


if __name__ == "__main__":
    main()
