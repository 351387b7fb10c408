"""Read a site file in YAML, with the place of every member, and without the surprises that YAML has.

Only the parser's events are used: no tags, no anchors and aliases (a few lines of them can unfold to gigabytes), one
document, no name twice. A plain word is what YAML 1.2 says it is: `no`, `on` and `2026-01-01` are texts.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import yaml

from askfirst.core.places import Place, PlacedNode, Places
from askfirst.site_file.source import MOST_VALUES, TOO_MANY, TOO_MANY_MEND, Source, UnreadableSourceError

_MEND: Final = "Write the file as plain YAML in UTF-8: indented with spaces, texts with colons or # in quotes."
# Deeper than any member of a policy.
_DEEPEST: Final = 24
_WORDS: Final[dict[str, object]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,18}")
_FRACTION: Final = re.compile(r"[-+]?([0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})([eE][-+]?[0-9]{1,3})?")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Source:
    """Return the value of a YAML text with its places. Raises UnreadableSourceError for what has no plain meaning."""
    events = yaml.parse(text, Loader=_LOADER)
    try:
        value, root = _Composer(events).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = f"it is not YAML: {error.problem or error.context or 'it can not be read'}"
        raise UnreadableSourceError(said, None if mark is None else _at(mark), _MEND) from None
    except yaml.reader.ReaderError as error:
        raise UnreadableSourceError(f"it is not YAML: {error.reason}", None, _MEND) from None
    return Source(value, Places(root))


def _at(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


class _Composer:
    """Makes values of events."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._values = 0

    def document(self) -> tuple[object, PlacedNode]:
        """Return the value of the only document."""
        next(self._events)  # the stream begins
        first = next(self._events)
        if isinstance(first, yaml.StreamEndEvent):
            return None, PlacedNode(Place(1, 1))
        value, root = self._value(next(self._events), 0)
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse(after, "a second document begins", "Keep one document in the file.")
        return value, root

    def _value(self, event: yaml.Event, depth: int) -> tuple[object, PlacedNode]:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(event, "anchors and aliases are not read", "Write the value out where it is needed.")
        tag = getattr(event, "tag", None)
        if tag and tag != "!":  # `!` alone is how the parser marks a quoted text
            self._refuse(event, f"the tag {tag[:40]} is not read", "Take the tag out; texts that need it go in quotes.")
        self._values += 1
        if self._values > MOST_VALUES:
            self._refuse(event, TOO_MANY, TOO_MANY_MEND)
        if depth > _DEEPEST:
            self._refuse(event, "it is nested too deeply", "See how deep the members of the schema are.")
        node = PlacedNode(_at(event.start_mark))
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event), node
        if isinstance(event, yaml.SequenceStartEvent):
            return self._items(node, depth), node
        return self._members(node, depth), node

    def _items(self, node: PlacedNode, depth: int) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            value, inner = self._value(event, depth + 1)
            node.inner[str(len(items))] = inner
            items.append(value)
            names = (value.get("id"), value.get("name")) if isinstance(value, dict) else (value,)
            for name in names:
                if isinstance(name, str):
                    node.named.setdefault(name, inner)
        return items

    def _members(self, node: PlacedNode, depth: int) -> dict[str, object]:
        members: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or (event.tag and event.tag != "!"):
                self._refuse(event, "a member's name is not a plain text", "Name the member with a word.")
            name = event.value
            if name == "<<" and event.implicit[0]:
                self._refuse(event, "merge keys are not read", "Write the members out where they are needed.")
            if name in members:
                self._refuse(event, f"the member “{name[:64]}” is there twice", "Keep one of the two.")
            value, inner = self._value(next(self._events), depth + 1)
            inner.at = _at(event.start_mark)
            members[name], node.inner[name] = value, inner
        return members

    @staticmethod
    def _refuse(event: yaml.Event, said: str, mend: str) -> NoReturn:
        raise UnreadableSourceError(said, _at(event.start_mark), mend)


def _scalar(event: yaml.ScalarEvent) -> object:
    text: str = event.value
    if event.style == ">":
        return text.rstrip("\n")  # a folded text ends with a line break that nobody means
    if event.tag == "!" or not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text
