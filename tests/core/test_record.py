"""The parts of an entry: only of the documented form."""

import json

import pytest

from askfirst.core.kinds import FORGETTING, MEMBERS, EntryKind
from askfirst.core.record import decision_what, entry_what
from core.examples import ENTRY, NOON, RECORD, SITE, what

_EXAMPLES = {"string": "x", "number": 1, "boolean": True, "object": {}, "array": []}


@pytest.mark.parametrize("kind", sorted(MEMBERS))
def test_every_kind_takes_exactly_its_members(kind):
    """Each documented member is needed but later ones, none more is taken, and null only where the table says so."""
    members = {member.name: _EXAMPLES[member.form] for member in MEMBERS[kind]}
    part = entry_what(kind, ENTRY, NOON, **members)

    assert {"v": 1, "kind": kind, "entry": ENTRY, "time": NOON, **members} == json.loads(part)
    with pytest.raises(ValueError, match="has the members"):
        entry_what(kind, ENTRY, NOON, **members, more=1)
    for member in MEMBERS[kind]:
        others = {name: value for name, value in members.items() if name != member.name}
        if member.later:
            assert {"v": 1, "kind": kind, "entry": ENTRY, "time": NOON, **others} == json.loads(
                entry_what(kind, ENTRY, NOON, **others)
            )
        else:
            with pytest.raises(ValueError, match="has the members"):
                entry_what(kind, ENTRY, NOON, **others)
        if member.nullable:
            entry_what(kind, ENTRY, NOON, **{**members, member.name: None})
        else:
            with pytest.raises(ValueError, match="not of the form"):
                entry_what(kind, ENTRY, NOON, **{**members, member.name: None})


def test_a_number_is_not_true():
    """A truth value is no number, although Python has it so."""
    with pytest.raises(ValueError, match="not of the form number"):
        entry_what(EntryKind.LEDGER_VERIFIED, ENTRY, NOON, size=True, root="", holds=True, signatures=True, faults=[])


def test_every_kind_has_a_documented_form():
    """All kinds but the decision are in the table, and the kinds that forget say which record."""
    assert set(EntryKind) == {*MEMBERS, EntryKind.DECISION_RECORDED}
    assert all("record" in [member.name for member in MEMBERS[kind]] for kind in FORGETTING)
    assert all(len({member.name for member in members}) == len(members) for members in MEMBERS.values())


def test_a_decision_is_not_written_as_another_entry():
    """A decision has members of its own."""
    with pytest.raises(ValueError, match="form of its own"):
        entry_what(EntryKind.DECISION_RECORDED, RECORD, NOON, site=SITE)


def test_a_decision_without_a_browser_has_no_build():
    """A decision from a server names no script."""
    assert json.loads(decision_what(**what(build=None)))["build"] is None
