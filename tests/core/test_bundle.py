"""A proof bundle is believed as a whole or not at all."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.bundle import open_bundle
from askfirst.core.errors import LedgerFault
from core.bundle_vectors import KEY, ORIGIN, accepted, made
from core.make_vectors import FOLDER

VECTORS: Any = json.loads((FOLDER / "bundle.json").read_bytes())
ONE = accepted()["a decision, the last of seven"].data


@pytest.mark.parametrize("case", VECTORS["accepts"], ids=lambda case: case["what"])
def test_a_bundle_says_what_was_put_in(case: dict[str, Any]) -> None:
    """Place, size and both parts, by the public key alone."""
    proven = open_bundle(base64.b64decode(case["file"]), ORIGIN, [KEY.verifier])

    assert (case["index"], case["size"]) == (proven.index, proven.checkpoint.size)
    assert json.loads(case["parts"]["what"]) == proven.what
    assert json.loads(case["parts"]["who"]) == proven.who
    assert proven.what["kind"] == proven.kind


@pytest.mark.parametrize("case", VECTORS["rejects"], ids=lambda case: case["what"])
def test_a_bundle_that_is_wrong_in_one_way_is_refused(case: dict[str, Any]) -> None:
    """With a sentence, whatever is wrong."""
    with pytest.raises(LedgerFault):
        open_bundle(base64.b64decode(case["file"]), ORIGIN, [KEY.verifier])


def test_another_logs_bundle_is_refused() -> None:
    """The verifier says which log it asks about."""
    with pytest.raises(LedgerFault):
        open_bundle(ONE, "consent.example/log/other", [KEY.verifier])
    with pytest.raises(LedgerFault):
        open_bundle(ONE, ORIGIN, [])


# The name before a signature and its key id are read by people; which key is tried follows from them.
@given(st.integers(min_value=0, max_value=len(ONE) * 8 - 1))
def test_with_one_bit_changed_it_is_refused(bit: int) -> None:
    """Wherever the bit is."""
    data = bytearray(ONE)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(LedgerFault):
        open_bundle(bytes(data), ORIGIN, [KEY.verifier])


@given(st.binary(max_size=2000))
def test_no_other_bytes_are_a_bundle(data: bytes) -> None:
    """Nonsense is refused with a sentence, never a crash."""
    with pytest.raises(LedgerFault):
        open_bundle(data, ORIGIN, [KEY.verifier])


@given(st.integers(min_value=0, max_value=len(ONE)))
def test_a_part_of_a_bundle_is_none(length: int) -> None:
    """A file that was cut off is refused."""
    if length < len(ONE):
        with pytest.raises(LedgerFault):
            open_bundle(ONE[:length], ORIGIN, [KEY.verifier])


@given(st.integers(min_value=0, max_value=600), st.integers(min_value=0, max_value=600))
def test_a_bundle_holds_wherever_the_record_stands(before: int, after: int) -> None:
    """In trees of every shape."""
    one = made(accepted()["a decision, the only entry"].opening, before, after)
    assert before == open_bundle(one.data, ORIGIN, [KEY.verifier]).index
