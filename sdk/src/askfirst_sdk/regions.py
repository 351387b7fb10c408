"""What the law asks where the visitor is: region rules with their places and days, and in doubt the strictest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from .errors import DescriptorFormatError
from .receipt import is_purpose

__all__ = ["DEFAULT_RULE", "Mode", "RegionRule", "Rules", "is_place", "is_rule"]

# The rule of a place for which there is no other: the purposes' own modes.
DEFAULT_RULE = "default"

_RULE = re.compile(r"[a-z0-9_.-]{1,64}")
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


class Mode(StrEnum):
    """What the law asks for a purpose."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    NOTICE = "notice"
    EXEMPT = "exempt"


# In doubt the first of these: asked before, then until an objection, then told.
_STRICTEST_FIRST = (Mode.OPT_IN, Mode.OPT_OUT, Mode.NOTICE, Mode.EXEMPT)


def is_rule(value: object) -> bool:
    """Say whether `value` is the id of a region rule (formats.md, 3)."""
    return isinstance(value, str) and _RULE.fullmatch(value) is not None


def is_place(value: object) -> bool:
    """Say whether `value` names a country (ISO 3166-1 alpha-2) or a part of one (ISO 3166-2): `DE`, `US-CA`."""
    return isinstance(value, str) and _PLACE.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class RegionRule:
    """What holds in `places` from the day `since` until before the day `until` (UTC, YYYY-MM-DD): the mode of each
    purpose that differs from its own. A value out of form raises DescriptorFormatError."""

    places: tuple[str, ...]
    modes: Mapping[str, str]
    since: str
    until: str | None = None

    def __post_init__(self) -> None:
        _require(isinstance(self.places, (list, tuple)))
        object.__setattr__(self, "places", tuple(self.places))
        _require(bool(self.places) and all(is_place(place) for place in self.places))
        _require(isinstance(self.modes, Mapping))
        object.__setattr__(self, "modes", MappingProxyType(dict(self.modes)))
        _require(all(is_purpose(purpose) for purpose in self.modes))
        _require(all(isinstance(mode, str) and mode in tuple(Mode) for mode in self.modes.values()))
        _require(_is_date(self.since) and (self.until is None or (_is_date(self.until) and self.until > self.since)))

    def holds_on(self, day: str) -> bool:
        """Say whether the rule is in force on a day."""
        return self.since <= day and (self.until is None or day < self.until)


class Rules:
    """The modes of a site's purposes in each region. It never changes, and asking it never raises."""

    __slots__ = ("_known", "_own", "_rules")

    def __init__(self, own: Mapping[str, str], rules: Mapping[str, RegionRule]) -> None:
        """Take the purposes' own modes, and the rules by id."""
        self._own = MappingProxyType(dict(own))
        self._rules = dict(rules)
        # Answers by region, for one day. Bounded, since a region may come from a request's header.
        self._known: tuple[float, dict[str | None, Mapping[str, str]]] = (-1, {})

    def modes(self, region: str | None, now: float) -> Mapping[str, str]:
        """Return the mode of each purpose in a region at `now` (seconds since 1970).

        A region is a place, `US-CA`, or the id of a rule. A part of a country without a rule of its own follows the
        country's, and a place for which there is no rule the purposes' own modes. Where the region is not known the
        strictest of all rules counts: None, neither place nor rule, or a country whose parts have rules of their own.
        So it does where several rules are for one place.
        """
        if not self._rules:
            return self._own
        try:
            number = now // 86_400
            known_day, known = self._known
            if known_day != number or len(known) > _KNOWN_REGIONS:
                known = {}
                self._known = (number, known)
            key = region if isinstance(region, str) else None
            found = known.get(key)
            if found is None:
                found = known[key] = self._of(key, datetime.fromtimestamp(now, UTC).date().isoformat())
        except (ValueError, OverflowError, OSError, TypeError):
            return self._strictest(list(self._rules.values()))
        return found

    def rule_of(self, place: str | None, now: float) -> str | None:
        """Return the id of the one rule that is followed in a place at `now`, `default` where there is none, or None
        where the place is not known or has several."""
        try:
            current = self._current(datetime.fromtimestamp(now, UTC).date().isoformat())
        except (ValueError, OverflowError, OSError, TypeError):
            return None
        here = self._here(place, current)
        if here is None or len(here) > 1:
            return None
        return next(iter(here), DEFAULT_RULE)

    def _current(self, day: str) -> dict[str, RegionRule]:
        return {name: rule for name, rule in self._rules.items() if rule.holds_on(day)}

    def _here(self, place: str | None, current: Mapping[str, RegionRule]) -> dict[str, RegionRule] | None:
        """Return the rules for a place, or None where it is not known well enough."""
        if place is None or not is_place(place):
            return None
        country = place[:2]
        if place == country and any(one.startswith(f"{country}-") for rule in current.values() for one in rule.places):
            return None
        for named in (place, country):
            here = {name: rule for name, rule in current.items() if named in rule.places}
            if here:
                return here
        return {}

    def _of(self, region: str | None, day: str) -> Mapping[str, str]:
        current = self._current(day)
        if region == DEFAULT_RULE:
            return self._own
        if region in current:
            return self._with(current[region].modes)
        here = self._here(region, current)
        if here is None:
            return self._strictest(list(current.values()))
        return _strictest_of([self._with(rule.modes) for rule in here.values()]) if here else self._own

    def _strictest(self, rules: list[RegionRule]) -> Mapping[str, str]:
        return _strictest_of([self._own, *(self._with(rule.modes) for rule in rules)])

    def _with(self, modes: Mapping[str, str]) -> Mapping[str, str]:
        return MappingProxyType({**self._own, **modes})


_KNOWN_REGIONS = 1024


def _strictest_of(several: list[Mapping[str, str]]) -> Mapping[str, str]:
    return MappingProxyType(
        {
            purpose: min((modes[purpose] for modes in several), key=lambda mode: _STRICTEST_FIRST.index(Mode(mode)))
            for purpose in several[0]
        }
    )


def _is_date(value: object) -> bool:
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


def _require(holds: bool) -> None:
    if not holds:
        raise DescriptorFormatError("rules is not of the form that a descriptor has")
