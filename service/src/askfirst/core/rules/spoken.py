"""Rules about languages: who is asked in one can read all of it, in words that somebody has read before."""

import unicodedata
from collections.abc import Callable, Iterator
from itertools import chain, combinations
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.rules.banner_words import (
    SENTENCES,
    banner_texts,
    joined_script,
    plain,
    purpose_texts,
    same_family,
    service_texts,
    words,
)
from askfirst.core.rules.rule import Background, Fault, Path, Rule
from askfirst_sdk.plurals import plural_category

# The scripts that a language is written in here, by how Unicode begins the names of their letters.
_SCRIPTS: Final[dict[str, str | tuple[str, ...]]] = {
    "ar": "ARABIC",
    "be": "CYRILLIC",
    "bg": "CYRILLIC",
    "el": "GREEK",
    "fa": "ARABIC",
    "he": "HEBREW",
    "hi": "DEVANAGARI",
    "hy": "ARMENIAN",
    "ja": ("CJK", "HIRAGANA", "KATAKANA"),
    "ka": "GEORGIAN",
    "ko": "HANGUL",
    "mk": "CYRILLIC",
    "ru": "CYRILLIC",
    "th": "THAI",
    "uk": "CYRILLIC",
    "ur": "ARABIC",
    "zh": "CJK",
}
_UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "year")
_FEWEST_WORDS: Final = 4  # shorter ones, such as a name, can rightly be the same in two languages
_NUMBERS: Final = range(1, 200)

_Texts = Iterator[tuple[Path, str, str]]


def _translated(texts: Callable[[PolicyDraft], _Texts]) -> Callable[[PolicyDraft, Background], Iterator[Fault]]:
    def check(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
        by_member: dict[Path, dict[str, tuple[Path, str]]] = {}
        for path, language, text in texts(draft):
            member = tuple(part for part in path if part != language)
            by_member.setdefault(member, {})[language] = (path, text)
        for said in by_member.values():
            told: set[str] = set()
            for first, second in combinations(said, 2):
                path, text = said[second]
                same = plain(text) == plain(said[first][1]) and not same_family(first, second)
                long = joined_script(text) or len(words(text)) >= _FEWEST_WORDS
                if same and long and second not in told:
                    told.add(second)
                    yield Fault(path, f"has the very same words as in {first}")

    return check


def _banner(draft: PolicyDraft) -> _Texts:
    return chain(banner_texts(draft, SENTENCES), purpose_texts(draft))


def _script(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, language, text in chain(_banner(draft), service_texts(draft)):
        script = _SCRIPTS.get(language.partition("-")[0])
        if script is None or "-Latn" in language or not words(text):
            continue
        if not any(unicodedata.name(one, "").startswith(script) for one in text):
            yield Fault(path, f"has no letter that {language} is written in")


def _plurals(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for language in draft.languages:
        needed = {plural_category(language, number) for number in _NUMBERS}
        for unit in _UNITS:
            missing = needed - getattr(draft.texts[language].durations, unit).keys()
            if missing:
                said = f"lacks the form “{'”, “'.join(sorted(missing))}”, with which {language} counts"
                yield Fault(("texts", language, "durations", unit), said)


def _reviewed(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for language in draft.languages:
        given = known.default_texts(language)
        if given is None or "texts" not in known.unreviewed(language):
            continue
        ours = draft.texts[language]
        kept = [name for name in SENTENCES if getattr(ours, name) == getattr(given, name)]
        if kept:
            said = f"no native speaker has read the default texts in {language}, which stand here"
            yield Fault(("texts", language), said)


RULES: Final = (
    Rule(
        id="ASK-7.texts",
        severity="error",
        title="Every language has the banner in its own words",
        source="GDPR 12(1); that the visitor's language is meant is Askfirst's own reading",
        mend="Translate the text, or take the language out.",
        check=_translated(_banner),
    ),
    Rule(
        id="ASK-7.services",
        severity="warning",
        title="Every language has the services in its own words",
        source="GDPR 12(1); that the visitor's language is meant is Askfirst's own reading",
        mend="Translate the description.",
        check=_translated(service_texts),
    ),
    Rule(
        id="ASK-7.script",
        severity="error",
        title="A text is written in the letters of its language",
        source="GDPR 12(1); that the visitor's language is meant is Askfirst's own reading",
        mend="Translate the text, or name its language rightly.",
        check=_script,
    ),
    Rule(
        id="ASK-7.plurals",
        severity="warning",
        title="Durations have every form that the language counts with",
        source="GDPR 12(1); Unicode CLDR, cardinal plural rules",
        mend="Add the missing forms; the default texts of the language show them.",
        check=_plurals,
    ),
    Rule(
        id="ASK-7.unreviewed",
        severity="note",
        title="Somebody who grew up with the language has read the texts",
        source="GDPR 12(1)",
        mend="Let a native speaker read the texts, and mend them here or in Askfirst.",
        check=_reviewed,
    ),
)
