"""Where a purpose is handled more widely than before, by its own mode or by the rule of a region."""

from collections.abc import Iterator, Mapping
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.purposes import Mode
from askfirst.core.regions import RegionRule

# From the strictest to the widest. `exempt` holds under conditions that limit the use, `notice` under none.
_WIDTH: Final[Mapping[Mode, int]] = {"opt_in": 0, "opt_out": 1, "exempt": 2, "notice": 3}
_WORDS: Final[Mapping[Mode, str]] = {
    "opt_in": "asked before",
    "opt_out": "on unless objected to",
    "notice": "told only",
    "exempt": "exempt from asking",
}
_NEVER: Final = "9999-99-99"  # after every date


def mode_causes(what: str, old: Mode, new: Mode) -> Iterator[str]:
    """Yield why a purpose whose mode changed has to be asked again, if it has; `what` begins the sentence."""
    if _WIDTH[new] > _WIDTH[old]:
        yield f"{what} is {_WORDS[new]} and no longer {_WORDS[old]}."
    elif new == "opt_in" != old:
        # Whoever was not asked has not agreed, whatever the old record says.
        yield f"{what} is now asked before; earlier answers were given where it was {_WORDS[old]}."


def region_causes(path: tuple[str, ...], before: PolicyDraft, after: PolicyDraft) -> Iterator[str]:
    """Yield why a change at `path`, which begins with `regions`, has to be asked again, if it has."""
    match path[1:]:
        case ("default",):
            modes = (_modes(one, _rule(one, one.regions.default)) for one in (before, after))
            yield from _compared("where the place is not known", *modes)
        case ("rules", rule, "modes", purpose):
            modes = (_modes(one, _rule(one, rule)) for one in (before, after))
            yield from _compared(f"where the rule {rule} holds", *modes, only=purpose)
        case ("rules", rule, "places" | "since" | "until"):
            yield from _reach_causes(rule, before, after)
        case ("rules", rule):
            modes = (_modes(one, _rule(one, rule)) for one in (before, after))
            holds = "holds" if _rule(after, rule) else "no longer holds"
            yield from _compared(f"where the rule {rule} {holds}", *modes)


def _reach_causes(rule: str, before: PolicyDraft, after: PolicyDraft) -> Iterator[str]:
    old, new = _rule(before, rule), _rule(after, rule)
    if old is None or new is None:
        return
    # Where a rule begins to hold, the purposes' own modes held; where it ends, they hold again.
    if set(new.places) - set(old.places) or new.since < old.since or _until(new) > _until(old):
        yield from _compared(f"where the rule {rule} now holds", _modes(before, None), _modes(after, new))
    if set(old.places) - set(new.places) or new.since > old.since or _until(new) < _until(old):
        yield from _compared(f"where the rule {rule} no longer holds", _modes(before, old), _modes(after, None))


def _rule(policy: PolicyDraft, rule_id: str) -> RegionRule | None:
    return next((rule for rule in policy.regions.rules if rule.id == rule_id), None)


def _until(rule: RegionRule) -> str:
    return rule.until or _NEVER


def _modes(policy: PolicyDraft, rule: RegionRule | None) -> dict[str, Mode]:
    """Return every optional purpose's mode where a rule is followed; without one, the purposes' own modes."""
    own = {purpose.id: purpose.mode for purpose in policy.purposes if purpose.mode is not None}
    return own if rule is None else {**own, **rule.modes}


def _compared(
    where: str, old: Mapping[str, Mode], new: Mapping[str, Mode], *, only: str | None = None
) -> Iterator[str]:
    for purpose, mode in new.items():
        if purpose in old and only in (None, purpose):
            yield from mode_causes(f"The purpose {purpose}, {where},", old[purpose], mode)
