"""The tree hash and its proofs, against published vectors and against the definition."""

import json
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.core.tiles import hash_reader
from askfirst.core.tree import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    peak_sizes,
    root,
)
from askfirst.core.tree_proofs import verify_consistency, verify_inclusion
from core import reference_tree
from core.logs import a_log, entry
from core.make_vectors import FOLDER

MERKLE: dict[str, Any] = json.loads((FOLDER / "merkle.json").read_bytes())
LARGEST = 600
LOG = a_log(LARGEST)
SIZES = st.integers(1, LARGEST)


def _hashes(texts: list[str] | None) -> list[bytes]:
    return [b64decode(text) for text in texts or []]


def _hash(text: str | None) -> bytes:
    return b64decode(text or "")


def test_the_hashes_are_the_published_ones():
    """Leaves, nodes and the empty tree hash as in transparency-dev/merkle."""
    empty, nothing, letters, node = [bytes.fromhex(case["hex"]) for case in MERKLE["rfc6962_hash"]["cases"]]

    assert [empty, nothing, letters, node] == [
        EMPTY_ROOT,
        leaf_hash(b""),
        leaf_hash(b"L123456"),
        node_hash(b"N123", b"N456"),
    ]


def test_the_roots_are_the_published_ones():
    """Every size of the published tree has its root, and every complete subtree its hash."""
    tree = MERKLE["rfc6962_tree"]
    leaves = [leaf_hash(bytes.fromhex(text)) for text in tree["leaf_inputs_hex"]]

    assert tree["roots_by_size"] == [root(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    assert tree["complete_subtree_hashes_by_level"] == [
        [root(leaves[at : at + (1 << level)]).hex() for at in range(0, len(leaves), 1 << level)] for level in range(4)
    ]


@pytest.mark.parametrize("case", MERKLE["inclusion"]["cases"], ids=lambda case: case["case"])
def test_the_published_inclusion_proofs_hold_or_fail(case):
    """All 98 published cases, the wrong ones too."""
    holds = verify_inclusion(
        case["leafIdx"], case["treeSize"], _hash(case["leafHash"]), _hashes(case["proof"]), _hash(case["root"])
    )

    assert (not case["wantErr"]) == holds


@pytest.mark.parametrize("case", MERKLE["consistency"]["cases"], ids=lambda case: case["case"])
def test_the_published_consistency_proofs_hold_or_fail(case):
    """All 98 published cases, the wrong ones too."""
    holds = verify_consistency(
        case["size1"], case["size2"], _hash(case["root1"]), _hash(case["root2"]), _hashes(case["proof"])
    )

    assert (not case["wantErr"]) == holds


def test_the_published_proofs_are_all_there():
    """No case was lost on the way here."""
    assert (98, 98) == (len(MERKLE["inclusion"]["cases"]), len(MERKLE["consistency"]["cases"]))


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_root_is_that_of_the_definition(entries):
    """The loop and the recursion agree."""
    assert reference_tree.mth(entries) == root(map(leaf_hash, entries))


@settings(max_examples=60)
@given(st.data(), SIZES)
def test_inclusion_proofs_are_those_of_the_definition(data, size):
    """A proof made of tiles is the one that the RFC's recursion gives, and it holds."""
    index = data.draw(st.integers(0, size - 1))
    entries = LOG.entries[:size]
    proof = inclusion_proof(index, size, hash_reader(size, LOG.read_tile))

    assert reference_tree.path(index, entries) == proof
    assert verify_inclusion(index, size, leaf_hash(entries[index]), proof, reference_tree.mth(entries))


@settings(max_examples=60)
@given(st.data(), SIZES)
def test_consistency_proofs_are_those_of_the_definition(data, size2):
    """A proof made of tiles is the one that the RFC's recursion gives, and it holds."""
    size1 = data.draw(st.integers(1, size2))
    proof = consistency_proof(size1, size2, hash_reader(size2, LOG.read_tile))
    roots = reference_tree.mth(LOG.entries[:size1]), reference_tree.mth(LOG.entries[:size2])

    assert reference_tree.proof(size1, LOG.entries[:size2]) == proof
    assert verify_consistency(size1, size2, *roots, proof)


def test_every_proof_of_small_trees_is_that_of_the_definition():
    """No shape of a tree up to 40 leaves is left to chance."""
    for size in range(1, 41):
        read = hash_reader(size, LOG.read_tile)
        entries = LOG.entries[:size]
        for index in range(size):
            assert reference_tree.path(index, entries) == inclusion_proof(index, size, read)
            assert reference_tree.proof(index + 1, entries) == consistency_proof(index + 1, size, read)


def _flipped(hashes: list[bytes], bit: int) -> list[bytes]:
    joined = bytearray(b"".join(hashes))
    joined[bit // 8] ^= 1 << bit % 8
    return [bytes(joined[at : at + 32]) for at in range(0, len(joined), 32)]


@given(st.data(), st.integers(2, LARGEST))
def test_an_inclusion_proof_with_one_bit_changed_fails(data, size):
    """Neither the leaf, nor the path, nor the root can be touched."""
    index = data.draw(st.integers(0, size - 1))
    read = hash_reader(size, LOG.read_tile)
    hashes = [leaf_hash(entry(index)), root(map(leaf_hash, LOG.entries[:size])), *inclusion_proof(index, size, read)]
    leaf, top, *proof = _flipped(hashes, data.draw(st.integers(0, 256 * len(hashes) - 1)))

    assert not verify_inclusion(index, size, leaf, proof, top)


@given(st.data(), st.integers(2, LARGEST))
def test_a_consistency_proof_with_one_bit_changed_fails(data, size2):
    """Neither root, nor the path, can be touched."""
    size1 = data.draw(st.integers(1, size2))
    proof = consistency_proof(size1, size2, hash_reader(size2, LOG.read_tile))
    roots = [root(map(leaf_hash, LOG.entries[:size])) for size in (size1, size2)]
    hashes = [*roots, *proof]
    root1, root2, *path = _flipped(hashes, data.draw(st.integers(0, 256 * len(hashes) - 1)))

    assert not verify_consistency(size1, size2, root1, root2, path)


@given(st.data(), SIZES)
def test_a_longer_or_shorter_proof_fails(data, size):
    """A hash too many or too few is not overlooked."""
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, hash_reader(size, LOG.read_tile))
    top, leaf = root(map(leaf_hash, LOG.entries[:size])), leaf_hash(entry(index))

    assert not verify_inclusion(index, size, leaf, [*proof, proof[-1] if proof else top], top)
    assert not proof or not verify_inclusion(index, size, leaf, proof[:-1], top)
    assert not verify_consistency(size, size, top, top, [top])


@given(st.data(), st.integers(2, LARGEST))
def test_a_proof_for_one_place_does_not_prove_another(data, size):
    """An entry can not be shown to stand where another stands."""
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    proof = inclusion_proof(index, size, hash_reader(size, LOG.read_tile))

    assert not verify_inclusion(other, size, leaf_hash(entry(index)), proof, root(map(leaf_hash, LOG.entries[:size])))


@given(st.integers(), st.integers(), st.binary(max_size=40), st.lists(st.binary(max_size=40), max_size=5))
def test_nonsense_is_no_proof(number, other, data, proof):
    """Sizes below zero and hashes of other lengths are refused, not crashed on."""
    assert not verify_inclusion(number, other, data, proof, data) or (number, other, proof) == (0, 1, [])
    assert not verify_consistency(number, other, data, data, proof) or (number == other and not proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index, size):
    """A wrong index is the caller's mistake and is said."""
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, hash_reader(size, LOG.read_tile))


@pytest.mark.parametrize(("size1", "size2"), [(0, 3), (4, 3), (-1, 3)])
def test_there_is_no_consistency_proof_from_nothing_or_backwards(size1, size2):
    """An empty tree is a beginning of each: callers say so before asking."""
    with pytest.raises(ValueError, match="no consistency proof"):
        consistency_proof(size1, size2, hash_reader(size2, LOG.read_tile))


@given(st.integers(0, 2**63 - 1))
def test_the_peaks_are_the_binary_digits(size):
    """The complete subtrees make up the tree, each smaller than the one before."""
    sizes = peak_sizes(size)

    assert size == sum(sizes)
    assert sorted(set(sizes), reverse=True) == sizes
    assert all(each & (each - 1) == 0 for each in sizes)
