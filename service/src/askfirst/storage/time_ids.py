"""Ids sort by time, so that a range of time is a range of a key."""


def first_id(ms: int) -> bytes:
    """Return the smallest UUIDv7 of a millisecond."""
    return ms.to_bytes(6, "big") + bytes(10)
