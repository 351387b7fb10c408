"""How the console says things in one language: messages, counts, times, methods and kinds of entries."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from markupsafe import Markup

from askfirst.web.console.language import Language, languages
from askfirst_sdk.plurals import plural_category

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MS: Final = 253_402_300_799_000  # the end of the year 9999
# What scripts say too.
FOR_SCRIPTS: Final = (
    "overview.today",
    "script.connecting",
    "script.copied",
    "script.listening",
    "script.lost",
    "script.not_copied",
    "script.not_listening",
    "script.signed_out",
    "table.answer",
    "table.but_not",
    "table.consent_id",
    "table.none",
    "table.not_these",
    "table.nothing_asked",
    "table.purposes",
    "table.site",
    "table.when",
    "words.copy",
    "words.decisions",
    "words.new_decisions",
)


class Words:
    """Everything that a page says, in one language. Messages are ours and may hold markup; values never do."""

    def __init__(self, tag: str, language: Language) -> None:
        """Take a language with its tag."""
        self.tag, self._language = tag, language
        self._patterns = [(_pattern(english), said) for english, said in language.sentences.items()]

    @property
    def name(self) -> str:
        """What speakers of the language call it."""
        return self._language.name

    def say(self, key: str, **values: object) -> Markup:
        """Return the message `section.name` with its values. One that counts needs `count`. KeyError for no message."""
        message = self._language.message(key)
        if not isinstance(message, str):
            count = values["count"]
            if not isinstance(count, int):
                raise TypeError(f"{key} counts, and {count!r} is no number")
            message = message.get(plural_category(self.tag, count)) or message["other"]
            values["count"] = self.number(count)
        return Markup(message).format(**values)  # noqa: S704 (only the message is markup; format escapes the values)

    def has(self, key: str) -> bool:
        """Tell whether there is such a message."""
        section, _, name = key.partition(".")
        return name in self._language.messages.get(section, {})

    def said(self, english: object) -> str:
        """Return a sentence of a use case in this language; as it is where nobody has translated it."""
        text = str(english)
        for pattern, said in self._patterns:
            if found := pattern.fullmatch(text):
                return said.format(*map(self.said, found.groups()))
        return text

    def number(self, value: int) -> str:
        """Return a whole number with its thousands apart."""
        return f"{value:,}".replace(",", self._language.thousands)

    def share(self, part: float, whole: float) -> str:
        """Return a part of a whole in per cent."""
        return self._language.share.format(number=round(100 * part / whole) if whole else 0)

    def method(self, method: str) -> str:
        """Return how an answer was given; what is no method of ours is shown as it is."""
        return str(self.say(f"method.{method}")) if self.has(f"method.{method}") else method

    def kind(self, kind: str) -> str:
        """Return what an entry is about."""
        return str(self.say(f"kind.{kind}")) if self.has(f"kind.{kind}") else kind

    def role(self, role: str) -> str:
        """Return what a role is called."""
        return str(self.say(f"role.{role}")) if self.has(f"role.{role}") else role

    def sites(self, sites: tuple[str, ...] | None) -> str:
        """Return what a role is for."""
        return str(self.say("words.whole")) if sites is None else ", ".join(sites)

    def who(self, staff: object, names: Mapping[str, str]) -> str:
        """Return whom an entry names; `names` has the members of staff by id."""
        if not isinstance(staff, str):
            return str(self.say("words.service"))
        kind, _, name = staff.partition(":")
        if name and kind in ("operator", "token"):
            return str(self.say("words.command_line" if kind == "operator" else "words.program", name=name).unescape())
        return names.get(staff, staff)

    def when(self, ms: object, *, seconds: bool = False) -> Markup:
        """Return a time as markup: in UTC to the minute, the exact time on hover and for machines."""
        at = moment(ms)
        if at is None:
            return Markup("<span>{}</span>").format(self.say("words.unreadable_time"))
        date = self._language.date.format(day=at.day, month=self._language.months[at.month - 1], year=at.year)
        said = f"{date}, {at:%H:%M:%S} UTC" if seconds else f"{date}, {at:%H:%M} UTC"
        exact = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC"
        machine = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
        form = "second" if seconds else "minute"
        return Markup('<time datetime="{}" title="{}" data-to="{}">{}</time>').format(machine, exact, form, said)

    def day(self, day: int) -> str:
        """Return a day, counted from 1970 in UTC, without its year."""
        at = _EPOCH + timedelta(days=day)
        return self._language.short_date.format(day=at.day, month=self._language.months[at.month - 1])

    def for_scripts(self) -> str:
        """Return what scripts say, as JSON by key."""
        return json.dumps({key: self._language.message(key) for key in FOR_SCRIPTS}, ensure_ascii=False)


@cache
def words_of(tag: str) -> Words:
    """Return the words of a language that there is; KeyError for another."""
    return Words(tag, languages()[tag])


def moment(ms: object) -> datetime | None:
    """Return milliseconds since 1970 as a time; None for what is none, in an altered record say."""
    if not isinstance(ms, int) or isinstance(ms, bool) or not 0 <= ms <= _MOST_MS:
        return None
    return _EPOCH + timedelta(milliseconds=ms)


def link(href: str) -> Markup:
    """Return the beginning of a link, for a message that ends it."""
    return Markup('<a href="{}">').format(href)


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL)
