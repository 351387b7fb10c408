"""The sequencer's statements: entries move from the queue into the tree inside the database (usecases.sequence)."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import Insert, ReturningInsert

from askfirst.core.errors import LedgerFault
from askfirst.core.tiles import tile_hashes
from askfirst.storage import tables as t
from askfirst.storage.upsert import upsert
from askfirst.usecases.altered_values import as_bytes, as_text
from askfirst.usecases.purpose_lists import answer_of, listed
from askfirst.usecases.rows import Head

HOUR_MS: Final = literal_column("3600000", BigInteger)
COUNTED = ("method", "language", "policy_number", "rule", "granted", "refused")


class SqlSequencerTransaction:
    """One move of entries from the queue into the tree (the `SequencerTransaction` of usecases.ports)."""

    def __init__(self, connection: Connection, log_id: int, head: Head) -> None:
        """Take a connection that holds the lock of the log's head."""
        self._connection = connection
        self._log_id = log_id
        self._head = head

    def head(self) -> Head:
        """Return the tree as it is."""
        return self._head

    def place(self, limit: int) -> list[bytes]:
        """Make leaves of at most `limit` pending entries, oldest id first, and return their hashes in order.

        Raises LedgerFault where the head was altered.
        """
        first = self._head.size
        position = (func.row_number().over(order_by=t.pending.c.entry_id) + (first - 1)).label("position")
        oldest = (
            select(t.pending.c.log_id, position, t.pending.c.entry_id, t.pending.c.leaf_hash)
            .where(t.pending.c.log_id == self._log_id)
            .order_by(t.pending.c.entry_id)
            .limit(limit)
        )
        new_leaves = (
            insert(t.leaf)
            .from_select(["log_id", "position", "entry_id", "leaf_hash"], oldest)
            .returning(t.leaf.c.position, t.leaf.c.leaf_hash)
        )
        try:
            placed = self._hashes(new_leaves)
        except IntegrityError:
            said = "A leaf stands where the head says that the next one goes; see what was altered with: "
            raise LedgerFault(said + "askfirst ledger verify") from None
        if placed:
            # Exactly those that became leaves: others may have been committed between the two statements.
            now_leaves = select(t.leaf.c.entry_id).where(self._placed(len(placed)))
            self._connection.execute(
                delete(t.pending).where(t.pending.c.log_id == self._log_id, t.pending.c.entry_id.in_(now_leaves))
            )
        return placed

    def _placed(self, count: int) -> ColumnElement[bool]:
        """Return which leaves were placed now."""
        # Both ends are said: what is open at one end PostgreSQL takes for a third of a table that it has no statistics
        # of yet, and reads all of it.
        leaf, first = t.leaf.c, self._head.size
        return (leaf.log_id == self._log_id) & (leaf.position >= first) & (leaf.position < first + count)

    def _hashes(self, new_leaves: ReturningInsert[tuple[int, bytes]]) -> list[bytes]:
        """Insert the leaves and return their hashes in order."""
        if self._connection.dialect.name == "sqlite":
            placed = self._connection.execute(new_leaves).all()
            return [leaf_hash for _, leaf_hash in sorted((row.position, row.leaf_hash) for row in placed)]
        # As one value: a row for each would take longer than all that is done with it.
        leaves = new_leaves.cte("leaves")
        order = aggregate_order_by(literal(b""), leaves.c.position)
        joined = self._connection.execute(select(func.string_agg(leaves.c.leaf_hash, order))).scalar_one()
        return [] if joined is None else tile_hashes(as_bytes(joined))

    def read_tile(self, level: int, position: int) -> bytes:
        """Return a tile's hashes; empty where there is none."""
        return read_tile(self._connection, self._log_id, level, position)

    def write(self, tiles: dict[tuple[int, int], bytes], head: Head, now: int) -> None:
        """Store the tiles that changed, the rollups of what was placed, and the new head."""
        self._connection.execute(
            _changed_tiles(self._connection.dialect.name),
            [
                {"log_id": self._log_id, "level": level, "position": position, "hashes": hashes}
                for (level, position), hashes in tiles.items()
            ],
        )
        self._count(head)
        self._connection.execute(
            update(t.head)
            .where(t.head.c.log_id == self._log_id)
            .values(size=head.size, root=head.root, sequenced_at=now)
        )

    def _count(self, head: Head) -> None:
        counted: Counter[tuple[str, int, str, str]] = Counter()
        # Most decisions of one moment are alike: the database counts those, and Python what is left.
        hour = (t.record.c.server_time // HOUR_MS).label("hour")
        alike = (t.record.c.site_key, hour, *(t.record.c[name] for name in COUNTED))
        of_leaf = (t.record.c.log_id == t.leaf.c.log_id) & (t.record.c.record_id == t.leaf.c.entry_id)
        rows = self._connection.execute(
            select(*alike, func.count().label("decisions"))
            .join_from(t.leaf, t.record, of_leaf)
            .where(self._placed(head.size - self._head.size))
            .group_by(*alike)
        )
        for row in rows:
            for dimension, value in dimensions(row):
                counted[row.site_key, row.hour, dimension, value] += row.decisions
        if not counted:
            return
        self._connection.execute(
            more_decisions(self._connection.dialect.name),
            [
                {
                    "log_id": self._log_id,
                    "site_key": site_key,
                    "hour": hour,
                    "dimension": dimension,
                    "value": value,
                    "count": count,
                }
                for (site_key, hour, dimension, value), count in sorted(counted.items())
            ],
        )


# To make these two takes longer than to run them, and a busy log is sequenced five times a second.
@cache
def _changed_tiles(dialect: str) -> Insert:
    changed = upsert(dialect, t.tile)
    return changed.on_conflict_do_update(
        index_elements=list(t.tile.primary_key), set_={"hashes": changed.excluded.hashes}
    )


@cache
def more_decisions(dialect: str) -> Insert:
    """Return the statement that adds to the rollups."""
    more = upsert(dialect, t.rollup)
    return more.on_conflict_do_update(
        index_elements=list(t.rollup.primary_key), set_={"count": t.rollup.c.count + more.excluded.count}
    )


def read_tile(connection: Connection, log_id: int, level: int, position: int) -> bytes:
    """Return a tile's hashes; empty where there is none."""
    found = connection.execute(
        select(t.tile.c.hashes).where(t.tile.c.log_id == log_id, t.tile.c.level == level, t.tile.c.position == position)
    ).scalar_one_or_none()
    return b"" if found is None else as_bytes(found)


def dimensions(row: Any) -> Iterator[tuple[str, str]]:
    """Return each (dimension, value) that a decision of this row counts for."""
    yield "method", row.method
    yield "language", row.language
    yield "policy", str(row.policy_number)
    yield "rule", row.rule
    yield "answer", answer_of(as_text(row.granted), as_text(row.refused))
    for dimension, purposes in (("granted", row.granted), ("refused", row.refused)):
        for purpose in listed(as_text(purposes)):
            yield dimension, purpose
