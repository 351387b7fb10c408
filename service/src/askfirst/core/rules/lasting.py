"""Rules about how long an answer lasts and how it is taken back."""

from collections.abc import Iterator
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.rules.banner_words import banner_texts, plain
from askfirst.core.rules.phrases import HARD_WAY_OUT, found
from askfirst.core.rules.places import in_us
from askfirst.core.rules.rule import Background, Fault, Path, Rule

_HALF_A_YEAR: Final = 182
_A_YEAR: Final = 365


def _lifetimes(draft: PolicyDraft) -> Iterator[tuple[Path, int]]:
    yield ("lifetime_days",), draft.lifetime_days
    for number, rule in enumerate(draft.regions.rules):
        if rule.lifetime_days is not None:
            yield ("regions", "rules", number, "lifetime_days"), rule.lifetime_days


def _short(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, lasting in _lifetimes(draft):
        if lasting < _HALF_A_YEAR:
            yield Fault(path, f"after {lasting} days whoever refused is asked again")


def _long(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, lasting in _lifetimes(draft):
        if lasting > _A_YEAR:
            yield Fault(path, f"an answer of {lasting} days ago is hardly remembered")


def _after_opt_out(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, rule in enumerate(draft.regions.rules):
        lasting = rule.lifetime_days or draft.lifetime_days
        if "opt_out" in rule.modes.values() and any(map(in_us, rule.places)) and lasting < _A_YEAR:
            said = f"whoever opted out under “{rule.id}” is asked again after {lasting} days"
            yield Fault(("regions", "rules", number, "lifetime_days"), said)


def _way_back(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, language, text in banner_texts(draft, ("how_to_withdraw",)):
        if plain(draft.texts[language].reopen) not in plain(text):
            yield Fault(path, f"does not name “{draft.texts[language].reopen}”, where the answer is changed")


def _hard_way(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for path, language, text in banner_texts(draft, ("how_to_withdraw",)):
        phrase = found(HARD_WAY_OUT, language, text)
        if phrase and plain(draft.texts[language].reopen) not in plain(text):
            yield Fault(path, f"says “{phrase}”, which takes more than giving consent did")


RULES: Final = (
    Rule(
        id="ASK-9.short",
        severity="warning",
        title=f"Nobody is asked again before {_HALF_A_YEAR} days",
        source="CNIL 2020-092 (six months as good practice); EDPB 05/2020, 111",
        mend=f"Let lifetime_days be at least {_HALF_A_YEAR}; it is the same for refusal and acceptance.",
        check=_short,
    ),
    Rule(
        id="ASK-9.long",
        severity="warning",
        title=f"Consent is asked for anew after {_A_YEAR} days at the latest",
        source="CNIL 2020-092; EDPB 05/2020, 111. The number is Askfirst's own",
        mend=f"Let lifetime_days be at most {_A_YEAR}; it is the same for refusal and acceptance.",
        check=_long,
    ),
    Rule(
        id="SG-9.opt-out",
        severity="error",
        title="After an opt-out in the United States nobody is asked for 12 months",
        source="Cal. Civ. Code 1798.135(c)(4)",
        mend=f"Let lifetime_days be at least {_A_YEAR} in this region rule.",
        check=_after_opt_out,
    ),
    Rule(
        id="WD-1.told",
        severity="warning",
        title="How to withdraw is told before the answer",
        source="GDPR 7(3), 13(2)(c); EDPB 05/2020, 64-65 and 114",
        mend="Name in how_to_withdraw the control that opens the settings again, word by word.",
        check=_way_back,
    ),
    Rule(
        id="WD-1.easy",
        severity="error",
        title="Withdrawing is no harder than giving",
        source="GDPR 7(3); EDPB 05/2020, 114",
        mend="Send visitors to the control on the page, and to letters and mail only beside it.",
        check=_hard_way,
    ),
)
