"""Rules about region rules: dated law and no proposal, one rule for a place at a time, and a control to opt out."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.regions import RegionRule
from askfirst.core.rules.places import in_us
from askfirst.core.rules.rule import Background, Fault, Rule

# What is not law, as its sources are named: proposals by their numbers, and voluntary schemes.
_NO_LAW: Final = re.compile(
    r"\bcom\(\d{4}\)|\bomnibus\b|\beinwv\b|\b88[ab]\b|\bproposals?\b|\bproposed\b|\bpending\b|\bdraft\b|\bvoluntary\b"
    r"|\bentwurf\b|\bvorschlag\b",
    re.IGNORECASE,
)
_ALWAYS: Final = "9999-12-31"


def _no_control(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, rule in enumerate(draft.regions.rules):
        if "opt_out" in rule.modes.values() and any(map(in_us, rule.places)) and not draft.opt_out_link:
            said = f"under “{rule.id}” visitors can opt out, and no control says so"
            yield Fault(("regions", "rules", number, "modes"), said)


def _pending(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, rule in enumerate(draft.regions.rules):
        named = _NO_LAW.search(rule.source)
        if named:
            yield Fault(("regions", "rules", number, "source"), f"“{named[0]}” is no law that holds")


def _overlapping(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for (_, one), (number, other) in combinations(enumerate(draft.regions.rules), 2):
        both = sorted(set(one.places) & set(other.places))
        if both and one.since < (other.until or _ALWAYS) and other.since < (one.until or _ALWAYS):
            said = f"holds in {', '.join(both)} at the same time as “{one.id}”, which is followed there"
            yield Fault(("regions", "rules", number, "places"), said)


def _changed_preset(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, rule in enumerate(draft.regions.rules):
        preset = known.preset_rule(rule.id)
        if preset is not None and (differing := _differing(rule, preset, draft)):
            said = f"differs from the preset “{rule.id}” in {', '.join(differing)}"
            yield Fault(("regions", "rules", number), said)


def _differing(rule: RegionRule, preset: RegionRule, draft: PolicyDraft) -> list[str]:
    modes = {purpose: mode for purpose, mode in preset.modes.items() if purpose in draft.optional_purposes}
    pairs = {
        "places": set(rule.places) <= set(preset.places),  # another rule may have taken some of them
        "modes": rule.modes == modes,
        "lifetime_days": rule.lifetime_days == preset.lifetime_days,
        "since": rule.since == preset.since,
        "until": rule.until == preset.until,
    }
    return [name for name, same in pairs.items() if not same]


RULES: Final = (
    Rule(
        id="SG-8.control",
        severity="error",
        title="Where visitors in the United States can opt out, a control says so",
        source="CCPA regs 7025(e)-(g), 7026(a)",
        mend="Add opt_out_link with its words in every language, such as “Do Not Sell or Share My Data”.",
        check=_no_control,
    ),
    Rule(
        id="RG-5.pending",
        severity="error",
        title="No region rule rests on a proposal or a voluntary scheme",
        source="REQUIREMENTS RG-5; COM(2025) 837 is a proposal, the German EinwV voluntary",
        mend="Take the rule out until the law holds, or name the law that it rests on.",
        check=_pending,
    ),
    Rule(
        id="RG-5.overlap",
        severity="error",
        title="One rule holds in a place at a time",
        source="Askfirst's own rule: nobody could say which law was followed",
        mend="Take the place out of one of the two, or let one end on the day on which the other begins.",
        check=_overlapping,
    ),
    Rule(
        id="RG-5.preset",
        severity="note",
        title="A rule that was copied from a preset still says the same",
        source="The preset's own source; region_presets/presets.json",
        mend="Compare the two; publish again with the preset, or give the rule an id of its own.",
        check=_changed_preset,
    ),
)
