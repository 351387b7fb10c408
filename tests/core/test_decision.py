"""What a page may send, and what arbitrary bytes can do: nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.decision import MAX_BODY_BYTES, DecisionRequest, check_decision, is_late, parse_decision
from askfirst.core.errors import InvalidDecision, Problem
from core.decision_vectors import NONE, SOME
from core.examples import NOON, body, decision, policy

# Half characters are refused before any member is looked at.
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused(data):
    """No bytes raise anything but a problem, and none pass by chance."""
    with pytest.raises(Problem):
        parse_decision(data)


@given(st.sampled_from(sorted(DecisionRequest.model_fields)), _JSON)
def test_a_member_of_any_form_is_taken_or_named(member, value):
    """A wrong member is refused by its name alone; a right one is taken as it is."""
    sent = {**decision(), member: value}
    named, request = set(), None
    try:
        request = parse_decision(json.dumps(sent).encode())
    except InvalidDecision as error:
        named = {name for name, _ in error.errors}
    if request is None:
        assert {member} == named
    else:
        assert value == getattr(request, member)
        assert type(value) is type(getattr(request, member))


@given(st.text(max_size=300))
def test_an_unknown_member_is_named_and_never_believed(name):
    """No member comes along unseen."""
    if name in DecisionRequest.model_fields:
        return
    with pytest.raises(Problem):
        parse_decision(json.dumps({**decision(), name: 1}).encode())


def test_a_body_of_exactly_the_limit_is_taken():
    """8,192 bytes are allowed, and the next one is not."""
    filled = body(receipt="x" * (MAX_BODY_BYTES - len(body(receipt=""))))

    assert MAX_BODY_BYTES == len(filled)
    assert "accept_all" == parse_decision(filled).method


def test_a_decision_does_not_change():
    """What was checked is what is stored."""
    with pytest.raises(ValueError, match="frozen"):
        parse_decision(body()).method = "custom"


@pytest.mark.parametrize(("purposes", "expected"), [(NONE, False), (SOME, True)])
def test_a_full_refusal_is_known_as_one(purposes, expected):
    """Whether anything is granted decides if there is a subject."""
    assert expected == parse_decision(body(purposes=purposes, method="custom")).grants_something


@given(st.dictionaries(st.sampled_from(["measurement", "embeds", "marketing", "necessary", "ads"]), st.booleans()))
def test_only_the_answer_to_every_optional_purpose_holds(purposes):
    """A decision answers exactly what the policy asks."""
    if not purposes:
        return
    request = parse_decision(body(purposes=purposes, method="custom"))
    if purposes.keys() == {"measurement", "embeds", "marketing"}:
        check_decision(request, policy())
    else:
        with pytest.raises(Problem):
            check_decision(request, policy())


@given(st.integers(0, 2**53 - 1), st.none() | st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1))
def test_late_is_more_than_an_hour_after_either(at, superseded_at, now):
    """The two reasons of formats.md 6.1, and no other."""
    over_an_hour_ago = [moment for moment in (at, superseded_at) if moment is not None and now > moment + 3_600_000]

    assert bool(over_an_hour_ago) == is_late(at, superseded_at=superseded_at, now=now)


def test_the_browsers_clock_may_be_ahead():
    """An answer from the future is not late, since its time is never trusted."""
    assert not is_late(NOON + 1, superseded_at=None, now=NOON)
