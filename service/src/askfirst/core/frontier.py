"""The right edge of the ledger's tree: all that is needed to append to it, however long it is."""

from collections.abc import Iterable, Sequence
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
from askfirst.core.tree import HASH_BYTES, parents, peak_sizes, peaks_root


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
    row = list(leaf_hashes)
    size = frontier.size
    grown = size + len(row)
    if any(len(leaf) != HASH_BYTES for leaf in row):
        raise ValueError("a leaf hash has 32 bytes")
    left, edge, full = list(frontier.peaks), list(frontier.edge), list[Tile]()
    peaks: list[bytes] = []
    # From the leaves upwards, a whole row at a time: the new nodes of one height, after the peak that waits there.
    height = 0
    while row or left:
        level, within = divmod(height, TILE_HEIGHT)
        if row and not within:
            _place(row, level, size >> height, edge, full)
        if size >> height & 1:
            row.insert(0, left.pop())
        if len(row) % 2:
            peaks.append(row.pop())
        row = parents(row)
        height += 1
    return Growth(Frontier(grown, tuple(reversed(peaks)), tuple(edge)), full)


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


def _place(row: Sequence[bytes], level: int, first: int, edge: list[bytes], full: list[Tile]) -> None:
    """Put new nodes behind the level's partial tile; `first` is the index of the first of them in its level."""
    if level == len(edge):
        edge.append(b"")
    data = edge[level] + b"".join(row)
    index, width = first // TILE_WIDTH, TILE_WIDTH * HASH_BYTES
    whole = len(data) // width
    full += [Tile(TileAddress(level, index + n), data[n * width : (n + 1) * width]) for n in range(whole)]
    edge[level] = data[whole * width :]
