"""Which rule a visitor follows: by place and day, and by the strictest where the place is not known."""

import pytest

from askfirst.core.regions import Regions, followed_rule

TODAY = "2026-06-15"


def rule(rule_id: str, *places: str, **changes: object) -> dict[str, object]:
    given = {"id": rule_id, "places": list(places), "modes": {}, "since": "2020-01-01", "source": "A law"}
    return {**given, **changes}


def regions(*rules: dict[str, object], default: str = "default") -> Regions:
    return Regions.model_validate({"default": default, "rules": list(rules)}, strict=False)


RULES = regions(
    rule("california", "US-CA"),
    rule("states", "US-CO", "US-VA"),
    rule("europe", "DE", "FR"),
    rule("future", "IN", since="2027-05-13"),
    rule("past", "GB", until="2026-02-05"),
    rule("present", "GB", since="2026-02-05"),
    default="europe",
)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("US-CA", "california"),
        ("US-VA", "states"),
        ("DE", "europe"),
        ("DE-BY", "europe"),
        ("JP", "default"),
        ("US-TX", "default"),
        ("IN", "default"),
        ("GB", "present"),
        ("GB-SCT", "present"),
        ("US", "europe"),
        (None, "europe"),
    ],
)
def test_a_place_follows_its_rule_of_the_day(place, expected):
    """A country whose parts have rules of their own is not known well enough without the part."""
    assert expected == followed_rule(RULES, place, TODAY)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-02-04", "past"), ("2026-02-05", "present"), ("2019-12-31", "default")],
)
def test_a_rule_holds_from_its_day_until_the_next_begins(day, expected):
    """Neither gap nor overlap at midnight."""
    assert expected == followed_rule(RULES, "GB", day)


def test_the_part_comes_before_the_country():
    """Whatever order they stand in."""
    both = regions(rule("country", "CA"), rule("quebec", "CA-QC"))

    assert ("quebec", "country") == (followed_rule(both, "CA-QC", TODAY), followed_rule(both, "CA-ON", TODAY))


def test_without_rules_the_purposes_own_modes_hold_everywhere():
    """Known or not."""
    assert {"default"} == {followed_rule(Regions(), place, TODAY) for place in (None, "DE", "US-CA")}
