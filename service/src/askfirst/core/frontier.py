"""The right edge of the ledger's tree: all that is needed to append to it, however long it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from askfirst.core.errors import MissingTile
from askfirst.core.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    TileAddress,
    TileReader,
    hash_reader,
    tiles_of_size,
)
from askfirst.core.tree import HASH_BYTES, node_hash, peak_sizes, peaks_root


class Tile(NamedTuple):
    """A tile and its bytes."""

    address: TileAddress
    data: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree of `size` leaves, known by the hashes of its complete subtrees (`peaks`, from left to right) and by the
    partial tile of each level (`edge`, from level 0, empty where the level ends with a full one).
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()
    edge: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The tree's root, at the cost of one hash for each peak."""
        return peaks_root(self.peaks)

    def partial_tiles(self) -> list[Tile]:
        """Return the tiles that are begun and not full."""
        return [
            Tile(TileAddress(level, self.size >> TILE_HEIGHT * (level + 1), len(data) // HASH_BYTES), data)
            for level, data in enumerate(self.edge)
            if data
        ]


class Growth(NamedTuple):
    """What came of appending: the new frontier, and the tiles that became full, each once."""

    frontier: Frontier
    full_tiles: list[Tile]


def grow(frontier: Frontier, leaf_hashes: Iterable[bytes]) -> Growth:
    """Append leaves, by their 32-byte hashes, in order; about two hashes of work for each."""
    size, peaks, edge = frontier.size, list(frontier.peaks), [bytearray(data) for data in frontier.edge]
    full: list[Tile] = []
    for leaf in leaf_hashes:
        if len(leaf) != HASH_BYTES:
            raise ValueError("a leaf hash has 32 bytes")
        found, height = leaf, 0
        _place(found, 0, size, edge, full)
        # As in counting: each 1 at the end of the size is a peak that the new one joins with.
        while size >> height & 1:
            found = node_hash(peaks.pop(), found)
            height += 1
            if height % TILE_HEIGHT == 0:
                _place(found, height // TILE_HEIGHT, size >> height, edge, full)
        peaks.append(found)
        size += 1
    return Growth(Frontier(size, tuple(peaks), tuple(map(bytes, edge))), full)


def read_frontier(size: int, read_tile: TileReader) -> Frontier:
    """Return the frontier of a stored tree of this size; MissingTile if a tile of its edge is too short."""
    edge = []
    for level, full, width in tiles_of_size(size):
        data = read_tile(level, full) if width else b""
        if len(data) < width * HASH_BYTES:
            raise MissingTile(level, full)
        edge.append(data[: width * HASH_BYTES])
    read = hash_reader(size, lambda level, _index: edge[level])
    peaks, start = [], 0
    for width in peak_sizes(size):
        peaks.append(read(width.bit_length() - 1, start // width))
        start += width
    return Frontier(size, tuple(peaks), tuple(edge))


def _place(found: bytes, level: int, index: int, edge: list[bytearray], full: list[Tile]) -> None:
    if level == len(edge):
        edge.append(bytearray())
    edge[level] += found
    if len(edge[level]) == TILE_WIDTH * HASH_BYTES:
        full.append(Tile(TileAddress(level, index // TILE_WIDTH), bytes(edge[level])))
        edge[level].clear()
