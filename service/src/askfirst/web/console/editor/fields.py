"""Members of a draft as fields of a form: read, shown, and taken from what a form sent, whatever it sent."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from askfirst.web.console.forms import Form

Members = dict[str, Any]
Path = tuple[str | int, ...]
# A line, a paragraph, a whole number, one of several, yes or no, a list with commas, some of several, or yes for an
# object that is there.
Kind = Literal["line", "text", "number", "choice", "yes", "list", "picks", "tool"]

_MOST_DIGITS: Final = 6
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values: `key` is the message that names it, or `named` says its name as it is."""

    value: str
    key: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One member as a field.

    `key` is the message that names it, or `named` says its name as it is; `hint` is a message too. `language` is that
    of a text, `default` what it says if nobody says otherwise. `empty` is what an empty field stands for: the empty
    text, null, no member at all, or no member and, with the last one, no object that it would be a member of.
    """

    path: Path
    key: str = ""
    kind: Kind = "line"
    named: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    language: str = ""
    default: str = ""
    empty: Literal["text", "null", "none", "nothing"] = "text"

    @property
    def name(self) -> str:
        """The field's name in the form: the dotted path, which findings have too."""
        return ".".join(map(str, self.path))


@dataclass(frozen=True, slots=True)
class Action:
    """A button that changes the draft beside saving it; `named` says what it is about."""

    do: str
    key: str
    named: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; `key` is the message of their heading, or `named` says it as it is.

    `path` is that of the member which they are all of: what is found there and at no field is told above them. `item`
    is the place of an item that has a page of its own. `notes` are said as they are.
    """

    key: str = ""
    named: str = ""
    code: str = ""
    lead: str = ""
    path: Path = ()
    fields: tuple[Field, ...] = ()
    actions: tuple[Action, ...] = ()
    folded: bool = False
    item: int | None = None
    notes: tuple[str, ...] = ()


def read(members: Any, path: Path, default: Any = None) -> Any:
    """Return the value at a path, or `default` where there is none."""
    value = members
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return default
    return value


def rows(members: Any, *path: str | int) -> list[Members]:
    """Return the objects of the list at a path; whatever else stands there is none."""
    value = read(members, path)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def tags(members: Any) -> list[str]:
    """Return the languages of a draft; the first is the default one."""
    value = read(members, ("languages",))
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def put(members: Members, path: Path, value: Any) -> None:
    """Set the value at a path, making the objects on the way to it."""
    at: Any = members
    for step, following in pairwise(path):
        inner = read(at, (step,), _MISSING)
        if not (isinstance(inner, dict) or (isinstance(inner, list) and isinstance(following, int))):
            if not isinstance(at, dict):
                return  # an item that is not there any more
            inner = at[step] = {}
        at = inner
    last: Any = path[-1]
    if isinstance(at, dict) or (isinstance(at, list) and isinstance(last, int) and last < len(at)):
        at[last] = value


def drop(members: Members, path: Path) -> None:
    """Take the member at a path away, if there is one."""
    parent = read(members, path[:-1])
    if isinstance(parent, dict):
        parent.pop(path[-1], None)
    elif isinstance(parent, list) and isinstance(path[-1], int) and path[-1] < len(parent):
        del parent[path[-1]]


def value_of(one: Field, members: Mapping[str, Any]) -> Any:
    """Return what a field shows: a text, whether it is checked, or what is picked."""
    value = read(members, one.path)
    match one.kind:
        case "yes":
            return value is True
        case "tool":
            return isinstance(value, dict)
        case "picks":
            return tuple(str(item) for item in value) if isinstance(value, list) else ()
        case "list":
            return ", ".join(str(item) for item in value) if isinstance(value, list) else ""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    return ""


def take(members: Mapping[str, Any], fields: Iterable[Field], form: Form) -> Members:
    """Return a copy of the members with what a form says of these fields; a field that did not come stays as it is."""
    taken = copy.deepcopy(dict(members))
    for one in fields:
        given = form.every(one.name)
        if given:
            _take_one(taken, one, given)
    return taken


def _take_one(members: Members, one: Field, given: tuple[str, ...]) -> None:
    # Texts of a policy are one line each; a field of several lines breaks them for reading only.
    said = " ".join(given[0].split()) if one.kind != "line" else given[0].strip()
    match one.kind:
        # An empty hidden field of the same name says that the box was there, checked or not.
        case "yes":
            put(members, one.path, "yes" in given)
        case "tool":
            if "yes" not in given:
                drop(members, one.path)
            elif not isinstance(read(members, one.path), dict):
                put(members, one.path, {})
        case "picks":
            known = {choice.value for choice in one.choices}
            put(members, one.path, [value for value in given if value in known])
        case "list":
            put(members, one.path, [item.strip() for item in said.replace(";", ",").split(",") if item.strip()])
        case _ if not said and one.empty == "none":
            drop(members, one.path)
        case _ if not said and one.empty == "nothing":
            drop(members, one.path)
            if read(members, one.path[:-1]) == {}:
                drop(members, one.path[:-1])
        case _ if not said and one.empty == "null":
            put(members, one.path, None)
        case "number" if said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS:
            put(members, one.path, int(said))
        case _:
            put(members, one.path, said)
