"""Rules about what the banner says: no pressure, no false consequence, no ground that the law does not know."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.purposes import NECESSARY
from askfirst.core.rules import phrases
from askfirst.core.rules.banner_words import (
    LABELS,
    SENTENCES,
    banner_texts,
    purpose_texts,
    sentences,
    service_texts,
    words,
)
from askfirst.core.rules.phrases import Phrases, found
from askfirst.core.rules.rule import Background, Fault, Path, Rule

_MOST_WORDS = 40  # in one sentence; the longest of the default texts has 32

_Check = Callable[[PolicyDraft, Background], Iterator[Fault]]


def _all_texts(draft: PolicyDraft) -> Iterator[tuple[Path, str, str]]:
    return chain(_banner(draft), service_texts(draft))


def _banner(draft: PolicyDraft) -> Iterator[tuple[Path, str, str]]:
    return chain(banner_texts(draft, (*LABELS, *SENTENCES)), purpose_texts(draft))


def _never_says(listed: Phrases, said: str) -> _Check:
    # Not in the tables of services: “tells visits apart by using a cookie” pushes nobody.
    def check(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
        for path, language, text in _banner(draft):
            phrase = found(listed, language, text)
            if phrase:
                yield Fault(path, f"says “{phrase}”, {said}")

    return check


def _interest(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    exempt = {("purposes", number) for number, one in enumerate(draft.purposes) if one.id == NECESSARY}
    exempt |= {("services", number) for number, one in enumerate(draft.services) if one.purpose == NECESSARY}
    for path, language, text in _all_texts(draft):
        phrase = found(phrases.LEGITIMATE_INTEREST, language, text)
        if phrase and path[:2] not in exempt:
            yield Fault(path, f"says “{phrase}”, on which storing and reading cannot rest")


def _vague(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, language, text in purpose_texts(draft):
        phrase = found(phrases.VAGUE, language, text)
        if phrase:
            yield Fault(path, f"says “{phrase}”, which names no purpose")


def _hard_words(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, language, text in chain(banner_texts(draft, SENTENCES), purpose_texts(draft), service_texts(draft)):
        phrase = found(phrases.JARGON, language, text)
        if phrase:
            yield Fault(path, f"says “{phrase}”, which is a word of the trade")


def _long_sentences(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, _language, text in chain(banner_texts(draft, SENTENCES), purpose_texts(draft), service_texts(draft)):
        most = max((len(words(sentence)) for sentence in sentences(text)), default=0)
        if most > _MOST_WORDS:
            yield Fault(path, f"has a sentence of {most} words")


RULES: Final = (
    Rule(
        id="ASK-2.silence",
        severity="error",
        title="Going on, scrolling, closing or silence is not called consent",
        source="GDPR 4(11), recital 32; CJEU C-673/17 Planet49; EDPB 05/2020, 75-86",
        mend="Say that nothing optional runs until the visitor accepts, and leave out what happens by going on.",
        check=_never_says(phrases.SILENCE, "as if going on were consent"),
    ),
    Rule(
        id="ASK-8.wall",
        severity="error",
        title="Consent is not said to be the price of the page",
        source="GDPR 7(4); EDPB 05/2020, 38-41 and 46-48",
        mend="Say that the website can be used either way.",
        check=_never_says(phrases.WALL, "which makes consent a condition"),
    ),
    Rule(
        id="ASK-4.nudge",
        severity="warning",
        title="The words inform, and do not praise, pity or push",
        source="EDPB cookie banner taskforce report (2023), 11-19; by analogy EDPB 03/2022 v2.0",
        mend="Say plainly what is stored, for what and by whom, and leave the rest out.",
        check=_never_says(phrases.NUDGE, "which pushes"),
    ),
    Rule(
        id="ASK-11.interest",
        severity="error",
        title="Nothing optional claims a legitimate interest",
        source="ePrivacy Directive 5(3); EDPB cookie banner taskforce report (2023), 24",
        mend="Ask for consent, and take the claim out of the text.",
        check=_interest,
    ),
    Rule(
        id="ASK-5.vague",
        severity="warning",
        title="A purpose is named so that one can tell it from another",
        source="GDPR 5(1)(b), 6(1)(a); EDPB 05/2020, 55-61",
        mend="Name what is done with the data, such as “counting visits”.",
        check=_vague,
    ),
    Rule(
        id="ASK-7.jargon",
        severity="note",
        title="Plain words in the place of words of the trade",
        source="GDPR 12(1)",
        mend="Say it as one would to a neighbour.",
        check=_hard_words,
    ),
    Rule(
        id="ASK-7.sentences",
        severity="note",
        title=f"No sentence has more than {_MOST_WORDS} words",
        source="GDPR 12(1). The number is Askfirst's own",
        mend="Make two sentences of it.",
        check=_long_sentences,
    ),
)
