"""What an entry says beside its kind, in words: each of its members with a name and a value that people read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from askfirst.web.console.words import Words

_TIMES: Final = frozenset({"before", "expires", "from", "given", "to", "until"})
_ACCOUNTS: Final = frozenset({"account"})
_PROSE: Final = frozenset({"name", "reason", "rendering_reason", "rule", "said"})
_RECORDS: Final = frozenset({"record", "subject_of"})
_SITES: Final = frozenset({"site", "sites"})
# What is told of an entry where there is room for one thing: the first of these that it has.
_TELLING: Final = (
    "record",
    "account",
    "reason",
    "filters",
    "name",
    "page",
    "url",
    "rule",
    "key",
    "site",
    "said",
    "part",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One member: what it is called, and its value as markup."""

    name: str
    label: str
    value: Markup


class EntryFacts:
    """Says members of entries in one language; `names` has the members of staff by id, `sites` the sites by key."""

    def __init__(self, words: Words, names: Mapping[str, str], sites: Mapping[str, str]) -> None:
        """Take the words and the names."""
        self._words, self._names, self._sites = words, names, sites

    def of(self, said: Mapping[str, object] | None) -> list[Fact]:
        """Return every member of an entry that says something."""
        return list(self._facts(said or {}))

    def telling(self, facts: list[Fact]) -> Fact | None:
        """Return the fact that tells most about its entry."""
        by_name = {one.name: one for one in facts}
        return next((by_name[name] for name in _TELLING if name in by_name), None)

    def _facts(self, said: Mapping[str, object]) -> Iterator[Fact]:
        for name, value in said.items():
            if value in (None, [], {}):
                continue
            yield Fact(name, self._label(name), self._value(name, value))

    def _label(self, name: str) -> str:
        key = f"fact.{name}"
        return str(self._words.say(key)) if self._words.has(key) else name

    def _value(self, name: str, value: object) -> Markup:
        words = self._words
        if isinstance(value, bool):
            return words.say("words.yes" if value else "words.no")
        if isinstance(value, int):
            return words.when(value) if name in _TIMES else Markup(words.number(value))  # noqa: S704 (digits alone)
        if isinstance(value, list):
            return Markup(", ").join(self._value(name, one) for one in value)
        if isinstance(value, dict):
            told = (Markup("{}: {}").format(self._label(part), self._value(part, one)) for part, one in value.items())
            return Markup("; ").join(told)
        return self._text(name, "" if value is None else str(value))

    def _text(self, name: str, text: str) -> Markup:
        words = self._words
        if not text:
            return words.say("words.nothing")
        if name in _RECORDS:
            link = Markup('<a href="/console/records/{}">{}</a>')
            return link.format(quote(text, safe=""), words.say("ledger.record"))
        for section in ("via", "role", "method", "sign_ins"):
            if name in (section, "method") and words.has(f"{section}.{text}"):
                return words.say(f"{section}.{text}")
        known = self._sites if name in _SITES else self._names if name in _ACCOUNTS else {}
        if text in known:
            return Markup("{}").format(known[text])
        return Markup("{}").format(words.said(text)) if name in _PROSE else Markup("<code>{}</code>").format(text)
