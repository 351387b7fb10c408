"""Rules about the buttons: refusing is as easy to find, to read and to press as accepting."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.rules.banner_words import LABELS, banner_texts, label, plain, words
from askfirst.core.rules.phrases import NEGATIONS, NO_AGREEMENT, NO_REFUSAL, found, is_one_of
from askfirst.core.rules.rule import Background, Fault, Rule

# Each accepting label with the refusing one that stands beside it.
_PAIRS: Final = (("accept", "reject"), ("accept_all", "reject_all"))
# Labels that stand together and mean different things.
_TOGETHER: Final = (
    ("accept", "reject", "settings"),
    ("accept_all", "reject_all", "save", "close"),
    ("on", "off"),
)
_TIMES_AS_LONG: Final = 2
_FEW_LETTERS: Final = 12  # below it, twice as long is still a short word


def _as_many_words(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for language in draft.languages:
        for yes, no in _PAIRS:
            one, other = (label(draft.texts[language], name) for name in (yes, no))
            if len(words(one)) != len(words(other)):
                yield Fault(("texts", language, no), f"“{other}” has not as many words as “{one}”")


def _as_long(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for language in draft.languages:
        for yes, no in _PAIRS:
            one, other = (label(draft.texts[language], name) for name in (yes, no))
            short, long = sorted((len(plain(one)), len(plain(other))))
            if long > _FEW_LETTERS and long > _TIMES_AS_LONG * short:
                yield Fault(("texts", language, no), f"“{other}” is not about as long as “{one}”")


def _as_loud(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for language in draft.languages:
        for yes, no in _PAIRS:
            one, other = (label(draft.texts[language], name) for name in (yes, no))
            if _loudness(one) != _loudness(other):
                yield Fault(("texts", language, no), f"“{one}” is set off from “{other}” by capitals or signs")


def _loudness(text: str) -> tuple[bool, bool, frozenset[str]]:
    letters = [one for one in text if one.isalpha()]
    signs = frozenset(one for one in text if unicodedata.category(one)[0] in "PS" and one not in "-'’")
    shouted = len(letters) > 1 and all(one.isupper() for one in letters)
    return shouted, bool(letters) and letters[0].islower(), signs


def _refuses(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, language, text in banner_texts(draft, ("reject", "reject_all")):
        leads_elsewhere = found(NO_REFUSAL, language, text)
        if leads_elsewhere and not found(NEGATIONS, language, text):
            yield Fault(path, f"“{text}” is no refusal: it says “{leads_elsewhere}”")


def _agrees(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, language, text in banner_texts(draft, ("accept", "accept_all")):
        if is_one_of(NO_AGREEMENT, language, text):
            yield Fault(path, f"“{text}” agrees to nothing, but is counted as consent")


def _tells_apart(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for language in draft.languages:
        for group in _TOGETHER:
            seen: dict[str, str] = {}
            for name in group:
                said = plain(label(draft.texts[language], name))
                if said in seen:
                    yield Fault(
                        ("texts", language, name), f"says the very same as “{seen[said]}”, and means another thing"
                    )
                seen.setdefault(said, name)


def _visible(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, _language, text in banner_texts(draft, (*LABELS, "on", "off", "always_on")):
        if not words(text):
            yield Fault(path, "has no letter that can be seen")


RULES: Final = (
    Rule(
        id="ASK-3.words",
        severity="error",
        title="Accepting and refusing have as many words as each other",
        source="CNIL 2020-092 art. 2; taskforce report 6-8. The count of words is Askfirst's own, stricter rule",
        mend="Say both in the same number of words, such as “Accept” and “Reject”.",
        check=_as_many_words,
    ),
    Rule(
        id="ASK-3.length",
        severity="warning",
        title="Accepting and refusing are about as long as each other",
        source="CNIL 2020-092 art. 2; taskforce report 6-8. The measure is Askfirst's own, stricter rule",
        mend="Choose words of similar length, so that neither button is read first.",
        check=_as_long,
    ),
    Rule(
        id="ASK-3.emphasis",
        severity="error",
        title="Neither answer is set off by capitals or signs",
        source="CNIL 2020-092 art. 2; taskforce report 6-8. Like marks on both are Askfirst's own, stricter rule",
        mend="Write both labels in the same way: the same capitals, and no sign that only one of them has.",
        check=_as_loud,
    ),
    Rule(
        id="ASK-4.refusal",
        severity="error",
        title="The refusing button says that it refuses",
        source="EDPB cookie banner taskforce report (2023), 11-14 and 15-19; GDPR 4(11)",
        mend="Let the label say that nothing optional is allowed, such as “Reject”; settings are another button.",
        check=_refuses,
    ),
    Rule(
        id="ASK-2.agreement",
        severity="error",
        title="The accepting button says that it agrees",
        source="GDPR 4(11), recital 32; EDPB 05/2020, 75-86",
        mend="Use a word that agrees, such as “Accept” or “Agree”, and not one that only closes a notice.",
        check=_agrees,
    ),
    Rule(
        id="ASK-4.distinct",
        severity="error",
        title="Buttons that do different things have different labels",
        source="EDPB cookie banner taskforce report (2023), 15-19; by analogy EDPB 03/2022 v2.0",
        mend="Give each of the buttons that stand together a label of its own.",
        check=_tells_apart,
    ),
    Rule(
        id="ASK-4.visible",
        severity="error",
        title="Every label can be seen",
        source="EDPB cookie banner taskforce report (2023), 15-19; WCAG 2.2, 2.5.3",
        mend="Write the label with letters; signs and invisible characters are no label.",
        check=_visible,
    ),
)
