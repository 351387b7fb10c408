"""Receipts: nothing out of form can be made or read."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst_sdk.receipt import DAY, Receipt, ReceiptFormatError, parse_receipt, receipt_payload
from askfirst_sdk.subject import consent_id, is_subject, make_subject, parse_consent_id
from sdk.examples import MIDNIGHT, NOON, grant, refusal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

purposes = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
grants = st.builds(
    grant,
    number=st.integers(0, 2**48 - 1),
    site=st.from_regex(r"[a-z0-9]{4,32}", fullmatch=True),
    leaf=st.binary(min_size=32, max_size=32),
    policy16=st.binary(min_size=16, max_size=16),
    revision=st.integers(1, 2**53 - 1),
    purposes=st.dictionaries(purposes, st.booleans(), min_size=1, max_size=8).filter(lambda p: any(p.values())),
    method=st.sampled_from(["accept_all", "custom", "api"]),
    gpc=st.booleans(),
    given_at=st.integers(0, 2**50),
    expires_at=st.integers(2**50 + 1, 2**53 - 1),
    rule=st.from_regex(r"[a-z0-9_.-]{1,64}", fullmatch=True),
)


@given(grants)
def test_a_receipt_survives_its_payload(receipt: Receipt) -> None:
    """What is written reads back the same, for every receipt there can be."""
    assert receipt == parse_receipt(receipt_payload(receipt))


@given(st.binary() | st.text().map(str.encode))
def test_arbitrary_bytes_are_no_receipt(payload: bytes) -> None:
    """Whatever bytes were signed, the only error is the receipt's own."""
    with pytest.raises(ReceiptFormatError):
        parse_receipt(payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)


@given(member=st.sampled_from(sorted(json.loads(receipt_payload(grant())))), value=JSON)
def test_any_other_value_of_any_member_is_refused_or_kept_as_it_is(member: str, value: object) -> None:
    """A well-signed payload with a wrong type inside is refused; one that reads is exactly what was written."""
    members = json.loads(receipt_payload(grant())) | {member: value}
    payload = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")

    try:
        receipt = parse_receipt(payload)
    except ReceiptFormatError:
        return
    assert payload == receipt_payload(receipt)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("site", "UPPER"),
        ("subject", "not a subject"),
        ("record", "019ecb1d"),
        ("record", None),
        ("leaf", b"short"),
        ("leaf", "text"),
        ("policy16", b"x" * 32),
        ("revision", 0),
        ("revision", True),
        ("purposes", {}),
        ("purposes", {"measurement": False}),
        ("purposes", {"measurement": 1}),
        ("purposes", ["measurement"]),
        ("method", "reject_all"),
        ("method", ["custom"]),
        ("gpc", None),
        ("given_at", 1.0),
        ("given_at", -1),
        ("expires_at", NOON),
        ("expires_at", 2**53),
        ("rule", ""),
    ],
)
def test_a_receipt_out_of_form_can_not_even_be_made(field: str, value: Any) -> None:
    """The service can not sign by mistake what every reader refuses."""
    with pytest.raises(ReceiptFormatError):
        dataclasses.replace(grant(), **{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("record", "x"),
        ("leaf", b"x" * 32),
        ("method", "custom"),
        ("gpc", False),
        ("rule", "default"),
        ("given_at", MIDNIGHT + 1),
        ("purposes", {"measurement": True}),
    ],
)
def test_a_refusal_holds_nothing_that_tells_visitors_apart(field: str, value: Any) -> None:
    """REQUIREMENTS PR-7: none of a grant's members, and no time of day."""
    with pytest.raises(ReceiptFormatError):
        dataclasses.replace(refusal(), **{field: value})


@given(st.integers(0, DAY - 1))
def test_the_second_of_a_refusal_does_not_show(second: int) -> None:
    """All who refuse on one day sign the same bytes."""
    assert receipt_payload(refusal(given_at=MIDNIGHT)) == receipt_payload(refusal(given_at=MIDNIGHT + second))


def test_a_receipt_can_not_be_changed() -> None:
    """Neither its fields nor its purposes, nor through the mapping that it was made of."""
    answers = {"measurement": True}
    receipt = grant(purposes=answers)
    answers["marketing"] = True

    assert {"measurement": True} == dict(receipt.purposes)
    with pytest.raises(TypeError):
        receipt.purposes["marketing"] = True  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        receipt.gpc = True  # type: ignore[misc]


def test_every_single_wrong_character_and_every_exchange_is_found() -> None:
    """A mistyped consent id leads to nobody, never to somebody else (formats.md, 1.1)."""
    for number in (0, 1, 0x123456789ABCDE, 2**58 - 1):
        subject = make_subject(NOON * 1000 + number % 999, number)
        wrong = [subject[:at] + c + subject[at + 1 :] for at in range(21) for c in ALPHABET if c != subject[at]]
        for one in range(21):
            for other in range(one + 1, 21):
                if subject[one] != subject[other]:
                    letters = list(subject)
                    letters[one], letters[other] = letters[other], letters[one]
                    wrong.append("".join(letters))

        assert [] == [text for text in wrong if is_subject(text)]


@given(st.integers(0, 2**42 - 2), st.integers(0, 2**58 - 1), st.integers(0, 2**58 - 1))
def test_subjects_sort_by_their_time(ms: int, one: int, other: int) -> None:
    """So that they do not scatter an index."""
    assert make_subject(ms, one) < make_subject(ms + 1, other)


@given(st.text() | st.none() | st.integers())
def test_whatever_is_typed_leads_to_a_subject_or_to_none(text: object) -> None:
    """Nothing raises, and what is found is a subject."""
    subject = parse_consent_id(text)

    assert subject is None or is_subject(subject)
    assert not isinstance(text, str) or is_subject(text) == (parse_consent_id(text) == text)


@pytest.mark.parametrize(("ms", "random58"), [(-1, 0), (2**42, 0), (0, -1), (0, 2**58)])
def test_numbers_that_do_not_fit_are_refused(ms: int, random58: int) -> None:
    """A clock beyond the year 2109 is an error, not another subject."""
    with pytest.raises(ValueError, match="42 bits"):
        make_subject(ms, random58)


def test_only_a_subject_has_a_consent_id() -> None:
    """Anything else is refused rather than cut into groups."""
    with pytest.raises(ValueError, match="not a subject"):
        consent_id("0" * 20 + "1")
