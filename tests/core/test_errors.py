"""Every error says what it is, and nothing that a caller sent can break the answer."""

import inspect
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core import errors
from askfirst.core.errors import AskfirstError, Fault, InvalidDecision, Problem, UnknownPurpose, UnknownSite

_FORMATS = Path(__file__).parents[2] / "service" / "docs" / "formats.md"
_CLASSES = [
    each
    for name, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, AskfirstError) and not name.startswith("_")
]


def _documented() -> set[str]:
    table = _FORMATS.read_text().partition("### 6.3")[2].partition("## 7")[0]
    return {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}


def test_there_is_one_problem_for_each_documented_code():
    """formats.md 6.3 and the classes name the same codes."""
    coded = [each for each in _CLASSES if issubclass(each, Problem) and each is not Problem]

    assert _documented() <= {each.code for each in coded}
    assert len(coded) == len({each.code for each in coded})


@pytest.mark.parametrize("error", _CLASSES, ids=lambda error: error.__name__)
def test_every_error_is_in_the_tree(error):
    """The tree in the module's docstring is complete, and every class says when it happens."""
    assert error.__name__ in (errors.__doc__ or "")
    assert error.__doc__
    assert issubclass(error, Problem) or issubclass(error, Fault) or error is AskfirstError


@given(st.text())
def test_what_a_caller_sent_is_shown_so_that_it_can_be_encoded(text):
    """Line breaks, terminal controls, half characters and endless names do not get into an answer or a log line."""
    for error in (UnknownSite(text), UnknownPurpose([text]), InvalidDecision([(text, "is wrong")])):
        said = json.dumps(error.members(), ensure_ascii=False).encode() + error.detail.encode()
        assert len(said) < 3_000
        assert error.detail.isprintable()


def test_the_facts_are_attributes_and_members():
    """Code that catches an error reads its facts, and the problem document holds them."""
    error = UnknownPurpose(["video", "ads"])

    assert ("ads", "video") == error.purposes
    assert {"purposes": ["ads", "video"]} == error.members()
    assert "The policy does not ask about these purposes: ads, video." == error.detail


def test_all_wrong_members_are_told_at_once():
    """Somebody who mends one finds no second one behind it."""
    error = InvalidDecision([("id", "is missing"), ("user", "is not a member of a decision")])

    assert {
        "errors": [
            {"member": "id", "message": "is missing"},
            {"member": "user", "message": "is not a member of a decision"},
        ]
    } == error.members()
    assert error.detail.endswith(": id is missing; user is not a member of a decision.")
