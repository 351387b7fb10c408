"""The files of a log in the C2SP tlog-tiles layout, as far as a signed checkpoint covers them."""

from collections.abc import Iterator

from askfirst.core.errors import LedgerFault, NotFound
from askfirst.core.tiles import (
    ENTRIES,
    TILE_WIDTH,
    TileAddress,
    entry_bundle,
    tile_width,
    tiles_of_size,
)
from askfirst.core.tree import HASH_BYTES
from askfirst.usecases.ports import Ledger


def read_file(ledger: Ledger, log_id: int, address: TileAddress, size: int) -> bytes:
    """Return a tile's hashes, or an entry bundle, of the log's first `size` entries.

    Raises NotFound for what these do not have yet, LedgerFault for what was altered or is missing.
    """
    level = 0 if address.level == ENTRIES else int(address.level)
    if address.width > tile_width(size, level, address.index):
        raise NotFound("The log does not have this tile yet.")
    if address.level == ENTRIES:
        leaves = ledger.leaves(log_id, address.index * TILE_WIDTH, address.width)
        if len(leaves) != address.width:
            raise LedgerFault(f"Entries of bundle {address.index} are missing; see: askfirst ledger verify")
        return entry_bundle(leaves)
    data = ledger.read_tile(log_id, level, address.index)[: address.width * HASH_BYTES]
    if len(data) != address.width * HASH_BYTES:
        raise LedgerFault(f"Tile {address.index} of level {level} is too short; see: askfirst ledger verify")
    return data


def all_files(size: int) -> Iterator[TileAddress]:
    """Return every tile and entry bundle that a log of this size has, level by level."""
    levels = tiles_of_size(size)
    for tiles in levels:
        for name in (ENTRIES, 0) if tiles.level == 0 else (tiles.level,):
            for index in range(tiles.full):
                yield TileAddress(name, index)
            if tiles.partial_width:
                yield TileAddress(name, tiles.full, tiles.partial_width)
