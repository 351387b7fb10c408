"""What every part of the editor is made of: groups of fields, and the buttons that change the draft."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from askfirst.core.errors import InvalidQuery
from askfirst.web.console.editor.fields import Action, Field, Group, Members, tags
from askfirst.web.console.forms import Form


@dataclass(frozen=True, slots=True)
class View:
    """What of a draft is looked at: one of its languages, and one item of a list where the part has items."""

    members: Members
    language: str
    item: int | None = None

    @property
    def languages(self) -> list[str]:
        """The draft's languages."""
        return tags(self.members)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the draft.

    `members` are the members of the policy that it is about. `act` changes a copy of the members as a button says, and
    returns False for a button that it does not know. `adds` are fields that only buttons read.
    """

    name: str
    members: tuple[str, ...]
    groups: Callable[[View], list[Group]]
    act: Callable[[View, str, Form], bool] = lambda _view, _do, _form: False
    adds: Callable[[View], list["Adding"]] = lambda _view: []
    by_language: bool = False
    items: Callable[[Any], list[tuple[str, str]]] | None = None


@dataclass(frozen=True, slots=True)
class Adding:
    """Fields with a button that adds something; their names are no paths of the draft."""

    action: Action
    fields: tuple[Field, ...]
    key: str


def position(do: str, count: int) -> int:
    """Return which item a button is about; InvalidQuery for one that is not there."""
    _, _, place = do.partition(":")
    if not (place.isascii() and place.isdigit() and len(place) < 6 and int(place) < count):
        raise InvalidQuery([("do", "must be about something that is in the draft")])
    return int(place)


def moved(items: list[Any], do: str, *, first: int = 0) -> bool:
    """Remove or move an item of a list as a button says; nothing moves before place `first`. False for another one."""
    verb = do.partition(":")[0]
    if verb not in ("remove", "up", "down"):
        return False
    place = position(do, len(items))
    if place < first:
        raise InvalidQuery([("do", "must be about something that can be moved")])
    if verb == "remove":
        del items[place]
        return True
    to = max(first, place - 1) if verb == "up" else min(len(items) - 1, place + 1)
    items.insert(to, items.pop(place))
    return True
