"""Values in rows of other tools' files: texts, times, yes and no, lists; what is none is told with its remedy."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

Row = Mapping[str, Any]

_EARLIEST_MS: Final = 946_684_800_000  # 2000: before it no tool asked
_SECONDS_BELOW: Final = 100_000_000_000  # a smaller number of milliseconds would be before 1973
_YES: Final = frozenset({"true", "1", "yes", "y", "granted", "allow", "allowed", "accepted"})
_NO: Final = frozenset({"false", "0", "no", "n", "denied", "deny", "refused", "rejected", "declined"})
_SPLIT: Final = re.compile(r"[,;|\s]+")
# As JavaScript writes a time: Wed Dec 03 2025 14:57:50 GMT+0530 (India Standard Time)
_SCRIPT_TIME: Final = re.compile(r"\w{3},? (\w{3} \d{1,2} \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})(?: \(.*\))?")


class BadRow(ValueError):  # noqa: N818 - what is bad is the row, not the program
    """A row that can not be taken over; the message says what is wrong and how to mend it."""


def read_time(value: object, now: int) -> int:
    """Return a time as ms: ISO 8601 (UTC where no zone is said), as JavaScript writes it, or a number of seconds or
    milliseconds since 1970.

    Raises BadRow for what is none, or is before 2000 or after `now`.
    """
    if isinstance(value, str) and re.fullmatch(r"[0-9]{9,14}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise BadRow("has no time that can be read")
    if isinstance(value, str):
        try:
            at = _instant(value.strip())
        except ValueError:
            raise BadRow(
                f"has a time that can not be read: {value[:64]!r}; write it like 2026-01-31T12:00:00Z"
            ) from None
        ms = int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    else:
        ms = int(value * 1000 if abs(value) < _SECONDS_BELOW else value)
    if not _EARLIEST_MS <= ms <= now:
        raise BadRow("has a time before 2000 or in the future")
    return ms


def _instant(text: str) -> datetime:
    if written := _SCRIPT_TIME.fullmatch(text):
        return datetime.strptime(" ".join(written.groups()), "%b %d %Y %H:%M:%S %z")
    return datetime.fromisoformat(text)


def value_of(row: Row, *names: str) -> Any:
    """Return the first of these members, whatever the case of its name."""
    for name in names:
        if row.get(name) not in (None, ""):
            return row[name]
    lower = {str(name).strip().lower(): value for name, value in row.items()}
    return next((lower[name.lower()] for name in names if lower.get(name.lower()) not in (None, "")), None)


def text_of(row: Row, *names: str) -> str:
    """Return the first of these members as a text of 1 to 512 characters. Raises BadRow where there is none."""
    found = value_of(row, *names)
    if found is None or not isinstance(found, (str, int)) or isinstance(found, bool):
        raise BadRow(f"has no {' or '.join(dict.fromkeys(names))}")
    text = str(found).strip()
    if not 0 < len(text) <= 512:
        raise BadRow(f"has a {names[0]} of more than 512 characters, or an empty one")
    return text


def optional_text(row: Row, *names: str) -> str | None:
    """Return the first of these members as a text, cut at 512 characters; None where there is none."""
    found = value_of(row, *names)
    return str(found).strip()[:512] if isinstance(found, (str, int)) and not isinstance(found, bool) else None


def time_of(row: Row, *names: str) -> int:
    """Return the first of these members as a time in ms. Raises BadRow where there is none."""
    found = value_of(row, *names)
    if found is None:
        raise BadRow(f"has no {' or '.join(names)}")
    return read_time(found, 2**53)


def answer_of(name: str, value: object) -> bool:
    """Return a yes or no; `name` is what it is about. Raises BadRow for neither."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise BadRow(f"has neither yes nor no for {name[:64]}: {str(value)[:64]!r}")


def names_of(row: Row, *names: str) -> list[str]:
    """Return a list of names: JSON, c15t's `{"json": […]}`, or a text with commas, semicolons, bars or spaces."""
    found = value_of(row, *names)
    if isinstance(found, str) and found.lstrip()[:1] in ("[", "{"):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            raise BadRow(f"has a {names[0]} that is no list") from None
    if isinstance(found, Mapping):
        found = found.get("json")
    if found is None:
        return []
    if isinstance(found, str):
        return [one for one in _SPLIT.split(found) if one]
    if isinstance(found, Sequence) and all(isinstance(one, str) for one in found):
        return list(found)
    raise BadRow(f"has a {names[0]} that is no list of names")


def object_of(row: Row, name: str) -> Mapping[str, Any]:
    """Return a member that is an object, also as JSON in a text. Raises BadRow for anything else."""
    found = _read(row, name)
    if not isinstance(found, Mapping):
        raise BadRow(f"has no object {name}")
    return found


def objects_of(row: Row, name: str) -> Iterable[Row]:
    """Return a member that is a list of objects, also as JSON in a text. Raises BadRow for anything else."""
    found = _read(row, name)
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise BadRow(f"has no list {name}")
    return found


def _read(row: Row, name: str) -> object:
    """Return a member, or what it says where it is JSON in a text; None where that can not be read."""
    found: object = value_of(row, name)
    if not isinstance(found, str):
        return found
    try:
        read: object = json.loads(found)
    except (ValueError, RecursionError):
        return None
    return read
