"""Small logs kept in memory, with their tiles."""

from dataclasses import dataclass, field

from askfirst.core.frontier import Frontier, grow
from askfirst.core.tree import leaf_hash


@dataclass
class MemoryLog:
    """A log that keeps its entries and the tiles that appending gave; it checks that no full tile ever changes."""

    entries: list[bytes] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def append(self, entries: list[bytes]) -> None:
        """Append entries in one go."""
        self.entries += entries
        self.frontier, full = grow(self.frontier, map(leaf_hash, entries))
        for tile in [*full, *self.frontier.partial_tiles()]:
            at = (int(tile.address.level), tile.address.index)
            assert len(tile.data) == tile.address.width * 32
            assert tile.data.startswith(self.tiles.get(at, b""))
            self.tiles[at] = tile.data

    def read_tile(self, level: int, index: int) -> bytes:
        """Return a tile, empty where there is none."""
        return self.tiles.get((level, index), b"")


def entry(number: int) -> bytes:
    """Return the bytes of an entry."""
    return b"entry %d" % number


def a_log(size: int) -> MemoryLog:
    """Return a log of this size."""
    log = MemoryLog()
    log.append([entry(number) for number in range(size)])
    return log
