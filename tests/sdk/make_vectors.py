"""Writes the frozen wire examples that every implementation reads.

Run by hand when a format gets a new version: `PYTHONPATH=tests python -m sdk.make_vectors`. `test_vectors.py` proves
that the frozen files are what this makes.
"""

import json
from pathlib import Path
from typing import Any

from sdk.cookie_vectors import cookies, cookies_2
from sdk.descriptor_vectors import descriptors
from sdk.key_vectors import keys, subjects
from sdk.receipt_vectors import receipts, receipts_2
from sdk.token_vectors import tokens

FOLDER = Path(__file__).parent.parent / "vectors"


def files() -> dict[str, bytes]:
    """Return every vector file's name and bytes."""
    contents: dict[str, Any] = {
        "keys.json": keys(),
        "subjects.json": subjects(),
        "tokens.json": tokens(),
        "receipts.json": receipts(),
        "cookies.json": cookies(),
        "receipts-2.json": receipts_2(),
        "cookies-2.json": cookies_2(),
        "descriptors.json": descriptors(),
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
