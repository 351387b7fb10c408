"""How many bytes the snippet has."""

import gzip

import brotli

from askfirst.core.policy import Controller
from askfirst.core.site_script import script_config
from askfirst.snippet_files import read_snippet
from askfirst.texts.default_policy import default_draft
from bench.row import Row

GOAL_CODE = 5 * 1024


def measure() -> list[Row]:
    """Return the sizes of the code alone and with the default policy in one language."""
    snippet = read_snippet()
    owner = Controller(name="Example Ltd", address="1 High Street", contact="privacy@example.org", country="IE")
    policy = default_draft(owner, "https://www.example.org/privacy").published("bench", 1, 1)
    config = script_config(
        policy, "en", service_url="https://consent.example.org", policy_digest="0" * 64, build_digest="0" * 64
    )
    code, whole = snippet.script([], None), snippet.script([], config)
    return [
        _row("snippet, code alone", code, "at most 5,120 bytes brotli", GOAL_CODE),
        _row("snippet with the default policy in English", whole, "", None),
    ]


def _row(work: str, text: bytes, goal: str, limit: int | None) -> Row:
    small = len(brotli.compress(text, quality=11))
    plain = f"{len(gzip.compress(text, 9)):,} gzip, {len(text):,} plain"
    return Row(work, f"{small:,} bytes brotli", plain, goal, None if limit is None else small <= limit)
