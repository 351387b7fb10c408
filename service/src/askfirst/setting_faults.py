"""What is wrong with settings as they are written, under the names that they have there: (name, sentence)."""

import difflib
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from dotenv.parser import Original, parse_stream  # by which pydantic-settings reads the file
from pydantic import ValidationError

from askfirst.core.errors import ConfigurationFault

# What it warns of is told below, as a fault and with the name of the file.
logging.getLogger("dotenv.main").setLevel(logging.ERROR)


def mistyped(names: Iterable[str], known: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what is nearly a setting: nobody would notice that it does nothing. `known`: by field, the settings."""
    settings = [*known.values()]
    likely = {name: difflib.get_close_matches(name.upper(), settings, n=1, cutoff=0.9) for name in names}
    return [
        (name, f"is no setting; {meant[0]} is")
        for name, meant in sorted(likely.items())
        if meant and name.upper() not in settings
    ]


def unread_lines(file: str) -> list[tuple[str, str]]:
    """Return the lines of a settings file that say nothing: whoever wrote them would not notice.

    Raises ConfigurationFault where the file can not be read at all, since nothing else of it can be told then.
    """
    path = Path(file)
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8") as stream:
            lines = [*parse_stream(stream)]
    except OSError as error:
        raise ConfigurationFault([(file, f"can not be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise ConfigurationFault([(file, "is not a text in UTF-8")]) from None
    return [
        (file, f"can not be understood in line {_line(one.original)}: write NAME=value, and close each quotation mark")
        for one in lines
        if one.error or (one.key is not None and one.value is None)
    ]


def _line(read: Original) -> int:
    """Return the line of what was read, which begins with the empty lines before it."""
    empty = len(read.string) - len(read.string.lstrip())
    return read.line + read.string[:empty].count("\n")


def invalid(error: ValidationError, known: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what pydantic found."""
    return [(_named(fault["loc"], known), _said(fault["msg"])) for fault in error.errors()]


def _named(place: tuple[int | str, ...], known: Mapping[str, str]) -> str:
    if not place:  # settings that do not go together
        return "the settings"
    # What is wrong in the file is told under the name that it has there.
    return known.get(str(place[0]), str(place[0]).upper())


def _said(message: str) -> str:
    said = message.removeprefix("Value error, ")
    return "is no setting" if said == "Extra inputs are not permitted" else f"{said[:1].lower()}{said[1:]}"
