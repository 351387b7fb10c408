"""Paths, widths and bundles of C2SP tlog-tiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.errors import MalformedTile, MissingTile
from askfirst.core.tiles import (
    ENTRIES,
    TileAddress,
    entry_bundle,
    hash_reader,
    index_path,
    parse_tile_path,
    split_bundle,
    tile_path,
    tile_width,
    tiles_of_size,
)
from askfirst.core.tree import leaf_hash, root
from core.logs import a_log
from core.test_tree import MERKLE

_ADDRESSES = st.builds(TileAddress, st.just(ENTRIES) | st.integers(0, 63), st.integers(0, 2**55), st.integers(1, 256))


def test_the_paths_are_those_of_the_specification():
    """The specification's own example."""
    for index, path in MERKLE["tlog_tiles_layout"]["path_of_index"].items():
        assert path == index_path(int(index))


def test_the_tiles_of_a_size_are_those_of_the_specification():
    """The specification's own two examples."""
    for size, levels in MERKLE["tlog_tiles_layout"]["tiles_of_size"].items():
        expected = [(int(name[-1]), level["full"], level["partial_width"]) for name, level in levels.items()]
        assert expected == [tuple(level) for level in tiles_of_size(int(size))]


@given(_ADDRESSES)
def test_a_path_leads_back(address):
    """What is written is read."""
    assert address == parse_tile_path(tile_path(address))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/",
        "tile/0/1",
        "tile/0/0001",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/x000/001",
        "tile/0/x01/001",
        "tile/0/001/x001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p/999",
        "tile/0/001.p",
        "tile/0/001/",
        "tile/0/../001",
        "/tile/0/001",
        "tile/0/001\n",
        "tile/0/٠٠١",
        "tile/Entries/001",
        "tile/0/" + "x001/" * 30 + "001",
    ],
)
def test_another_spelling_names_no_tile(path):
    """A tile has one address, and nothing else leads anywhere."""
    with pytest.raises(MalformedTile):
        parse_tile_path(path)


@given(st.text("tile/0123456789x.p-entris", max_size=30))
def test_arbitrary_text_names_no_tile_or_one_exactly(path):
    """Whatever is read is spelled as it would be written."""
    try:
        address = parse_tile_path(path)
    except MalformedTile:
        return
    assert path == tile_path(address)


@given(st.integers(0, 2**40))
def test_widths_agree_with_the_layout(size):
    """The width of a tile is that of its place in the layout, and nothing lies beyond."""
    for level, full, width in tiles_of_size(size):
        assert width == tile_width(size, level, full)
        assert 0 == tile_width(size, level, full + 1)
        assert 256 == (tile_width(size, level, full - 1) if full else 256)


@given(st.lists(st.binary(max_size=70), max_size=256))
def test_a_bundle_leads_back(entries):
    """What is written is read."""
    assert entries == split_bundle(entry_bundle(entries))


def test_the_real_bundle_of_another_project_is_read():
    """tessera's test log has its entries in its bundle."""
    log = MERKLE["tlog_tiles_log"]
    bundle = bytes.fromhex(log["entries_000_p15_hex"])

    assert [text.encode() for text in log["entries"]] == split_bundle(bundle)
    assert bundle == entry_bundle(split_bundle(bundle))


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=5), st.data())
def test_a_bundle_that_ends_within_an_entry_is_refused(entries, data):
    """A cut-off bundle is never read as a shorter one, unless it is cut between two entries."""
    bundle = entry_bundle(entries)
    cut = data.draw(st.integers(0, len(bundle) - 1))
    whole = {len(entry_bundle(entries[:count])): entries[:count] for count in range(len(entries))}
    if cut in whole:
        assert whole[cut] == split_bundle(bundle[:cut])
    else:
        with pytest.raises(MalformedTile):
            split_bundle(bundle[:cut])


def test_a_bundle_of_too_many_or_too_long_entries_is_refused():
    """256 entries of 65,535 bytes are the most."""
    assert [b""] * 256 == split_bundle(entry_bundle([b""] * 256))
    with pytest.raises(MalformedTile):
        split_bundle(bytes(2 * 257))
    with pytest.raises(ValueError, match="256 entries"):
        entry_bundle([b""] * 257)
    with pytest.raises(ValueError, match="65,535"):
        entry_bundle([bytes(65_536)])


def test_subtrees_are_read_from_tiles_once():
    """Hashes between two tile levels are made from the tile below, and each tile is asked for once."""
    log = a_log(600)
    asked: list[tuple[int, int]] = []

    def read_tile(level: int, index: int) -> bytes:
        asked.append((level, index))
        return log.read_tile(level, index)

    read = hash_reader(600, read_tile)
    for level in range(10):
        for index in range(600 >> level):
            leaves = log.entries[index << level : (index + 1) << level]
            assert root(map(leaf_hash, leaves)) == read(level, index)
    assert [(0, 0), (0, 1), (0, 2), (1, 0)] == asked


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(88 * 32 - 1), bytes(87 * 32)])
def test_a_tile_that_is_too_short_is_missed(data):
    """A proof is never made from a tile that lacks leaves."""
    with pytest.raises(MissingTile) as fault:
        hash_reader(600, lambda level, index: data)(0, 599)
    assert (0, 2) == (fault.value.level, fault.value.index)


def test_a_tile_that_has_grown_still_serves_an_older_tree():
    """Leaves that came later are not part of the older tree."""
    log = a_log(300)
    read = hash_reader(290, log.read_tile)

    assert leaf_hash(log.entries[289]) == read(0, 289)
    with pytest.raises(ValueError, match="no subtree"):
        read(0, 290)
