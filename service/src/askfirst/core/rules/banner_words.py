"""The words of a banner with their places, in the form in which rules compare them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.rules.rule import Path
from askfirst.core.texts import Texts

# The labels that a visitor presses, and those among them that answer.
ANSWERS: Final = ("accept", "reject", "accept_all", "reject_all")
LABELS: Final = (*ANSWERS, "settings", "save", "close", "withdraw", "reopen")
# The running texts of both layers.
SENTENCES: Final = ("text", "about", "title", "intro", "how_to_withdraw", "saved", "queued", "not_answered")

# Format characters show nothing, so that a word could hide in them: soft hyphens, joiners, zero-width spaces. The
# variation selectors and Hangul fillers are as invisible, and are not of that category.
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SPACES: Final = re.compile(r"\s+")
_SENTENCE_END: Final = re.compile(r"[.!?;:…。！？؟؛।]+(?:\s|$)|[。！？]")


def label(texts: Texts, name: str) -> str:
    """Return one of the words of a language by its name."""
    said: str = getattr(texts, name)
    return said


def plain(text: str) -> str:
    """Return a text as it is read: one form for each character, nothing invisible, no capitals, single spaces."""
    normal = unicodedata.normalize("NFKC", text)
    visible = "".join(one for one in normal if one not in _INVISIBLE and unicodedata.category(one) not in ("Cf", "Mn"))
    return _SPACES.sub(" ", visible).strip().casefold().replace("’", "'")


def words(text: str) -> list[str]:
    """Return the words of a text, `plain`: what stands between spaces and has a letter or number."""
    return [word for word in plain(text).split() if any(one.isalnum() for one in word)]


def sentences(text: str) -> list[str]:
    """Return a text's sentences and the parts that a colon or semicolon ends."""
    return [part for part in _SENTENCE_END.split(text) if part and part.strip()]


def joined_script(text: str) -> bool:
    """Return whether a text has letters of a script that puts no space between words."""
    return any(unicodedata.name(one, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO")) for one in text)


def same_family(first: str, second: str) -> bool:
    """Return whether two languages can rightly have the very same sentence: one language, or close relatives."""
    one, other = first.partition("-")[0], second.partition("-")[0]
    return one == other or any({one, other} <= family for family in _FAMILIES)


_FAMILIES: Final = ({"nb", "nn", "no", "da"}, {"hr", "sr", "bs"}, {"cs", "sk"}, {"ms", "id"}, {"hi", "ur"})


def banner_texts(draft: PolicyDraft, names: tuple[str, ...]) -> Iterator[tuple[Path, str, str]]:
    """Yield (path, language, text) of the named words in each of the policy's languages."""
    for language in draft.languages:
        for name in names:
            yield ("texts", language, name), language, label(draft.texts[language], name)


def purpose_texts(draft: PolicyDraft) -> Iterator[tuple[Path, str, str]]:
    """Yield (path, language, text) of the descriptions of all purposes."""
    for number, purpose in enumerate(draft.purposes):
        yield from _described(("purposes", number, "description"), purpose.description)


def service_texts(draft: PolicyDraft) -> Iterator[tuple[Path, str, str]]:
    """Yield (path, language, text) of the descriptions of all services and of what they keep."""
    for number, service in enumerate(draft.services):
        yield from _described(("services", number, "description"), service.description)
        for item, cookie in enumerate(service.cookies):
            yield from _described(("services", number, "cookies", item, "description"), cookie.description)


def _described(path: Path, said: Mapping[str, str]) -> Iterator[tuple[Path, str, str]]:
    for language, text in said.items():
        yield (*path, language), language, text
