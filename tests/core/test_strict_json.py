"""JSON with two meanings is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.errors import MalformedBody
from askfirst.core.strict_json import strict_json
from core.test_canonical import VALUES


@given(VALUES, st.booleans())
def test_ordinary_json_is_read(value, escaped):
    """A value is read as it was written, escaped or not."""
    assert value == strict_json(json.dumps(value, ensure_ascii=escaped).encode())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a":1,"a":1}', "a member is repeated"),
        (b'{"a":1,"\\u0061":2}', "a member is repeated"),
        (b'[{"b":{"a":1,"a":2}}]', "a member is repeated"),
        (b"\xff", "it is not UTF-8"),
        (b'"\xed\xa0\x80"', "it is not UTF-8"),
        (b'"\\ud800"', "it holds half a character"),
        (b'{"\\udc00x":1}', "it holds half a character"),
        (b"\xef\xbb\xbf{}", "it is not JSON"),
        (b"NaN", "it is not JSON"),
        (b"[-Infinity]", "it is not JSON"),
        (b"{'a':1}", "it is not JSON"),
        (b'"\n"', "it is not JSON"),
        (b"1" * 5000, "it is not JSON"),
        (b"{}{}", "it is not JSON"),
        (b"", "it is not JSON"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"a":' * 100_000, "it is nested too deeply"),
    ],
    ids=lambda case: repr(case[:20]),
)
def test_what_could_be_understood_differently_is_refused(data, reason):
    """The reason is said."""
    with pytest.raises(MalformedBody) as refusal:
        strict_json(data)
    assert reason == refusal.value.reason


@given(st.binary(max_size=40) | st.text('[]{}":,\\ud8dc0123456789.eE+-truefalsn ', max_size=40).map(str.encode))
def test_arbitrary_bytes_never_raise_anything_else(data):
    """Whatever arrives is read or refused."""
    with suppress(MalformedBody):
        strict_json(data)
