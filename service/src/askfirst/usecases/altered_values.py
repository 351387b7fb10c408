"""What a column says, as the type that it has.

SQLite lets any type into any column. What somebody put there by hand as another type is read as what comes nearest, so
that it is compared, found to be wrong and told, instead of being tripped over.
"""


def as_bytes(value: object) -> bytes:
    """Return a value of a column of bytes."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def as_bytes_or_none(value: object) -> bytes | None:
    """Return a value of a column of bytes that may be null."""
    return None if value is None else as_bytes(value)


def as_text(value: object) -> str:
    """Return a value of a column of text."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def as_text_or_none(value: object) -> str | None:
    """Return a value of a column of text that may be null."""
    return None if value is None else as_text(value)


def as_number(value: object) -> int:
    """Return a value of a column of numbers; -1, which none of ours ever holds, for what is no number."""
    return value if isinstance(value, int) else -1
