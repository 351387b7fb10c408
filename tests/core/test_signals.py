"""What other tools are told of an answer is written in the policy, checked, and complete (REQUIREMENTS SG-3, SG-4)."""

import json

import pytest

from askfirst.core.errors import InvalidPolicy
from askfirst.core.policy import canonical_policy, parse_draft, parse_policy
from askfirst.core.script_parts import part_settings, uses
from core.examples import policy, purpose, small, whole

ALL = {"google": {}, "microsoft_uet": {}, "clarity": {}, "matomo": {}}


def test_a_signal_that_is_only_named_has_all_its_defaults():
    """The seven types of Consent Mode v2, each with the purpose that it usually stands for."""
    told = part_settings(policy(small(signals=ALL)), "en", None)

    assert {
        "types": {
            "ad_storage": "marketing",
            "ad_user_data": "marketing",
            "ad_personalization": "marketing",
            "analytics_storage": "measurement",
            "functionality_storage": "preferences",
            "personalization_storage": "preferences",
            "security_storage": "necessary",
        },
        "wait": 500,
        "event": "askfirst_decision",
        "set": {"ads_data_redaction": True},
    } == told["google"]
    assert {"ad_Storage": "marketing", "analytics_Storage": "measurement"} == told["clarity"]
    assert ("marketing", "measurement") == (told["microsoft_uet"], told["matomo"])


def test_only_the_signals_of_a_policy_are_part_of_its_script():
    """A page pays for what its policy uses."""
    one, none = policy(small(signals={"clarity": {}})), policy(small())

    assert [False, False, True, False] == [uses(one, part) for part in ALL]
    assert [False, False, False, False] == [uses(none, part) for part in ALL]
    assert {} == part_settings(none, "en", None)


def test_what_is_published_has_every_member_of_a_signal():
    """A default of a later version changes nothing that was published, and the canonical bytes are read back."""
    published = policy(small(signals={"google": {"types": {"ad_storage": "measurement"}}}))
    written = json.loads(canonical_policy(published))["signals"]["google"]

    assert published == parse_policy(canonical_policy(published))
    assert ("measurement", "marketing") == (written["types"]["ad_storage"], written["types"]["ad_user_data"])
    assert (500, False) == (written["wait_for_update"], written["region_defaults"])


def test_a_policy_from_before_there_were_signals_keeps_its_digest():
    """Its empty member stays empty."""
    text = json.loads(canonical_policy(policy(small())))
    old = json.dumps({**text, "signals": {}}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    assert old == canonical_policy(parse_policy(old))


@pytest.mark.parametrize(
    ("member", "signals"),
    [
        ("signals.facebook", {"facebook": {}}),
        ("signals.google.wait_for_update", {"google": {"wait_for_update": -1}}),
        ("signals.google.wait_for_update", {"google": {"wait_for_update": 10_001}}),
        ("signals.google.wait_for_update", {"google": {"wait_for_update": "500"}}),
        ("signals.google.event", {"google": {"event": "gtm.js');alert('"}}),
        ("signals.google.types.ad_cookies", {"google": {"types": {"ad_cookies": "marketing"}}}),
        ("signals.google.types.ad_storage", {"google": {"types": {"ad_storage": "Ads"}}}),
        ("signals.google.types.ad_storage", {"google": {"types": {"ad_storage": "adverts"}}}),
        ("signals.microsoft_uet.ad_storage", {"microsoft_uet": {"ad_storage": "adverts"}}),
        ("signals.clarity.analytics_storage", {"clarity": {"analytics_storage": "adverts"}}),
        ("signals.matomo.purpose", {"matomo": {"purpose": "adverts"}}),
        ("signals.matomo", {"matomo": True}),
    ],
)
def test_a_signal_of_the_wrong_form_is_named(member, signals):
    """What can not be right is refused where it stands."""
    with pytest.raises(InvalidPolicy) as refused:
        parse_draft(json.dumps(small(signals=signals)).encode())

    assert [member] == [at for at, _message in refused.value.errors]


def test_a_type_may_stand_for_a_purpose_of_the_operators_own():
    """Or for none at all."""
    own = small(
        purposes=[purpose("necessary", "en"), purpose("adverts", "en")],
        signals={"google": {"types": {"ad_storage": "adverts", "security_storage": None}}},
    )
    types = part_settings(policy(own), "en", None)["google"]["types"]

    assert ("adverts", None) == (types["ad_storage"], types["security_storage"])


def test_region_defaults_tell_where_a_purpose_runs_without_being_asked_for():
    """Only if the operator wants Google to find out the place; otherwise everything begins denied everywhere."""
    told = part_settings(policy(whole(signals={"google": {"region_defaults": True}})), "en", None)["google"]

    assert [{"region": ["US-CA"], "purposes": ["marketing"], "since": "2023-01-01", "until": None}] == told["regions"]
    assert "regions" not in part_settings(policy(whole(signals={"google": {}})), "en", None)["google"]
