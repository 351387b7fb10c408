"""The descriptor: strict to make, strict to read, and believed only from whom it may come."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst_sdk.descriptor import (
    CookieRule,
    Descriptor,
    DescriptorFormatError,
    descriptor_payload,
    parse_descriptor,
    verified_descriptor,
)
from askfirst_sdk.errors import BadSignature, TokenError, UnknownKey
from askfirst_sdk.keys import KeyRing
from askfirst_sdk.signing import SigningKey
from sdk.examples import NEXT, NOON, RECEIPTS, STRANGER, sign

DESCRIPTOR = Descriptor(
    site="demo0001",
    revisions=(2, 3),
    policy="ab" * 32,
    purposes={"measurement": "opt_in", "marketing": "opt_out"},
    keys=(RECEIPTS.verifier.text, NEXT.verifier.text),
    issued_at=NOON,
    expires_at=NOON + 604_800,
    gpc=("marketing",),
    revoked=(STRANGER.verifier.key_id.hex(),),
    cookie=CookieRule(shared=True, domain="example.com", partitioned=True),
)


def token(descriptor: Descriptor = DESCRIPTOR, key: SigningKey = RECEIPTS, salt: str = "descriptor") -> str:
    return sign(key, descriptor_payload(descriptor), salt)


def test_a_descriptor_survives_its_payload() -> None:
    """What is written reads back the same."""
    assert DESCRIPTOR == parse_descriptor(descriptor_payload(DESCRIPTOR))


def test_its_bytes_are_these() -> None:
    """The names of the members are what other implementations read."""
    members = json.loads(descriptor_payload(DESCRIPTOR))

    assert {
        "v": 1,
        "site": "demo0001",
        "revisions": [2, 3],
        "policy": "ab" * 32,
        "purposes": {"measurement": "opt_in", "marketing": "opt_out"},
        "gpc": ["marketing"],
        "keys": [RECEIPTS.verifier.text, NEXT.verifier.text],
        "revoked": ["867192c7"],
        "cookie": {"shared": True, "domain": "example.com", "partitioned": True},
        "iat": NOON,
        "exp": NOON + 604_800,
    } == members


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("site", "Demo"),
        ("revisions", (0,)),
        ("revisions", (True,)),
        ("revisions", "12"),
        ("policy", "AB" * 32),
        ("policy", None),
        ("purposes", {"measurement": "maybe"}),
        ("purposes", {"Measurement": "opt_in"}),
        ("purposes", ["measurement"]),
        ("keys", (RECEIPTS.text,)),
        ("keys", (RECEIPTS.verifier.text[:-1],)),
        ("keys", RECEIPTS.verifier.text),
        ("keys", (5,)),
        ("gpc", ("embeds",)),
        ("gpc", "marketing"),
        ("revoked", ("867192C7",)),
        ("revoked", (b"1234",)),
        ("issued_at", 1.5),
        ("issued_at", True),
        ("expires_at", NOON),
        ("cookie", None),
    ],
)
def test_a_descriptor_out_of_form_can_not_be_made(field: str, value: Any) -> None:
    """The service notices before it signs."""
    with pytest.raises(DescriptorFormatError):
        dataclasses.replace(DESCRIPTOR, **{field: value})


@pytest.mark.parametrize(
    "rule",
    [
        {"shared": True},
        {"domain": "example.com"},
        {"shared": 1, "domain": "example.com"},
        {"shared": True, "domain": "com"},
        {"partitioned": None},
        {"shared": True, "domain": "a.test; Path=/x"},
    ],
)
def test_a_cookie_rule_out_of_form_can_not_be_made(rule: dict[str, Any]) -> None:
    """A shared answer has a domain, any other has none."""
    with pytest.raises(DescriptorFormatError):
        CookieRule(**rule)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)


@given(member=st.sampled_from([*sorted(json.loads(descriptor_payload(DESCRIPTOR))), "extra"]), value=JSON)
def test_any_other_value_of_any_member_is_refused_or_kept_as_it_is(member: str, value: object) -> None:
    """What reads is exactly what was written, whatever else was signed."""
    members = json.loads(descriptor_payload(DESCRIPTOR)) | {member: value}
    payload = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")

    try:
        descriptor = parse_descriptor(payload)
    except DescriptorFormatError:
        return
    assert payload == descriptor_payload(descriptor)


@given(st.binary() | st.text().map(str.encode))
def test_arbitrary_bytes_are_no_descriptor(payload: bytes) -> None:
    """The only error is the descriptor's own."""
    with pytest.raises(DescriptorFormatError):
        parse_descriptor(payload)


def test_revoked_keys_are_not_in_the_ring() -> None:
    """A key that is listed and revoked is revoked."""
    revoked = dataclasses.replace(DESCRIPTOR, revoked=(NEXT.verifier.key_id.hex(),))

    assert [RECEIPTS.verifier] == list(revoked.ring())


def test_without_pins_a_descriptor_is_signed_by_a_key_of_its_own() -> None:
    """The connection vouches for the keys that it names, and for no other."""
    assert DESCRIPTOR == verified_descriptor(token(), None)
    with pytest.raises(UnknownKey):
        verified_descriptor(token(key=STRANGER), None)


def test_pins_restrict_who_may_sign() -> None:
    """A key that the descriptor itself names is not enough."""
    assert DESCRIPTOR == verified_descriptor(token(), KeyRing([RECEIPTS.verifier]))
    with pytest.raises(UnknownKey):
        verified_descriptor(token(key=NEXT), KeyRing([RECEIPTS.verifier]))


def test_a_descriptor_that_revokes_its_own_signer_is_refused() -> None:
    """Whoever holds a stolen key can not speak for the time after it, pinned or not."""
    revoked = dataclasses.replace(DESCRIPTOR, revoked=(RECEIPTS.verifier.key_id.hex(),))

    for pinned in (None, KeyRing([RECEIPTS.verifier, NEXT.verifier])):
        with pytest.raises(UnknownKey):
            verified_descriptor(token(revoked), pinned)
        assert revoked == verified_descriptor(token(revoked, NEXT), pinned)


def test_a_receipt_is_no_descriptor() -> None:
    """The salt keeps the kinds apart, whatever the payload says."""
    for pinned in (None, KeyRing([RECEIPTS.verifier])):
        with pytest.raises(BadSignature):
            verified_descriptor(token(salt="receipt"), pinned)


@pytest.mark.parametrize("text", ["", ".", "a.b", "x" * 4000, "<!doctype html>", None, 5])
def test_whatever_a_wrong_address_answers_is_refused(text: Any) -> None:
    """An error page in the place of a descriptor is an error of the SDK's own tree."""
    for pinned in (None, KeyRing([RECEIPTS.verifier])):
        with pytest.raises((TokenError, DescriptorFormatError)):
            verified_descriptor(text, pinned)
