"""How many bytes a visitor's browser has to fetch."""

import gzip

import brotli

from bench.fixed_policy import code, code_later, site_script, told_later
from bench.row import Row, Section


def measure() -> Section:
    """Return the bytes of the script with the bench policy, of what is fetched later, and of the code alone."""
    return Section(
        "Snippet",
        "Bytes that a page fetches: brotli at level 11, as the service sends it; gzip at level 9. The site's script is the one request of every page. "
        "The second layer is fetched when a visitor turns to it, placeholders where something is held.",
        [
            _row("site script, bench policy in English", [site_script("en")], 6 * 1024),
            _row("site script, bench policy in German", [site_script("de")], 6 * 1024),
            _row("code alone, both layers, as two files", [code(), code_later("settings")], 5 * 1024),
            _row("code alone, what every page loads", [code()]),
            _row("fetched for the second layer, code", [code_later("settings")]),
            _row("fetched for the second layer, words in English", [told_later("en")]),
            _row("fetched for the second layer, words in German", [told_later("de")]),
            _row("fetched for placeholders, code", [code_later("embeds")]),
        ],
    )


def small(text: bytes) -> int:
    """Return how many bytes a text has as the service sends it."""
    return len(brotli.compress(text, quality=11, mode=brotli.MODE_TEXT))


def _row(work: str, files: list[bytes], limit: int | None = None) -> Row:
    squeezed = sum(map(small, files))
    packed, plain = sum(len(gzip.compress(text, 9)) for text in files), sum(len(text) for text in files)
    goal = f"at most {limit:,} bytes brotli" if limit else ""
    return Row(
        work,
        f"{squeezed:,} bytes brotli",
        f"{packed:,} gzip, {plain:,} plain",
        goal,
        squeezed <= limit if limit else None,
    )
