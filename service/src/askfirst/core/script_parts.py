"""Which prebuilt fragments a site's script needs: a page pays for what its policy uses, and for nothing else."""

from collections.abc import Callable, Mapping
from typing import Final

from askfirst.core.embeds import embed_settings, has_placeholders, mark_settings
from askfirst.core.page_texts import ScriptWords
from askfirst.core.policy import Policy
from askfirst.core.regions import DEFAULT_RULE
from askfirst.core.signals import signal_settings

# One line a fragment, named as its file in snippet/src/fragments/. The order is that of the build, which alone decides
# in which order fragments are joined.
_USED: Final[Mapping[str, Callable[[Policy], bool]]] = {
    "dialog": lambda policy: shown_layout(policy) == "dialog",
    "regions": lambda policy: bool(region_modes(policy)),
    "languages": lambda policy: len(policy.languages) > 1,
    "google": lambda policy: policy.signals.google is not None,
    "microsoft_uet": lambda policy: policy.signals.microsoft_uet is not None,
    "clarity": lambda policy: policy.signals.clarity is not None,
    "matomo": lambda policy: policy.signals.matomo is not None,
    "marks": lambda policy: policy.marks is not None,
    "embeds": lambda policy: has_placeholders(policy.embeds, policy.purposes),
    "gpc": lambda policy: bool(policy.gpc),
    "shown": lambda policy: policy.count_views,
}


def uses(policy: Policy, part: str) -> bool:
    """Tell whether a policy needs the fragment of this name; one that is not listed here is always needed."""
    wanted = _USED.get(part)
    return wanted is None or wanted(policy)


def shown_layout(policy: Policy) -> str:
    """Return the layout of the first layer, or `none` where a site asks in the place of an embed alone."""
    return "none" if policy.embeds.ask_in_place else policy.layout.first_layer


def region_modes(policy: Policy) -> dict[str, dict[str, str]]:
    """Return the modes of the optional purposes by region rule, `default` being the purposes' own.

    Empty where every visitor is asked before: then no page has to know where it is seen.
    """
    own = {purpose.id: str(purpose.mode) for purpose in policy.purposes if purpose.mode}
    rules = {DEFAULT_RULE: own, **{rule.id: {**own, **rule.modes} for rule in policy.regions.rules}}
    asks = {"opt_in"} == {mode for modes in rules.values() for mode in modes.values()}
    return {} if asks else rules


def part_settings(policy: Policy, language: str, words: ScriptWords | None) -> dict[str, object]:
    """Return what the fragments of a policy's script have to know, by their names; plain JSON values.

    Without `words` what needs some is left out: that is for showing a banner as it was, where no fragment acts.
    """
    settings = signal_settings(policy.signals, policy.regions.rules)
    if policy.marks is not None:
        settings["marks"] = mark_settings(policy.marks, policy.purposes, policy.services)
    if words is not None and uses(policy, "embeds"):
        settings["embeds"] = embed_settings(words.embed, policy.purposes, policy.services, language)
    if policy.count_views:
        settings["shown"] = str(policy.number)
    if words is not None and uses(policy, "gpc"):
        settings["gpc"] = [words.signal.label, words.signal.honoured, words.signal.conflict]
    return settings
