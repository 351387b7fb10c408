"""The check: doubt is "no", whatever is sent, and the reason is said."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst_sdk.check import Consent, Reason, read_consent
from askfirst_sdk.keys import KeyRing
from askfirst_sdk.regions import RegionRule, Rules
from sdk.examples import LIFETIME, NEXT, NOON, RECEIPTS, RING, SITE, STRANGER, grant, refusal, signed

YES = signed(grant())
NO = signed(refusal())


def read(*values: Any, **changes: Any) -> Consent:
    settings: dict[str, Any] = {"ring": RING, "site": SITE, "accepted_revisions": [2], "now": NOON}
    return read_consent(values, **(settings | changes))


def test_a_grant_allows_what_it_grants_and_nothing_else() -> None:
    """The line that the whole SDK is about."""
    consent = read(YES)

    assert consent.allows("measurement")
    assert not consent.allows("marketing")
    assert not consent.allows("necessary")
    assert ({"measurement"}, {"marketing"}) == (consent.granted, consent.refused)
    assert (Reason.GRANTED, Reason.REFUSED) == (consent.why("measurement"), consent.why("marketing"))
    assert Reason.PURPOSE_UNKNOWN == consent.why("embeds")
    assert (NOON, NOON + LIFETIME) == (consent.given_at, consent.expires_at)
    assert grant().record == consent.record_id
    assert grant().subject == (consent.consent_id or "").replace("-", "")


def test_answered_and_agreed_are_different_questions() -> None:
    """Who refused everything has answered and allows nothing, and left no identifier."""
    consent = read(NO)

    assert consent.answered
    assert frozenset() == consent.granted
    assert Reason.REFUSED == consent.reason
    assert (None, None) == (consent.record_id, consent.consent_id)


@pytest.mark.parametrize(
    ("values", "changes", "reason"),
    [
        ([], {}, Reason.NO_RECEIPT),
        (["nonsense"], {}, Reason.UNREADABLE),
        ([YES[:-1]], {}, Reason.UNREADABLE),
        ([signed(grant(), STRANGER)], {}, Reason.UNKNOWN_KEY),
        ([YES], {"revoked": [RECEIPTS.verifier.key_id]}, Reason.REVOKED_KEY),
        ([YES], {"revoked": [NEXT.verifier.key_id]}, Reason.GRANTED),
        ([YES], {"ring": KeyRing()}, Reason.UNKNOWN_KEY),
        ([YES], {"ring": KeyRing(), "revoked": [RECEIPTS.verifier.key_id]}, Reason.REVOKED_KEY),
        ([YES[: YES.index(".")] + NO[NO.index(".") :]], {}, Reason.BAD_SIGNATURE),
        ([YES], {"site": "other001"}, Reason.OTHER_SITE),
        ([YES], {"now": NOON + LIFETIME}, Reason.EXPIRED),
        ([YES], {"now": NOON - 301}, Reason.FROM_FUTURE),
        ([YES], {"now": NOON - 300}, Reason.GRANTED),
        ([YES], {"now": NOON - 300.5}, Reason.FROM_FUTURE),
        ([YES], {"accepted_revisions": [3]}, Reason.OLDER_REVISION),
        ([YES], {"accepted_revisions": [1]}, Reason.NEWER_REVISION),
        ([YES], {"accepted_revisions": []}, Reason.NEWER_REVISION),
        ([f"x{number}" for number in range(9)], {}, Reason.TOO_MANY_COPIES),
        ([YES], {"now": math.nan}, Reason.FROM_FUTURE),
        ([YES], {"now": math.inf}, Reason.EXPIRED),
        ([YES], {"now": -math.inf}, Reason.FROM_FUTURE),
        ([YES], {"now": None}, Reason.CLOCK_UNUSABLE),
        ([YES], {"now": "soon"}, Reason.CLOCK_UNUSABLE),
    ],
)
def test_every_reason_is_reached(values: list[str], changes: dict[str, Any], reason: Reason) -> None:
    """Each way to be refused has its own word; only GRANTED allows."""
    consent = read(*values, **changes)

    assert reason == consent.reason
    assert (reason == Reason.GRANTED) == consent.allows("measurement") == consent.answered
    assert (reason == Reason.GRANTED) == consent.permitted("measurement")


@pytest.mark.parametrize("value", [None, 5, b"\xff\xfe", b"", "", object(), [], "\ud800", "é", "x" * 10_000_000])
def test_values_that_are_no_token_count_as_unreadable_copies(value: object) -> None:
    """Wrong types, other encodings and ten megabytes are answered with the same word."""
    assert Reason.UNREADABLE == read(value).reason
    assert read(value, YES).allows("measurement")


@pytest.mark.parametrize("values", [None, 5, object(), "nonsense", b"nonsense"])
def test_what_is_no_list_of_values_is_unreadable(values: Any) -> None:
    """A caller's mistake is answered like a visitor's."""
    consent = read_consent(values, RING, SITE, [2], now=NOON)

    assert Reason.UNREADABLE == consent.reason


def test_one_value_may_come_without_a_list() -> None:
    """Text and bytes are one value each, not as many as they have characters."""
    assert read_consent(YES, RING, SITE, [2], now=NOON).allows("measurement")
    assert read_consent(YES.encode(), RING, SITE, [2], now=NOON).allows("measurement")


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just(YES) | st.just(NO)
)
PAIRS = st.lists(st.tuples(st.sampled_from([b"sec-gpc", b"x", "Sec-GPC"]) | ANYTHING, ANYTHING) | ANYTHING)


@given(
    values=st.lists(ANYTHING, max_size=12) | ANYTHING,
    now=st.sampled_from([NOON, NOON - 300]) | st.floats() | st.integers() | ANYTHING,
    headers=PAIRS | st.dictionaries(st.text(), ANYTHING) | ANYTHING,
    purpose=st.sampled_from(["measurement", "marketing"]) | ANYTHING,
)
def test_nothing_raises_and_nothing_but_a_valid_receipt_allows(
    values: Any, now: Any, headers: Any, purpose: Any
) -> None:
    """Arbitrary values of every argument that a request decides."""
    consent = read_consent(values, RING, SITE, [2], now=now, headers=headers, gpc=["marketing"])

    sent = values if isinstance(values, list) else [values]
    assert not consent.allows(purpose) or (purpose == "measurement" and YES in sent and NO not in sent)
    assert isinstance(consent.why(purpose), Reason)
    assert isinstance(consent.permitted(purpose), bool)
    assert isinstance(consent.why_permitted(purpose), Reason)


# --- what the site asks for

MODES = {"measurement": "exempt", "marketing": "opt_out", "preferences": "notice", "embeds": "opt_in"}


def test_a_purpose_that_the_site_no_longer_has_is_not_allowed() -> None:
    """The descriptor knows the purposes: a receipt can not bring one back."""
    consent = read(YES, purposes={"marketing": "opt_in", "embeds": "opt_in"})

    assert not consent.allows("measurement")
    assert Reason.PURPOSE_UNKNOWN == consent.why("measurement")
    assert Reason.NOT_ASKED == consent.why("embeds")
    assert {"marketing"} == consent.refused


def test_the_law_of_the_region_speaks_only_where_there_is_no_answer() -> None:
    """Without an answer exempt, notice and opt-out purposes may happen; consent it is none."""
    consent = read(purposes=MODES)

    assert {
        "measurement": Reason.EXEMPT,
        "marketing": Reason.OPT_OUT,
        "preferences": Reason.NOTICE,
        "embeds": Reason.NO_RECEIPT,
        "necessary": Reason.NECESSARY,
        "other": Reason.PURPOSE_UNKNOWN,
    } == {purpose: consent.why_permitted(purpose) for purpose in (*MODES, "necessary", "other")}
    assert ["measurement", "marketing", "preferences"] == [purpose for purpose in MODES if consent.permitted(purpose)]
    assert [] == [purpose for purpose in MODES if consent.allows(purpose)]


@pytest.mark.parametrize(
    "values",
    [
        [NO],
        [NO, YES],
        ["nonsense"],
        [signed(grant(), STRANGER)],
        [signed(grant(revision=1))],
        [f"{n}" for n in range(9)],
    ],
)
def test_an_objection_or_a_doubt_about_one_ends_the_permission(values: list[str]) -> None:
    """Opt-out means that an objection counts, and a receipt that can not be read may be one."""
    consent = read(*values, purposes=MODES)

    assert not consent.permitted("marketing")
    assert consent.why("marketing") == consent.why_permitted("marketing")


def test_an_expired_objection_is_asked_for_again() -> None:
    """After its time an answer is none, in either direction."""
    assert read(NO, now=NOON + 2 * LIFETIME, purposes=MODES).permitted("marketing")


REGIONS = Rules(
    {"measurement": "opt_in", "marketing": "opt_in"},
    {
        "us": RegionRule(("US-CA",), {"marketing": "opt_out"}, "2020-01-01"),
        "uk": RegionRule(("GB",), {"measurement": "exempt"}, "2026-02-05"),
    },
)
OWN = {"measurement": "opt_in", "marketing": "opt_in"}


@pytest.mark.parametrize(
    ("region", "permitted"),
    [
        ("US-CA", {"marketing": Reason.OPT_OUT}),
        ("us", {"marketing": Reason.OPT_OUT}),
        ("GB", {"measurement": Reason.EXEMPT}),
        ("DE", {}),
        ("default", {}),
        ("US", {}),
        (None, {}),
        ("", {}),
        ("nowhere", {}),
        (7, {}),
    ],
)
def test_a_trusted_region_says_what_the_law_permits(region: Any, permitted: dict[str, Reason]) -> None:
    """A place or a rule that is known; where it is not, the strictest counts."""
    consent = read(purposes=OWN, regions=REGIONS, region=region)

    assert permitted == {purpose: consent.why_permitted(purpose) for purpose in OWN if consent.permitted(purpose)}
    assert not any(consent.allows(purpose) for purpose in OWN)


def test_an_answer_counts_in_every_region() -> None:
    """A refusal ends what the law permits, and a grant is one everywhere, whatever region was asked about before."""
    rules = {"purposes": OWN, "regions": REGIONS}

    assert not read(NO, **rules, region="US-CA").permitted("marketing")
    assert not read(YES, **rules, region="US-CA").permitted("marketing")
    assert [True, True] == [read(YES, **rules, region=region).permitted("measurement") for region in ("US-CA", "DE")]


def test_the_law_of_a_region_begins_and_ends_on_its_day() -> None:
    """The British exemption is in force from 2026-02-05, midnight UTC."""
    begins = 1_770_249_600

    assert [False, True] == [
        read(purposes=OWN, regions=REGIONS, region="GB", now=now).permitted("measurement")
        for now in (begins - 1, begins)
    ]


@pytest.mark.parametrize("now", [float("nan"), float("inf"), -float("inf"), 1e300, -1e12])
def test_a_clock_that_no_calendar_has_is_the_strictest_region(now: float) -> None:
    """Nothing raises, and nothing is permitted by a law whose day can not be told."""
    assert not read(purposes=OWN, regions=REGIONS, region="US-CA", now=now).permitted("marketing")


def test_the_cache_key_has_one_bit_a_purpose() -> None:
    """The same for all who may see the same page, whoever they are."""
    other = signed(grant(9, purposes={"measurement": True, "marketing": False}))

    assert "01" == read(YES, purposes=OWN).cache_key() == read(other, purposes=OWN).cache_key()
    assert "00" == read(NO, purposes=OWN).cache_key() == read(purposes=OWN).cache_key()
    assert "1" == read(YES, purposes=OWN).cache_key(["measurement"]) == read(YES).cache_key({"measurement"})
    assert "" == read(YES).cache_key()
    assert "10" == read(purposes=OWN, regions=REGIONS, region="US-CA").cache_key(by_law=True)


def test_the_signal_is_an_objection() -> None:
    """`Sec-GPC: 1` ends an opt-out permission before any answer, for the purposes that are tied to it only."""
    consent = read(purposes=MODES, gpc=["marketing"], headers={"Sec-GPC": "1"})

    assert not consent.permitted("marketing")
    assert Reason.SIGNAL == consent.why("marketing")
    assert consent.permitted("preferences")


@pytest.mark.parametrize(
    ("headers", "on"),
    [
        ({"Sec-GPC": "1"}, True),
        ({"SEC-GPC": "1"}, True),
        ([(b"sec-gpc", b"1")], True),
        ([("Sec-Gpc", "1")], True),
        ([(b"sec-gpc", b"0"), (b"sec-gpc", b"1")], True),
        ({"Sec-GPC": "0"}, False),
        ({"Sec-GPC": ""}, False),
        ({"Sec-GPC": "1, 1"}, False),
        ({"Sec-GPC": "true"}, False),
        ({"Sec-GPC": "１"}, False),
        ({"X-Sec-GPC": "1"}, False),
        ({}, False),
        (None, False),
        (5, True),
        ([5], True),
        (["sec-gpc"], True),
    ],
)
def test_only_the_exact_value_is_a_signal(headers: Any, on: bool) -> None:
    """W3C GPC: the value is 1. Headers that can not be read count as a signal, since it is a refusal."""
    both = signed(grant(purposes={"measurement": True, "marketing": True}))

    consent = read(both, headers=headers, gpc=["marketing"])

    assert on is not consent.allows("marketing")
    assert consent.allows("measurement")


def test_every_reason_has_a_sentence() -> None:
    """For a log: one sentence each, all different."""
    sentences = [reason.sentence for reason in Reason]

    assert len(sentences) == len(set(sentences))
    assert [] == [sentence for sentence in sentences if not sentence.endswith(".")]


def test_a_consent_can_not_be_changed() -> None:
    """It is shared by all requests that carry the same receipt."""
    consent = read(YES)

    for attempt in (
        lambda: setattr(consent, "granted", frozenset({"marketing"})),
        lambda: consent.reasons.__setitem__("marketing", Reason.GRANTED),  # type: ignore[attr-defined]
    ):
        with pytest.raises((AttributeError, TypeError)):
            attempt()
