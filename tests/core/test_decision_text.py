"""What is taken from one visitor's decision for another's is what reading it in full would have given."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.decision import DecisionRequest, parse_decision
from askfirst.core.decision_text import split_decision
from askfirst.core.errors import Problem
from core.examples import decision

ID, OTHER_ID = "7f2c1d3e-4b5a-4c6d-8e7f-9a0b1c2d3e4f", "00000000-0000-0000-0000-000000000000"
_MEMBERS = {name: json.dumps(value) for name, value in decision().items() if name not in ("v", "id")}
# Whatever could be taken for one of the three members that differ, or hide one.
_TRICKS = [
    '"at":5',
    '"at":"5"',
    '"receipt":"a.b"',
    '"receipt":null',
    '"consent_id":"1"',
    '"page":"/,at:5,"',
    '"page":"/a\\",\\"at\\":5"',
    f'"id":"{OTHER_ID}"',
    '"purposes":{"at":true,"receipt":false,"id":true}',
    '"purposes":{"a":true,"at":5}',
    '"language":"en,"',
    '"method":"custom"',
    '"v":1',
    "",
    "{",
    "}",
]
_PIECES = st.lists(
    st.sampled_from([f'"{name}":{text}' for name, text in _MEMBERS.items()] + _TRICKS), min_size=1, max_size=10
)


def joined(decision_id: str, asked: str, at: str, receipt: str) -> bytes:
    """Return a body as the snippet would write it around `asked`."""
    return f'{{"v":1,"id":"{decision_id}",{asked},"at":{at},"gpc":false,"rule":"default"{receipt}}}'.encode()


def read(data: bytes) -> DecisionRequest | str:
    """Return what reading in full gives, or which problem."""
    try:
        return parse_decision(data)
    except Problem as problem:
        return problem.code


@given(_PIECES, st.booleans())
def test_what_holds_for_one_body_holds_for_all_with_the_same_shared_part(pieces, whole):
    """Another id, time and receipt change these three members and nothing else, whatever stands around them."""
    usual = [f'"{name}":{_MEMBERS[name]}' for name in ("policy", "build", "language", "purposes", "method")]
    asked = ",".join([*(usual if whole else []), *pieces] if not pieces[0].startswith('"policy"') else pieces)
    first, second = joined(ID, asked, "7", ""), joined(OTHER_ID, asked, "9", ',"receipt":"a.b"')
    text, request = split_decision(first), read(first)
    if text is None or isinstance(request, str):
        return
    if (request.id, request.at, request.receipt) != (text.id, text.at, text.receipt):
        return  # not kept, and never taken for another's

    other = split_decision(second)
    assert other is not None
    assert text.shared == other.shared
    assert request.model_copy(update={"id": OTHER_ID, "at": 9, "receipt": "a.b"}) == read(second)


def test_the_snippets_own_text_is_split():
    """The members in the order of formats.md 6.1, without white space."""
    members = {name: decision()[name] for name in ("v", "id", "policy", "build", "language", "purposes", "method")}
    members |= {"at": 1_781_524_800_000, "gpc": True, "rule": "us-ca", "receipt": "abc.def"}
    text = split_decision(json.dumps(members, separators=(",", ":")).encode())

    assert text is not None
    assert (members["id"], members["at"], "abc.def") == text[1:]
    assert b'"gpc":true,"rule":"us-ca"' == text.shared[1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        json.dumps(decision()).encode(),
        b" " + joined(ID, '"policy":1', "7", ""),
        joined(ID.upper(), '"policy":1', "7", ""),
        joined(ID, '"policy":1', "07", ""),
        joined(ID, '"policy":1', "-7", ""),
        joined(ID, '"policy":1', "7.0", ""),
        joined(ID, '"policy":1', "9" * 16, ""),
        joined(ID, '"policy":1', "7", ',"receipt":""'),
        joined(ID, '"policy":1', "7", ',"receipt":"a\\u0041"'),
        joined(ID, '"policy":1,"page":"/\\u0041"', "7", ""),
        joined(ID, '"build":1', "7", ""),
        joined(ID, '"policy":1', "7", "") + b"\n",
    ],
)
def test_another_text_is_left_to_the_reader(data):
    """White space, other orders, other numbers and every escape are read in full."""
    assert split_decision(data) is None
