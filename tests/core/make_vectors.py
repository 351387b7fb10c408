"""Writes the frozen wire examples that every implementation reads.

Run by hand when a format gets a new version: `PYTHONPATH=tests python -m core.make_vectors`. `test_vectors.py` proves
that the frozen files are what this makes. `merkle.json` is not made here: it is other projects' data, each group with
its source.
"""

import json
from pathlib import Path
from typing import Any

from core.bundle_vectors import bundles
from core.decision_vectors import decisions
from core.document_vectors import documents
from core.ledger_vectors import leaves, records
from core.policy_vectors import policies

FOLDER = Path(__file__).parent.parent / "vectors"


def files() -> dict[str, bytes]:
    """Return every vector file's name and bytes."""
    contents: dict[str, Any] = {
        "policy.json": policies(),
        "decision.json": decisions(),
        "record.json": records(),
        "leaf.json": leaves(),
        "bundle.json": bundles(),
        "document.json": documents(),
    }
    return {
        name: (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode() for name, content in contents.items()
    }


def main() -> None:
    """Write the files."""
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
