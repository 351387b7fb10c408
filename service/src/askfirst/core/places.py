"""Where the members of a text stand, so that whoever edits a file is sent to the line and not only to a name."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """A place in a text: line and column from 1, the column in characters."""

    line: int
    column: int


@dataclass(slots=True)
class PlacedNode:
    """One value of a text: where it begins, or its name does, and what is inside it.

    `inner` holds the members by name and the items by number, `named` the items of a list by their `id` and `name`,
    and by themselves where they are texts.
    """

    at: Place
    inner: dict[str, "PlacedNode"] = field(default_factory=dict)
    named: dict[str, "PlacedNode"] = field(default_factory=dict)


class Places:
    """The places of all members of one text."""

    def __init__(self, root: PlacedNode) -> None:
        """Take the outermost value."""
        self._root = root

    def of(self, path: tuple[str | int, ...]) -> Place:
        """Return where a member begins, with its name; of a missing one, where the part begins that lacks it."""
        node = self._root
        for part in path:
            inner = node.inner.get(str(part))
            if inner is None:
                break
            node = inner
        return node.at

    def of_dotted(self, member: str) -> Place:
        """Return the place of a member such as `services.matomo.cookies._pk_id.1`, in which an item of a list goes by
        its number, its id or its name, and names may hold dots."""
        node, rest = self._root, member
        while rest:
            inner = _step(node, rest)
            if inner is None:
                break
            node, rest = inner
        return node.at


def _step(node: PlacedNode, rest: str) -> tuple[PlacedNode, str] | None:
    end = len(rest)
    while end > 0:
        inner = node.named.get(rest[:end]) or node.inner.get(rest[:end])
        if inner is not None:
            return inner, rest[end + 1 :]
        end = rest.rfind(".", 0, end)
    return None
