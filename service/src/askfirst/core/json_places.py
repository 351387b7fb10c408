"""Where the members of a JSON text stand, so that whoever edits a file is sent to the line and not only to a name."""

import re
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from typing import Final, NamedTuple

# One token: a string's opening quote, a structural character, or a literal; white space is skipped before each.
_TOKEN: Final = re.compile(r'[ \t\n\r]*(?:(["{}\[\],:])|([^\s"{}\[\],:]+))')

_DECODER: Final = JSONDecoder()


class Place(NamedTuple):
    """A place in a text: line and column from 1, the column in characters."""

    line: int
    column: int


@dataclass(slots=True)
class _Node:
    at: int
    list: bool = False
    inner: dict[str, "_Node"] = field(default_factory=dict)
    named: dict[str, "_Node"] = field(default_factory=dict)  # items of a list by their `id` and their `name`


class Places:
    """The places of all members of one JSON text. It never raises: of a text that breaks off, what comes before the
    break is known. `repeated` is the first member that is there twice, with its name, or None.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self.repeated: tuple[str, Place] | None = None
        self._root = _Node(0)
        try:
            self._read()
        except JSONDecodeError:
            return

    def of(self, path: tuple[str | int, ...]) -> Place:
        """Return where a member begins, with its name; of a missing one, where the part begins that lacks it."""
        node = self._root
        for part in path:
            inner = node.inner.get(str(part))
            if inner is None:
                break
            node = inner
        return self.at(node.at)

    def of_dotted(self, member: str) -> Place:
        """Return the place of a member such as `services.matomo.cookies._pk_id.1`, in which an item of a list goes by
        its number, its id or its name, and names may hold dots."""
        node, rest = self._root, member
        while rest:
            inner = self._step(node, rest)
            if inner is None:
                break
            node, rest = inner
        return self.at(node.at)

    def at(self, offset: int) -> Place:
        """Return the place of the character at an offset."""
        return Place(self._text.count("\n", 0, offset) + 1, offset - self._text.rfind("\n", 0, offset))

    @staticmethod
    def _step(node: _Node, rest: str) -> tuple[_Node, str] | None:
        names = node.named | node.inner
        end = len(rest)
        while end > 0:
            inner = names.get(rest[:end])
            if inner is not None:
                return inner, rest[end + 1 :]
            end = rest.rfind(".", 0, end)
        return None

    def _read(self) -> None:
        # A stack of its own: a text may be nested more deeply than a function can call itself.
        open_nodes: list[_Node] = []
        key: tuple[str, int] | None = None
        at = 0
        while found := _TOKEN.match(self._text, at):
            sign, start, at = found[1], found.end() - len(found[1] or found[2]), found.end()
            if sign == '"':
                said, at = _DECODER.raw_decode(self._text, start)
                if key is None and open_nodes and not open_nodes[-1].list:
                    key = (said, start)
                    continue
                self._add(open_nodes, key, start, said)
            elif sign in ("{", "["):
                open_nodes.append(self._add(open_nodes, key, start, None, is_list=sign == "["))
            elif sign in ("}", "]"):
                if open_nodes:
                    open_nodes.pop()
            elif sign is None:
                self._add(open_nodes, key, start, None)
            if sign != ":":
                key = None

    def _add(
        self, open_nodes: list[_Node], key: tuple[str, int] | None, at: int, said: str | None, *, is_list: bool = False
    ) -> _Node:
        node = _Node(key[1] if key else at, is_list)
        if not open_nodes:
            node.at = at
            self._root = node
            return node
        around = open_nodes[-1]
        if around.list:
            around.inner[str(len(around.inner))] = node
            return node
        if key is None:
            return node
        if key[0] in around.inner and self.repeated is None:
            self.repeated = key[0], self.at(key[1])
        around.inner[key[0]] = node
        if said is not None and key[0] in ("id", "name") and len(open_nodes) > 1 and open_nodes[-2].list:
            open_nodes[-2].named.setdefault(said, around)
        return node
