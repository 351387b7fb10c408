"""The languages of the console: one file each, checked like anything from outside, and which one a reader gets."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Final

from pydantic import Field

from askfirst.core.strict_model import StrictModel
from askfirst_sdk.plurals import Category

FALLBACK: Final = "en"
_FOLDER: Final = files("askfirst") / "web" / "console" / "languages"
_MOST_ASKED: Final = 20
_ASKED: Final = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,40})?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?")

# A message is one text, or one for each way in which its language counts.
Message = str | Annotated[dict[Category, str], Field(min_length=1)]


class Language(StrictModel):
    """Everything that the console says in one language.

    `messages` are by section and name. `sentences` has what use cases say in English, with `{}` where a value stands.
    """

    name: str
    thousands: str
    share: str
    date: str
    short_date: str
    months: Annotated[tuple[str, ...], Field(min_length=12, max_length=12)]
    messages: dict[str, dict[str, Message]]
    sentences: dict[str, str]

    def message(self, key: str) -> Message:
        """Return the message `section.name`; KeyError where there is none."""
        section, _, name = key.partition(".")
        return self.messages[section][name]


@cache
def languages() -> Mapping[str, Language]:
    """Return every language by its tag, sorted."""
    names = sorted(file.name for file in _FOLDER.iterdir() if file.name.endswith(".json"))
    return {
        name.removesuffix(".json"): Language.model_validate_json(_FOLDER.joinpath(name).read_bytes()) for name in names
    }


def choose(setting: str | None, accept_language: str) -> str:
    """Return the language for a page: what the reader set, else what the browser prefers (RFC 9110, 12.5.4)."""
    if setting is not None and setting in languages():
        return setting
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")[:_MOST_ASKED]):
        found = _ASKED.fullmatch(part)
        if found and found[1].lower() in languages():
            wanted.append((-float(found[2] or 1), place, found[1].lower()))
    # A weight of zero refuses.
    return next((tag for weight, _place, tag in sorted(wanted) if weight), FALLBACK)
