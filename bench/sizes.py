"""How many bytes a visitor's browser has to fetch."""

import gzip

import brotli

from bench.fixed_policy import code, site_script
from bench.row import Row, Section


def measure() -> Section:
    """Return the bytes of the code alone, and with the bench policy in one language."""
    return Section(
        "Snippet",
        "Bytes of the one script that a page loads: brotli at level 11, as the service sends it; gzip at level 9.",
        [
            _row("code alone, the whole banner with settings", code(), 5 * 1024),
            _row("with the bench policy in English", site_script("en"), 6 * 1024),
            _row("with the bench policy in German", site_script("de"), 6 * 1024),
        ],
    )


def _row(work: str, text: bytes, limit: int) -> Row:
    small = len(brotli.compress(text, quality=11))
    beside = f"{len(gzip.compress(text, 9)):,} gzip, {len(text):,} plain"
    return Row(work, f"{small:,} bytes brotli", beside, f"at most {limit:,} bytes brotli", small <= limit)
