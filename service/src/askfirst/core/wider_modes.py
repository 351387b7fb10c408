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
            yield from _reach_causes(rule, "now holds", before, after)
        case ("rules", rule):
            yield from _reach_causes(rule, "holds", before, after)


def _reach_causes(rule: str, holds: str, before: PolicyDraft, after: PolicyDraft) -> Iterator[str]:
    """Yield what has to be asked again where a rule begins to hold or ends, each once: what is followed there is
    compared with what was, be it another rule, that of the whole country, or the purposes' own modes.
    """
    old, new = _by_place(before), _by_place(after)
    reach = [one for one in (_rule(before, rule), _rule(after, rule)) if one is not None]
    first, last = min(one.since for one in reach), max(_until(one) for one in reach)
    # Many places have the same rules, and are looked at once.
    alike = {
        (*(one.id for one in (*was, *now)), len(was)): (was, now)
        for place in dict.fromkeys(place for one in reach for place in one.places)
        for was, now in [(_at(old, place), _at(new, place))]
    }
    found: dict[str, None] = {}
    for was, now in alike.values():
        for day in sorted({day for one in (*was, *now) for day in (one.since, _until(one)) if first <= day < last}):
            followed, follows = _on(was, day), _on(now, day)
            if follows is not None and follows.id == rule != (followed and followed.id):
                where = f"where the rule {rule} {holds}"
            elif followed is not None and followed.id == rule != (follows and follows.id):
                where = f"where the rule {rule} no longer holds"
            else:
                continue
            found |= dict.fromkeys(_compared(where, _modes(before, followed), _modes(after, follows)))
    yield from found


def _by_place(policy: PolicyDraft) -> dict[str, list[RegionRule]]:
    by_place: dict[str, list[RegionRule]] = {}
    for rule in policy.regions.rules:
        for place in rule.places:
            by_place.setdefault(place, []).append(rule)
    return by_place


def _at(by_place: Mapping[str, list[RegionRule]], place: str) -> list[RegionRule]:
    """Return the rules of a place in the order of `followed_rule`: a part's own before those of its country."""
    country = place.partition("-")[0]
    return [one for named in dict.fromkeys((place, country)) for one in by_place.get(named, ())]


def _on(rules: list[RegionRule], day: str) -> RegionRule | None:
    return next((one for one in rules if one.since <= day < _until(one)), None)


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
