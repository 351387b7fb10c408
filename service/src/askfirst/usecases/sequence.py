"""Give committed entries their place in the tree: one transaction a step, under the lock of the log's head."""

from askfirst.core.errors import LedgerFault
from askfirst.core.frontier import grow, read_frontier
from askfirst.usecases.ports import Clock, Ledger
from askfirst.usecases.rows import Head

LIMIT = 8192


def sequence(ledger: Ledger, log_id: int, *, clock: Clock, limit: int = LIMIT) -> int:
    """Move at most `limit` entries from the queue into the tree and return how many; 0 where another node is at it.

    Nothing is signed here: a head that was signed and then rolled back would be a fork. Raises LedgerFault where the
    tree can not be continued; then what waits is kept.
    """
    with ledger.sequencing(log_id) as transaction:
        if transaction is None:
            return 0
        size = transaction.head().size
        if size < 0:
            raise LedgerFault("The head's size is no size; see what else was altered with: askfirst ledger verify")
        placed = transaction.place(limit)
        if not placed:
            return 0
        frontier, full = grow(read_frontier(size, transaction.read_tile), placed)
        tiles = {
            (int(tile.address.level), tile.address.index): tile.data for tile in (*full, *frontier.partial_tiles())
        }
        transaction.write(tiles, Head(frontier.size, frontier.root), clock())
        return len(placed)


def sequence_all(ledger: Ledger, log_id: int, *, clock: Clock) -> int:
    """Sequence until nothing waits and return how many entries were moved."""
    moved = 0
    while step := sequence(ledger, log_id, clock=clock):
        moved += step
    return moved
