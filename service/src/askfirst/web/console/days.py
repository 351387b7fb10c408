"""Days as people choose them in forms, in the organisation's time zone, and as searches want them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def begins(day: str, zone: ZoneInfo) -> str:
    """Return when a day like `2026-11-23` begins in a zone, as a search wants it: in UTC.

    What is no day is returned as it is, for the search to say so.
    """
    return _midnight(day, zone, 0)


def ends(day: str, zone: ZoneInfo) -> str:
    """Return when the day after begins: the end of a range that the day is part of."""
    return _midnight(day, zone, 1)


def _midnight(text: str, zone: ZoneInfo, later: int) -> str:
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
        return f"{datetime.combine(day, time(), zone).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        return text
