"""Names and reasons that operators give: words that can be shown on one line and kept for ever."""

from askfirst.core.errors import BadName

MOST = 200
# It stands for bytes that were no text, and what they were is lost.
_LOST = "\N{REPLACEMENT CHARACTER}"


def is_words(text: str, most: int = MOST) -> bool:
    """Tell whether `text` has 1 to `most` printable characters, not only spaces."""
    return bool(text.strip()) and text.isprintable() and _LOST not in text and len(text) <= most


def check_words(what: str, text: str, most: int = MOST) -> None:
    """Raise BadName unless `text` has 1 to `most` printable characters, not only spaces."""
    if not is_words(text, most):
        raise BadName(what, text, f"1 to {most} printable characters")
