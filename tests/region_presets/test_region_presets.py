"""The region presets, held one by one: dated, with a source, and nothing pending active."""

from datetime import date

import pytest

from askfirst.core.purposes import NECESSARY
from askfirst.core.regions import DEFAULT_RULE
from askfirst.core.rules.places import EEA
from askfirst.region_presets import all_presets, find_preset, preset_rule, rules_of

PRESETS = all_presets()
COMMON = {"measurement", "preferences", "marketing", "embeds"}
# Where a browser's signal has to be followed as an opt-out (REQUIREMENTS SG-1, about a dozen states).
STATES = {f"us-{state}" for state in ("ca", "co", "ct", "de", "md", "mn", "mt", "ne", "nh", "nj", "or", "tx")}


def each():
    return pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)


def test_the_presets_that_are_asked_for_are_there():
    """REQUIREMENTS RG-1 to RG-4, each with its state."""
    assert {
        "in_force": {"eea", "fr-measurement", "uk", "uk-exceptions", "ch", "ca-qc", "br", "us"} | STATES,
        "future": {"in"},
        "proposed": {"eu-omnibus"},
        "voluntary": {"de-einwv"},
    } == {state: {one.id for one in PRESETS if one.state == state} for state in {one.state for one in PRESETS}}


@each()
def test_a_preset_is_dated_and_has_a_source(preset):
    """Real days, a source for each rule, and an id that no other has."""
    days = [preset.checked, *(day for rule in preset.rules for day in (rule.since, rule.until) if day)]

    assert preset.source
    assert all(rule.source for rule in preset.rules)
    assert days == [date.fromisoformat(day).isoformat() for day in days]
    assert 1 == [one.id for one in PRESETS].count(preset.id)
    assert preset.id != DEFAULT_RULE


@each()
def test_nothing_pending_is_active(preset):
    """A proposal and a voluntary scheme have no rules; what is passed for later sleeps until its day (RG-5)."""
    rules = list(rules_of(preset))
    if preset.state in ("proposed", "voluntary"):
        assert [] == rules
    elif preset.state == "future":
        assert all(rule.since > preset.checked for rule in rules)
    else:
        assert all(rule.since <= preset.checked for rule in rules)
        assert rules


@each()
def test_a_preset_says_a_mode_for_every_common_purpose(preset):
    """And for no other: own purposes keep the mode that the policy gives them."""
    assert {frozenset(COMMON)} >= {frozenset(rule.modes) for rule in rules_of(preset)}
    assert NECESSARY not in {purpose for rule in rules_of(preset) for purpose in rule.modes}


def test_europe_is_asked_before():
    """All of the European Economic Area, Switzerland, the United Kingdom, Quebec and Brazil."""
    asked = {
        place
        for one in ("eea", "uk", "ch", "ca-qc", "br")
        for rule in rules_of(find_preset(one))
        for place in rule.places
    }

    assert EEA | {"GB", "CH", "CA-QC", "BR"} == asked
    assert {"opt_in"} == {
        mode
        for one in ("eea", "uk", "ch", "ca-qc", "br")
        for rule in rules_of(find_preset(one))
        for mode in rule.modes.values()
    }


def test_the_states_opt_out_and_are_not_asked_for_a_year():
    """Each on its own day; SG-9 asks for twelve months."""
    rules = list(rules_of(find_preset("us")))

    assert STATES == {rule.id for rule in rules}
    assert {365} == {rule.lifetime_days for rule in rules}
    assert {"opt_out"} == {rule.modes["marketing"] for rule in rules}
    assert all(rule.places == (rule.id.upper(),) for rule in rules)


def test_the_united_kingdom_lets_statistics_and_appearance_go_since_2026():
    """And nothing else (RG-4)."""
    rule = preset_rule("uk-exceptions")

    assert ("2026-02-05", {"measurement", "preferences"}) == (
        rule.since,
        {purpose for purpose, mode in rule.modes.items() if mode == "opt_out"},
    )
    assert {"opt_in"} == {rule.modes[purpose] for purpose in ("marketing", "embeds")}
