"""Appending to the right edge gives the same tree, and the same tiles, however it is cut into batches."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.core.errors import MissingTile
from askfirst.core.frontier import Frontier, grow, read_frontier
from askfirst.core.tiles import tiles_of_size
from askfirst.core.tree import EMPTY_ROOT, leaf_hash, root
from core.logs import MemoryLog, a_log, entry
from core.test_tree import MERKLE

TWO_LEVELS = 256 * 256 + 256 + 3


@settings(max_examples=30)
@given(st.lists(st.integers(0, 300), max_size=6))
def test_batches_give_the_same_tree(batches):
    """The root is that over all leaves, whatever came together; each full tile comes once (the log checks it)."""
    log = MemoryLog()
    for batch in batches:
        log.append([entry(len(log.entries) + number) for number in range(batch)])
        assert root(map(leaf_hash, log.entries)) == log.frontier.root
        assert log.frontier == read_frontier(len(log.entries), log.read_tile)

    assert a_log(sum(batches)).tiles == log.tiles


def test_a_tree_of_three_levels_has_the_tiles_of_the_layout():
    """Above 65,536 leaves there is a third level; each level's tiles are as many and as wide as the layout says."""
    log = a_log(TWO_LEVELS)
    found = {}
    for (level, index), data in log.tiles.items():
        found.setdefault(level, {})[index] = len(data) // 32

    expected = {
        level: dict.fromkeys(range(full), 256) | ({full: width} if width else {})
        for level, full, width in tiles_of_size(TWO_LEVELS)
    }
    assert expected == found
    assert root(map(leaf_hash, log.entries)) == log.frontier.root
    assert log.frontier == read_frontier(TWO_LEVELS, log.read_tile)


def test_each_full_tile_is_given_once():
    """What is full is handed out in the batch that filled it, and never again."""
    first = grow(Frontier(), [leaf_hash(entry(number)) for number in range(256)])
    second = grow(first.frontier, [leaf_hash(entry(number)) for number in range(256, 600)])

    assert [(0, 0)] == [(tile.address.level, tile.address.index) for tile in first.full_tiles]
    assert [(0, 1)] == [(tile.address.level, tile.address.index) for tile in second.full_tiles]
    assert [(0, 2, 88), (1, 0, 2)] == [
        (tile.address.level, tile.address.index, tile.address.width) for tile in second.frontier.partial_tiles()
    ]


def test_an_empty_tree_has_the_empty_root():
    """Nothing hashes to the hash of nothing."""
    assert EMPTY_ROOT == Frontier().root == read_frontier(0, lambda level, index: b"").root


def test_the_real_log_of_another_project_comes_out_the_same():
    """The 15 entries of tessera's test log give its tile and its roots."""
    log = MERKLE["tlog_tiles_log"]
    frontier = grow(Frontier(), [leaf_hash(text.encode()) for text in log["entries"]]).frontier

    assert bytes.fromhex(log["tile_0_000_p15_hex"]) == frontier.partial_tiles()[0].data


@pytest.mark.parametrize("size", [1, 255, 257, 600])
def test_a_tile_that_is_too_short_is_missed(size):
    """A frontier is never read from a tile that lacks leaves."""
    log = a_log(size)
    with pytest.raises(MissingTile) as fault:
        read_frontier(size, lambda level, index: log.read_tile(level, index)[:-1])
    assert 0 == fault.value.level


def test_a_leaf_hash_of_another_length_is_refused():
    """A tile of crooked hashes could never be mended."""
    with pytest.raises(ValueError, match="32 bytes"):
        grow(Frontier(), [b"short"])
