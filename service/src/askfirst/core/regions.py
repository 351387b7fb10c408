"""Where other rules hold than the purposes' own modes say: dated rules with their source (REQUIREMENTS RG-5)."""

import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from askfirst.core.purposes import Mode, PurposeId
from askfirst.core.strict_model import StrictModel
from askfirst.core.texts import Line

# The rule of a page where no other is known to hold: the purposes' own modes.
DEFAULT_RULE: Final = "default"

_DATE: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def _checked_date(text: str) -> str:
    if not _DATE.fullmatch(text):
        raise ValueError("must be a date as YYYY-MM-DD")
    return text


RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.-]{1,64}$")]
# ISO 3166-1 alpha-2, or ISO 3166-2 for a part of a country: `DE`, `US-CA`.
Place = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
Date = Annotated[str, AfterValidator(_checked_date)]


class RegionRule(StrictModel):
    """What holds in some places from one day until another, and where that is written.

    `modes` says it for the purposes that differ from their own mode; `lifetime_days` where answers last otherwise. The
    rule holds on the day `since`, and no more on the day `until`.
    """

    id: RuleId
    places: Annotated[tuple[Place, ...], Field(min_length=1, max_length=300)]
    modes: dict[PurposeId, Mode]
    lifetime_days: Annotated[int, Field(ge=1, le=730)] | None = None
    since: Date
    until: Date | None = None
    source: Line

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.id == DEFAULT_RULE:
            raise ValueError("no rule may have the id “default”: it stands for the purposes' own modes")
        if self.until is not None and self.until <= self.since:
            raise ValueError("until must be after since")
        return self


class Regions(StrictModel):
    """All rules of a policy, and the id of the one that is followed where the place is not known."""

    default: RuleId = DEFAULT_RULE
    rules: Annotated[tuple[RegionRule, ...], Field(max_length=300)] = ()


def followed_rule(regions: Regions, place: str | None, day: str) -> str:
    """Return the id of the rule that a visitor in `place` follows on `day` (`YYYY-MM-DD`).

    A place is `US-CA`, or `US` where only the country is known, or None. The rule of a part comes before that of its
    country, and among rules of the same place the first that holds on the day. Where the place is not known, or only
    a country in some part of which another rule holds, it is the rule for unknown places; where no rule holds, it is
    `default`, the purposes' own modes.
    """
    if place is None:
        return regions.default
    holding = [rule for rule in regions.rules if rule.since <= day and (rule.until is None or day < rule.until)]
    country = place.partition("-")[0]
    if place == country and any(one.startswith(f"{country}-") for rule in holding for one in rule.places):
        return regions.default
    by_place = (rule.id for wanted in (place, country) for rule in holding if wanted in rule.places)
    return next(by_place, DEFAULT_RULE)
