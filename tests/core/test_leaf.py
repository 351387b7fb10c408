"""A leaf says nothing by itself, opens with its two parts only, and has one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.errors import MalformedLeaf
from askfirst.core.kinds import FORGETTING, EntryKind
from askfirst.core.leaf import Leaf, OpeningFault, commit_what, commit_who, leaf_bytes, opens, parse_leaf
from askfirst.core.record import decision_what, decision_who, entry_what, entry_who
from askfirst.core.tree import leaf_hash
from core.examples import ENTRY, NOON, RECORD, SITE, SUBJECT, what
from core.ledger_vectors import WHAT_SALT, WHO_SALT

_HASHES = st.binary(min_size=32, max_size=32)
_WHAT = decision_what(**what())
_WHO = decision_who(record=RECORD, subject=SUBJECT)


def a_leaf(what_part: bytes = _WHAT, who_part: bytes = _WHO, kind: EntryKind = EntryKind.DECISION_RECORDED) -> Leaf:
    return Leaf(kind, commit_what(WHAT_SALT, what_part), commit_who(WHO_SALT, who_part))


def opened(leaf: Leaf, **changes: bytes | None) -> list[OpeningFault]:
    opening = {"what_salt": WHAT_SALT, "what": _WHAT, "who_salt": WHO_SALT, "who": _WHO, **changes}
    return opens(leaf, **opening)


@given(st.sampled_from(EntryKind), _HASHES, _HASHES, _HASHES)
def test_a_leaf_leads_back(kind, what_commitment, who_commitment, of):
    """What is written is read."""
    forgotten = of if kind in FORGETTING else None
    leaf = leaf_bytes(kind, what_commitment, who_commitment, forgotten)

    assert Leaf(kind, what_commitment, who_commitment, forgotten) == parse_leaf(leaf)


@given(st.sampled_from([EntryKind.DECISION_RECORDED, EntryKind.RECORD_ERASED]), st.integers(0), st.integers(1, 255))
def test_a_changed_leaf_has_another_hash_or_is_none(kind, at, change):
    """Every byte of a leaf counts."""
    of = b"\x03" * 32 if kind in FORGETTING else None
    leaf = leaf_bytes(kind, b"\x01" * 32, b"\x02" * 32, of)
    changed = bytearray(leaf)
    changed[at % len(leaf)] ^= change
    try:
        read = parse_leaf(bytes(changed))
    except MalformedLeaf:
        return
    assert parse_leaf(leaf) != read
    assert leaf_hash(leaf) != leaf_hash(bytes(changed))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_no_leaf(data):
    """Nothing but a leaf is read as one, and nothing else is raised."""
    with pytest.raises(MalformedLeaf):
        parse_leaf(data)


@pytest.mark.parametrize(
    ("kind", "commitments", "of"),
    [
        (EntryKind.DECISION_RECORDED, (b"\x01" * 32, b"\x02" * 32), b"\x03" * 32),
        (EntryKind.RECORD_ERASED, (b"\x01" * 32, b"\x02" * 32), None),
        (EntryKind.RECORD_RETAINED, (b"\x01" * 32, b"\x02" * 32), b"\x03" * 31),
        (EntryKind.DECISION_RECORDED, (b"\x01" * 31, b"\x02" * 32), None),
        (EntryKind.DECISION_RECORDED, (b"\x01" * 32, b""), None),
    ],
)
def test_a_leaf_that_could_not_be_read_is_not_written(kind, commitments, of):
    """A hash has 32 bytes, and exactly the kinds that forget name what they forget."""
    with pytest.raises(ValueError, match=r"leaf|commitment"):
        leaf_bytes(kind, *commitments, of)


@pytest.mark.parametrize("commit", [commit_what, commit_who])
@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_salt_of_another_length_is_refused(commit, length):
    """HMAC pads short keys and hashes long ones, so that two salts could stand for one another."""
    with pytest.raises(ValueError, match="salt"):
        commit(bytes(length), b"part")


def test_one_part_does_not_pass_for_the_other():
    """The label keeps a `what` from being shown as a `who`, even under one salt."""
    assert commit_what(WHAT_SALT, _WHAT) != commit_who(WHAT_SALT, _WHAT)


def test_the_right_parts_open_a_leaf():
    """Nothing is wrong with what was committed to."""
    assert [] == opened(a_leaf())


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"what": None}, [OpeningFault.WHAT_MISSING]),
        ({"what_salt": None}, [OpeningFault.WHAT_MISSING]),
        ({"who": None, "who_salt": None}, [OpeningFault.WHO_MISSING]),
        ({"what": _WHAT.replace(b"true", b"false")}, [OpeningFault.WHAT_ALTERED]),
        ({"what": _WHAT + b" "}, [OpeningFault.WHAT_ALTERED]),
        ({"what_salt": WHO_SALT}, [OpeningFault.WHAT_ALTERED]),
        ({"what_salt": b""}, [OpeningFault.WHAT_ALTERED]),
        ({"who": _WHO.replace(b"CYS", b"DYS")}, [OpeningFault.WHO_ALTERED]),
        ({"what": _WHO, "who": _WHAT}, [OpeningFault.WHAT_ALTERED, OpeningFault.WHO_ALTERED]),
        ({"what": None, "who": b""}, [OpeningFault.WHAT_MISSING, OpeningFault.WHO_ALTERED]),
    ],
)
def test_another_opening_is_named(changes, faults):
    """What is missing and what was altered are told apart, part by part."""
    assert faults == opened(a_leaf(), **changes)


@given(st.integers(0), st.integers(0, 7))
def test_one_changed_bit_of_a_part_is_found(at, bit):
    """No edit of the content goes unseen."""
    altered = bytearray(_WHAT)
    altered[at % len(altered)] ^= 1 << bit

    assert [OpeningFault.WHAT_ALTERED] == opened(a_leaf(), what=bytes(altered))


def test_a_part_of_another_kind_is_found():
    """A leaf that calls itself something else than its content is wrong, although its commitments hold."""
    viewed = entry_what(EntryKind.RECORD_VIEWED, ENTRY, NOON, record=RECORD, via="cli")
    who = entry_who(ENTRY, None)

    assert [] == opened(a_leaf(viewed, who, EntryKind.RECORD_VIEWED), what=viewed, who=who)
    assert [OpeningFault.OTHER_KIND] == opened(a_leaf(viewed, who, EntryKind.TOKEN_REVOKED), what=viewed, who=who)


def test_the_parts_of_two_entries_are_no_entry():
    """A decision is not moved to another person by pairing parts."""
    other = decision_who(record=ENTRY, subject=SUBJECT)

    assert [OpeningFault.OTHER_ENTRY] == opened(a_leaf(_WHAT, other), who=other)


@pytest.mark.parametrize("part", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"kind":"decision:recorded"}' * 2])
def test_a_part_without_meaning_opens_nothing(part):
    """Committed bytes that are no record are called wrong, not crashed on."""
    assert [OpeningFault.OTHER_KIND, OpeningFault.OTHER_ENTRY] == opened(a_leaf(part), what=part)


def test_a_part_with_two_meanings_opens_nothing():
    """A repeated member that two readers could understand differently counts as none."""
    doubled = _WHAT.replace(b'"site":', b'"site":"other","site":')

    assert [OpeningFault.OTHER_KIND, OpeningFault.OTHER_ENTRY] == opened(a_leaf(doubled), what=doubled)
    assert SITE.encode() in doubled
