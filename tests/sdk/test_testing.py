"""What users of the SDK write their own tests with: real receipts of a site that exists in the test alone."""

import pytest

from askfirst_sdk import Askfirst, Reason
from askfirst_sdk.regions import RegionRule
from askfirst_sdk.testing import PretendSite, granted, no_answer, refused
from sdk.examples import RECEIPTS


def test_a_consent_made_by_hand_answers_like_a_real_one() -> None:
    """Granted, refused, and everything else unknown."""
    consent = granted("measurement", refused=["marketing"])

    assert consent.answered
    assert (True, False, False) == tuple(map(consent.allows, ("measurement", "marketing", "embeds")))
    assert Reason.PURPOSE_UNKNOWN == consent.why("embeds")
    assert "01" == consent.cache_key()


def test_answered_and_agreed_stay_apart() -> None:
    """A refusal is an answer; no answer is none."""
    assert (True, False) == (refused("measurement").answered, refused("measurement").allows("measurement"))
    assert (False, False) == (no_answer().answered, no_answer().allows("measurement"))
    assert Reason.EXPIRED == no_answer(Reason.EXPIRED).why("measurement")
    assert no_answer(measurement="exempt").permitted("measurement")


def test_the_fixture_gives_a_site_whose_visitors_bring_receipts(askfirst_site: PretendSite) -> None:
    """Signed with a key of the test, read as any server reads them."""
    read = askfirst_site.askfirst.read

    assert read(askfirst_site.cookie("measurement")).allows("measurement")
    assert not read(askfirst_site.cookie("marketing")).allows("measurement")
    assert read(askfirst_site.cookie()).reason is Reason.REFUSED
    assert read(askfirst_site.cookie("measurement", loopback=True), loopback=True).allows("measurement")
    assert not read(PretendSite().cookie("measurement")).allows("measurement")


def test_signal_and_region_can_be_pretended_too() -> None:
    """All that a server looks at."""
    rules = {"us": RegionRule(("US-CA",), {"marketing": "opt_out"}, "2020-01-01")}
    site = PretendSite(gpc=("marketing",), rules=rules)
    on = {"Sec-GPC": "1"}

    assert not site.askfirst.read(site.cookie("marketing"), headers=on).allows("marketing")
    assert site.askfirst.read(site.cookie("marketing", signal=True), headers=on).allows("marketing")
    assert site.askfirst.read("", region="US-CA").permitted("marketing")


def test_an_application_that_was_set_up_elsewhere_believes_it_meanwhile() -> None:
    """The application's own object, for the time of a test."""
    theirs = Askfirst(site="demo0001", keys=[RECEIPTS.verifier.text], accepted_revisions=[2])
    site = PretendSite("demo0001")

    with site.in_place_of(theirs):
        assert theirs.read(site.cookie("measurement")).allows("measurement")
    assert not theirs.read(site.cookie("measurement")).allows("measurement")
    with pytest.raises(ValueError, match="demo0001"), PretendSite().in_place_of(theirs):
        pass


def test_a_purpose_that_the_site_has_not_is_a_mistake_of_the_test() -> None:
    """A typing error would otherwise pass as a refusal."""
    with pytest.raises(ValueError, match="mesurement"):
        PretendSite().cookie("mesurement")
