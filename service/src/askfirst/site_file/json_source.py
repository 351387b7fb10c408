"""Read a site file in JSON, with the place of every member."""

import re
from bisect import bisect_right
from json import JSONDecodeError, JSONDecoder
from typing import Final

from askfirst.core.errors import MalformedBody
from askfirst.core.places import Place, PlacedNode, Places
from askfirst.core.strict_json import strict_json
from askfirst.site_file.source import MOST_VALUES, TOO_MANY, TOO_MANY_MEND, Source, UnreadableSourceError

_MEND: Final = "Save the file as JSON in UTF-8, as RFC 8259 has it."
# One token: a string's opening quote, a structural character, or a literal; white space is skipped before each.
_TOKEN: Final = re.compile(r'[ \t\n\r]*(?:(["{}\[\],:])|([^\s"{}\[\],:]+))')
_DECODER: Final = JSONDecoder()


def read_json(text: str) -> Source:
    """Return the value of a JSON text with its places. Raises UnreadableSourceError for anything else."""
    reader = _Reader(text)
    try:
        value = strict_json(text.encode("utf-8", "surrogatepass"))
    except MalformedBody as error:
        raise _unreadable(reader, error) from None
    if _count(value) > MOST_VALUES:
        raise UnreadableSourceError(TOO_MANY, None, TOO_MANY_MEND)
    return Source(value, reader.places())


def _count(value: object) -> int:
    count, stack = 0, [value]
    while stack:
        one = stack.pop()
        count += 1
        if isinstance(one, dict):
            stack += one.values()
        elif isinstance(one, list):
            stack += one
    return count


def _unreadable(reader: "_Reader", error: MalformedBody) -> UnreadableSourceError:
    cause = error.__cause__
    if isinstance(cause, JSONDecodeError):
        said = f"it is not JSON: {cause.msg[:1].lower()}{cause.msg[1:]}"
        return UnreadableSourceError(said, reader.at(cause.pos), _MEND)
    reader.places()
    if reader.repeated is not None:
        name, place = reader.repeated
        return UnreadableSourceError(f"the member “{name[:64]}” is there twice", place, "Keep one of the two.")
    return UnreadableSourceError(error.reason, None, _MEND)


class _Reader:
    """Finds the places. It never raises: of a text that breaks off, what comes before the break is known. `repeated`
    is the first member that is there twice, with its name, or None.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.repeated: tuple[str, Place] | None = None

    def at(self, offset: int) -> Place:
        """Return the place of the character at an offset."""
        line = bisect_right(self._lines, offset)
        return Place(line, offset - self._lines[line - 1] + 1)

    def places(self) -> Places:
        """Return the places of all members."""
        root = PlacedNode(Place(1, 1))
        # A stack of its own: a text may be nested more deeply than a function can call itself. A list or not, each.
        stack: list[tuple[PlacedNode, bool]] = []
        key: tuple[str, int] | None = None
        at = 0
        try:
            while found := _TOKEN.match(self._text, at):
                sign, start, at = found[1], found.end() - len(found[1] or found[2]), found.end()
                if sign == '"':
                    said, at = _DECODER.raw_decode(self._text, start)
                    if key is None and stack and not stack[-1][1]:
                        key = (said, start)
                        continue
                    self._add(root, stack, key, start, said)
                elif sign in ("{", "["):
                    stack.append((self._add(root, stack, key, start, None), sign == "["))
                elif sign in ("}", "]"):
                    if stack:
                        stack.pop()
                elif sign is None:
                    self._add(root, stack, key, start, None)
                if sign != ":":
                    key = None
        except JSONDecodeError:
            pass  # what comes before the break is known
        return Places(root)

    def _add(
        self,
        root: PlacedNode,
        stack: list[tuple[PlacedNode, bool]],
        key: tuple[str, int] | None,
        start: int,
        said: str | None,
    ) -> PlacedNode:
        if not stack:
            root.at = self.at(start)
            return root
        around, in_list = stack[-1]
        node = PlacedNode(self.at(key[1] if key else start))
        if in_list:
            around.inner[str(len(around.inner))] = node
            if said is not None:
                around.named.setdefault(said, node)
            return node
        if key is None:
            return node
        if key[0] in around.inner and self.repeated is None:
            self.repeated = key[0], self.at(key[1])
        around.inner[key[0]] = node
        if said is not None and key[0] in ("id", "name") and len(stack) > 1 and stack[-2][1]:
            stack[-2][0].named.setdefault(said, around)
        return node
