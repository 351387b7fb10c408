"""Days as people choose them in forms, in the organisation's time zone, and as searches want them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from askfirst.core.errors import InvalidQuery
from askfirst.usecases.record_filters import read_time
from askfirst.web.console.forms import Form


def begins(day: str, zone: ZoneInfo) -> str:
    """Return when a day like `2026-11-23` begins in a zone, as a search wants it: in UTC.

    What is no day is returned as it is, for the search to say so.
    """
    return _midnight(day, zone, 0)


def ends(day: str, zone: ZoneInfo) -> str:
    """Return when the day after begins: the end of a range that the day is part of."""
    return _midnight(day, zone, 1)


def in_zone(name: str, text: str, zone: ZoneInfo) -> tuple[str, str]:
    """Return a filter with its day, if it is one, as a search wants it: whole days, both ends included."""
    return name, begins(text, zone) if name == "from" else ends(text, zone) if name == "to" else text


def read_days(form: Form, zone: ZoneInfo, *names: str) -> dict[str, int | None]:
    """Return when the days in these fields begin, in ms, or for all but `from` end; None for an empty field.

    Raises InvalidQuery naming what is no day.
    """
    found: dict[str, int | None] = {}
    faults = []
    for name in names:
        day = form.one(name).strip()
        try:
            found[name] = read_time((begins if name == "from" else ends)(day, zone)) if day else None
        except ValueError as error:
            faults.append((name, str(error)))
    if faults:
        raise InvalidQuery(faults)
    return found


def _midnight(text: str, zone: ZoneInfo, later: int) -> str:
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
        return f"{datetime.combine(day, time(), zone).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        return text
