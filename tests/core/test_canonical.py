"""Canonical JSON is RFC 8785, whichever way it is made."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.canonical import MAX_NUMBER, b64url, b64url_decode, canonical_json, digest_hex

# Keys on both sides of the surrogates, where sorting by code point and by UTF-16 part ways.
_KEYS = st.text(st.sampled_from('az_"\\\x00\x1f\x7fé\ud7ff\ue000\uffff\U00010000\U0001f600'), max_size=4)
_LEAVES = st.none() | st.booleans() | st.integers(0, MAX_NUMBER) | st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_KEYS, inner, max_size=5), max_leaves=30
)


@given(VALUES)
def test_it_is_what_another_implementation_writes(value):
    """The fast way and the slow way give the bytes of the `rfc8785` package, and lead back to the value."""
    assert rfc8785.dumps(value) == canonical_json(value)
    assert value == json.loads(canonical_json(value))


def test_keys_are_sorted_by_utf_16():
    """The order of keys is that of RFC 8785, 3.2.3, not that of code points."""
    assert '{"a":1,"\U0001f600":2,"\ue000":3}'.encode() == canonical_json({"\ue000": 3, "\U0001f600": 2, "a": 1})


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        -1,
        2**53,
        {"a": [0.5]},
        {1: 2},
        {None: 1},
        "\ud800",
        {"\udfff": 1},
        b"bytes",
        {1, 2},
        pytest.param(object(), id="object"),
    ],
    ids=repr,
)
def test_what_the_formats_do_not_have_is_refused(value):
    """Fractions, negative and inexact numbers, other keys, half characters and other types have no canonical form."""
    with pytest.raises(ValueError, match="canonical JSON"):
        canonical_json(value)


def test_a_value_without_an_end_is_refused():
    """A value that holds itself meets the limit of depth, not the end of the stack."""
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(ValueError, match="levels deep"):
        canonical_json(endless)


def test_the_largest_exact_number_is_written():
    """2^53 - 1 is the last whole number that every reader holds exactly."""
    assert b"[0,9007199254740991]" == canonical_json([0, 2**53 - 1])


def test_a_digest_is_sha_256_in_lower_case():
    """The digest of nothing is the published one (FIPS 180-4)."""
    assert "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" == digest_hex(b"")


@given(st.binary())
def test_base64url_leads_back(data):
    """What is encoded is decoded, without padding."""
    assert data == b64url_decode(b64url(data))
    assert "=" not in b64url(data)


@given(st.text(max_size=12))
def test_no_second_spelling_of_base64url_is_read(text):
    """Whatever is decoded is spelled as it would be encoded."""
    try:
        data = b64url_decode(text)
    except ValueError:
        return
    assert text == b64url(data)
