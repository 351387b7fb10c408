"""How long a cookie lives: one number and one unit, so that it can be said in every language without arithmetic."""

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator

from askfirst_sdk.plurals import plural_category

if TYPE_CHECKING:
    from askfirst.core.texts import Durations

Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]

_FORM: Final = re.compile(r"P(?:(?P<date>[1-9][0-9]{0,3})(?P<of>[YMWD])|T(?P<time>[1-9][0-9]{0,3})(?P<in>[HMS]))")
_DATE_UNITS: Final[dict[str, Unit]] = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_TIME_UNITS: Final[dict[str, Unit]] = {"H": "hour", "M": "minute", "S": "second"}


def checked_duration(text: str) -> str:
    """Return an ISO 8601 duration of one unit (`P13M`, `PT30M`), `session` or `persistent`; else ValueError."""
    if text not in ("session", "persistent") and not _FORM.fullmatch(text):
        raise ValueError("must be session, persistent, or an ISO 8601 duration of one unit such as P13M or PT30M")
    return text


Duration = Annotated[str, AfterValidator(checked_duration)]


def amount(duration: str) -> tuple[int, Unit]:
    """Return the number and the unit of an ISO 8601 duration of one unit; ValueError for any other text."""
    found = _FORM.fullmatch(duration)
    if found is None:
        raise ValueError(f"{duration} is not a duration of one unit")
    if found["date"]:
        return int(found["date"]), _DATE_UNITS[found["of"]]
    return int(found["time"]), _TIME_UNITS[found["in"]]


def duration_words(duration: str, words: "Durations", language: str) -> str:
    """Return a duration as a person says it in a language: `13 months`, `until the browser is closed`."""
    if duration == "session":
        return words.session
    if duration == "persistent":
        return words.persistent
    number, unit = amount(duration)
    forms = getattr(words, unit)
    said: str = forms.get(plural_category(language, number)) or forms["other"]
    return said.replace("{n}", str(number))
