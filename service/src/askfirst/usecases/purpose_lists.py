"""Purposes as the search table's columns hold them: `,embeds,measurement,`, so that one is found by its commas."""

from collections.abc import Iterable


def joined(purposes: Iterable[str]) -> str:
    """Return a column's text; nothing at all for no purpose."""
    listed = sorted(purposes)
    return f",{','.join(listed)}," if listed else ""


def answer_of(granted: str, refused: str) -> str:
    """Return what a decision says on the whole, by its two columns: `all`, `some` or `none`."""
    if not granted:
        return "none"
    return "some" if refused else "all"


def listed(text: str) -> list[str]:
    """Return the purposes in a column's text."""
    return [purpose for purpose in text.split(",") if purpose]
