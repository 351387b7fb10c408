"""The ledger's tree and entries cut into files that never change once they are full (C2SP tlog-tiles)."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from askfirst.core.errors import MalformedTile, MissingTile
from askfirst.core.tree import HASH_BYTES, HashReader, root

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
MAX_ENTRY_BYTES: Final = 0xFFFF
ENTRIES: Final = "entries"
_MAX_LEVEL: Final = 63

# read(level, index) returns a tile's hashes, one after the other: all 256, or as many as there are.
TileReader = Callable[[int, int], bytes]

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(x[0-9]{3}/)*[0-9]{3})(\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class TileAddress:
    """One tile or entry bundle: its level (or `entries`), its index there, and how many hashes or entries it holds."""

    level: int | Literal["entries"]
    index: int
    width: int = TILE_WIDTH


class LevelTiles(NamedTuple):
    """The tiles of one level: how many are full, and how wide the last, partial one is (0: there is none)."""

    level: int
    full: int
    partial_width: int


def tile_path(address: TileAddress) -> str:
    """Return where a tile is served below the log: `tile/0/x001/x234/067`, with `.p/<width>` for a partial one."""
    partial = "" if address.width == TILE_WIDTH else f".p/{address.width}"
    return f"tile/{address.level}/{index_path(address.index)}{partial}"


def index_path(index: int) -> str:
    """Return an index as path elements of three digits, all but the last beginning with `x`."""
    elements = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        elements.append(f"x{index % 1000:03d}")
    return "/".join(reversed(elements))


def parse_tile_path(path: str) -> TileAddress:
    """Return the tile that a path names; MalformedTile for any other text, also for a second spelling of one."""
    found = _PATH.fullmatch(path) if len(path) <= 64 and path.isascii() else None
    if found is None:
        raise MalformedTile("This path names no tile.")
    level: int | Literal["entries"] = ENTRIES if found["level"] == ENTRIES else int(found["level"])
    index = int(found["index"].replace("x", "").replace("/", ""))
    address = TileAddress(level, index, int(found["width"] or TILE_WIDTH))
    if (level != ENTRIES and level > _MAX_LEVEL) or address.width > TILE_WIDTH or tile_path(address) != path:
        raise MalformedTile("This path names no tile, or not in the one way to write it.")
    return address


def tiles_of_size(size: int) -> list[LevelTiles]:
    """Return the tiles of each level, from 0, that a tree of this size has."""
    levels: list[LevelTiles] = []
    while size:
        levels.append(LevelTiles(len(levels), size // TILE_WIDTH, size % TILE_WIDTH))
        size //= TILE_WIDTH
    return levels


def tile_width(size: int, level: int, index: int) -> int:
    """Return how many hashes a tile has in a tree of this size: 0 if there is no such tile yet."""
    return max(0, min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH))


def tile_hashes(data: bytes) -> list[bytes]:
    """Return the hashes in a tile."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def hash_reader(size: int, read_tile: TileReader) -> HashReader:
    """Return a reader of the subtree hashes of a tree of this size, for the proofs, made of a reader of its tiles.

    Each tile is read once. The reader raises MissingTile for one that is not as long as the tree says, and ValueError
    for a subtree that the tree does not have.
    """
    tiles: dict[tuple[int, int], bytes] = {}

    def tile(level: int, index: int) -> bytes:
        width = tile_width(size, level, index)
        if (level, index) not in tiles:
            data = read_tile(level, index)
            # A tile may have grown since; its beginning is what this tree has of it.
            if len(data) % HASH_BYTES or len(data) < width * HASH_BYTES:
                raise MissingTile(level, index)
            tiles[level, index] = data[: width * HASH_BYTES]
        return tiles[level, index]

    def read(level: int, index: int) -> bytes:
        if (index + 1) << level > size:
            raise ValueError(f"a tree of size {size} has no subtree {index} of level {level}")
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height  # the subtree's first hash among all of the tile's level
        data = tile(tile_level, first // TILE_WIDTH)
        at = first % TILE_WIDTH * HASH_BYTES
        return root(tile_hashes(data[at : at + (HASH_BYTES << height)]))

    return read


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries one after the other, each after its length as 2 bytes, big-endian.

    Raises ValueError for more than 256 entries, or one above 65,535 bytes.
    """
    if len(entries) > TILE_WIDTH or any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise ValueError("a bundle has at most 256 entries of at most 65,535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def split_bundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle; MalformedTile if it ends within one, or has more than 256."""
    entries = list(_entries(data))
    if len(entries) > TILE_WIDTH:
        raise MalformedTile(f"An entry bundle has at most {TILE_WIDTH} entries.")
    return entries


def _entries(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise MalformedTile("The entry bundle ends within an entry.")
        yield data[start:at]
