"""Purposes as the search table's columns hold them: `,embeds,measurement,`, so that one is found by its commas."""

from collections.abc import Iterable


def joined(purposes: Iterable[str]) -> str:
    """Return a column's text; nothing at all for no purpose."""
    listed = sorted(purposes)
    return f",{','.join(listed)}," if listed else ""


def listed(text: str) -> list[str]:
    """Return the purposes in a column's text."""
    return [purpose for purpose in text.split(",") if purpose]
