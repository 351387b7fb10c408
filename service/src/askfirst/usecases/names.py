"""Names and reasons that operators give: words that can be shown on one line and kept for ever."""

from askfirst.core.errors import BadName

MOST = 200


def check_words(what: str, text: str, most: int = MOST) -> None:
    """Raise BadName unless `text` has 1 to `most` printable characters, not only spaces."""
    if not text.strip() or not text.isprintable() or len(text) > most:
        raise BadName(what, text, f"1 to {most} printable characters")
