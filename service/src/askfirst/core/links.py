"""Links in texts: `[words](https://…)`, the only thing in a text that is more than words, and not everywhere."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

# The texts of the second layer that may link: what a visitor reads at leisure, and not where the question is asked.
LINKING: Final = frozenset({"intro", "how_to_withdraw"})

# Words without brackets, and an address without what could end it or hide where it leads.
_ADDRESS: Final = r"https://[a-zA-Z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][!#-&*-;=?-Z_a-z~]*)?"
_LINK: Final = re.compile(rf"\[([^\][()]{{1,120}})\]\(({_ADDRESS})\)")
_OPENS: Final = "]("


class Part(NamedTuple):
    """A part of a text: its words, and where they lead, None where they are only words."""

    words: str
    address: str | None


def parts(text: str) -> tuple[Part, ...]:
    """Return a text in its parts, in order; a text without links is one part."""
    found: list[Part] = []
    at = 0
    for link in _LINK.finditer(text):
        if link.start() > at:
            found.append(Part(text[at : link.start()], None))
        found.append(Part(link[1], link[2]))
        at = link.end()
    if at < len(text) or not found:
        found.append(Part(text[at:], None))
    return tuple(found)


def in_words(text: str) -> str:
    """Return a text with each link as words and the address behind them in brackets.

    So the banner shows it: making elements of links there would cost every site that has none.
    """
    return _LINK.sub(r"\1 (\2)", text)


def link_faults(texts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (member, what is wrong) for what looks like a link and is none, or stands where none may, by language."""
    for language, words in texts.items():
        for name, text in words:
            if not isinstance(text, str) or _OPENS not in text:
                continue
            member = f"texts.{language}.{name}"
            if name not in LINKING:
                yield member, f"can have no link; {' and '.join(sorted(LINKING))} can"
            elif any(_OPENS in part.words for part in parts(text)):
                yield member, "has a link that is none: it is written [words](https://example.org/page)"
