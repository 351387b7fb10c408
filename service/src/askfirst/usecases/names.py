"""Names and reasons that operators give: words that can be shown on one line and kept for ever."""

from askfirst.core.errors import BadName

MOST = 200


def is_words(text: str, most: int = MOST) -> bool:
    """Tell whether `text` has 1 to `most` printable characters, not only spaces."""
    return bool(text.strip()) and text.isprintable() and len(text) <= most


def check_words(what: str, text: str, most: int = MOST) -> None:
    """Raise BadName unless `text` has 1 to `most` printable characters, not only spaces."""
    if not is_words(text, most):
        raise BadName(what, text, f"1 to {most} printable characters")
