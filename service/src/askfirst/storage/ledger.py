"""The tree's tables: queue, leaves, tiles, head and checkpoints (the `Ledger` of usecases.ports)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, null, select

from askfirst.core.kinds import DECISIONS
from askfirst.core.tree import EMPTY_ROOT
from askfirst.storage import tables as t
from askfirst.storage.catalogue import read_snapshot
from askfirst.storage.counts import read_counts, tables_of_nobody
from askfirst.storage.engine import one_moment
from askfirst.storage.read_back import RECORD_COLUMNS, as_deed, as_record, as_stored, as_tombstone
from askfirst.storage.registers import read_registers
from askfirst.storage.scan import read_scanned, scan_rows
from askfirst.storage.sequencer import SqlSequencerTransaction, read_tile
from askfirst.storage.tallies import read_tallies
from askfirst.storage.upsert import upsert
from askfirst.usecases.altered_values import as_bytes, as_number, as_text
from askfirst.usecases.ports import ScannedRow
from askfirst.usecases.rows import Checkpoint, Deed, Head, Moment, Record, StoredEntry, Tombstone

_OPENING = [column for column in t.entry.columns if column.name not in ("log_id", "entry_id")]


_PAGE = 500  # ids in one IN list: below every driver's limit on parameters


class SqlLedger:
    """The ledger in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    @contextmanager
    def sequencing(self, log_id: int) -> Iterator[SqlSequencerTransaction | None]:
        """Begin to sequence, or give None where another node is doing so."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            # On SQLite the IMMEDIATE transaction is the lock; on PostgreSQL it is the head's row.
            lock = select(t.head).where(t.head.c.log_id == log_id).with_for_update(skip_locked=True)
            row = connection.execute(lock).first()
            if row is None:
                yield None
                return
            yield SqlSequencerTransaction(connection, log_id, Head(as_number(row.size), as_bytes(row.root)))

    def head(self, log_id: int) -> Head:
        """Return the sequenced tree's size and root."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.head).where(t.head.c.log_id == log_id)).first()
        # Every log has its row: where somebody took it away, all that was signed for is missing.
        return Head(0, EMPTY_ROOT) if row is None else Head(as_number(row.size), as_bytes(row.root))

    def waiting(self, log_id: int) -> int:
        """Return how many entries are committed but not sequenced."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).where(t.pending.c.log_id == log_id)).scalar_one()

    def read_tile(self, log_id: int, level: int, position: int) -> bytes:
        """Return a tile's hashes; empty where there is none."""
        with self._engine.connect() as connection:
            return read_tile(connection, log_id, level, position)

    def last_checkpoint(self, log_id: int) -> Checkpoint | None:
        """Return the newest signed checkpoint."""
        query = (
            select(t.checkpoint).where(t.checkpoint.c.log_id == log_id).order_by(t.checkpoint.c.size.desc()).limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else _checkpoint(row)

    def checkpoints(self, log_id: int) -> Iterator[Checkpoint]:
        """Return every signed checkpoint, smallest first."""
        query = select(t.checkpoint).where(t.checkpoint.c.log_id == log_id).order_by(t.checkpoint.c.size)
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                yield _checkpoint(row)

    @contextmanager
    def publishing(self, log_id: int) -> Iterator[bool]:
        """Begin to publish, or give False where another node is doing so."""
        # The organisation's row stands for the log; this strength of lock lets others go on referring to the row. On
        # SQLite there is one process, which publishes one step at a time.
        mine = (
            select(t.organisation.c.log_id)
            .where(t.organisation.c.log_id == log_id)
            .with_for_update(skip_locked=True, key_share=True)
        )
        with self._engine.begin() as connection:
            yield connection.execute(mine).first() is not None

    def add_checkpoint(self, log_id: int, checkpoint: Checkpoint) -> Checkpoint:
        """Store a signed checkpoint and return the one that is stored for its size: another node's, if it was first."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            connection.execute(
                upsert(connection.dialect.name, t.checkpoint)
                .values(
                    log_id=log_id,
                    size=checkpoint.size,
                    root=checkpoint.root,
                    note=checkpoint.note,
                    signed_at=checkpoint.signed_at,
                )
                .on_conflict_do_nothing()
            )
            stored = select(t.checkpoint).where(t.checkpoint.c.log_id == log_id, t.checkpoint.c.size == checkpoint.size)
            return _checkpoint(connection.execute(stored).one())

    def entries(self, log_id: int, first: int, limit: int) -> list[StoredEntry]:
        """Return sequenced entries by position."""
        query = (
            select(t.leaf.c.position, t.leaf.c.entry_id, t.leaf.c.leaf_hash, *_OPENING)
            .join_from(
                t.leaf,
                t.entry,
                (t.entry.c.log_id == t.leaf.c.log_id) & (t.entry.c.entry_id == t.leaf.c.entry_id),
                isouter=True,
            )
            .where(t.leaf.c.log_id == log_id, t.leaf.c.position >= first)
            .order_by(t.leaf.c.position)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [as_stored(*row) for row in connection.execute(query)]

    def scan(self, log_id: int, first: int, end: int) -> list[ScannedRow]:
        """Return what is held of the entries from position `first` up to but not including `end`, in order."""
        return scan_rows(self._engine, log_id, first, end)

    def scanned(self, row: ScannedRow) -> tuple[StoredEntry, Record | None]:
        """Return the entry and the record in a row of `scan`."""
        return read_scanned(row)

    def tiles(self, log_id: int, level: int, first: int, count: int) -> dict[int, bytes]:
        """Return the hashes of `count` tiles of a level from the index `first`, by index; missing ones are left out."""
        tile = t.tile.c
        query = select(tile.position, tile.hashes).where(
            tile.log_id == log_id, tile.level == level, tile.position >= first, tile.position < first + count
        )
        with self._engine.connect() as connection:
            return {row.position: as_bytes(row.hashes) for row in connection.execute(query)}

    def leaves(self, log_id: int, first: int, limit: int) -> list[bytes]:
        """Return the leaf bytes of the entries from position `first`; fewer where one is missing."""
        query = (
            select(t.leaf.c.position, t.entry.c.leaf)
            .join_from(
                t.leaf, t.entry, (t.entry.c.log_id == t.leaf.c.log_id) & (t.entry.c.entry_id == t.leaf.c.entry_id)
            )
            .where(t.leaf.c.log_id == log_id, t.leaf.c.position >= first, t.leaf.c.position < first + limit)
            .order_by(t.leaf.c.position)
        )
        with self._engine.connect() as connection:
            return [as_bytes(row.leaf) for row in connection.execute(query)]

    def entry(self, log_id: int, entry_id: bytes) -> StoredEntry | None:
        """Return one entry."""
        query = (
            select(t.leaf.c.position, t.entry.c.entry_id, t.leaf.c.leaf_hash, *_OPENING)
            .join_from(
                t.entry,
                t.leaf,
                (t.entry.c.log_id == t.leaf.c.log_id) & (t.entry.c.entry_id == t.leaf.c.entry_id),
                isouter=True,
            )
            .where(t.entry.c.log_id == log_id, t.entry.c.entry_id == entry_id)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else as_stored(*row)

    def of_kind(self, log_id: int, kind: str) -> list[StoredEntry]:
        """Return the entries of a kind that is no decision, oldest first, also those that wait for their place."""
        e, leaf = t.entry.c, t.leaf.c
        query = (
            select(leaf.position, e.entry_id, leaf.leaf_hash, *_OPENING)
            .join_from(t.deed, t.entry, (e.log_id == t.deed.c.log_id) & (e.entry_id == t.deed.c.entry_id))
            .join(t.leaf, (leaf.log_id == e.log_id) & (leaf.entry_id == e.entry_id), isouter=True)
            .where(t.deed.c.log_id == log_id, t.deed.c.kind == kind)
            # Ids go by the clock, which somebody may have set back.
            .order_by(leaf.position.is_(None), leaf.position, e.entry_id)
        )
        with self._engine.connect() as connection:
            return [as_stored(*row) for row in connection.execute(query)]

    def record_of(self, log_id: int, record_id: bytes) -> Record | None:
        """Return the projection of a decision."""
        query = select(*RECORD_COLUMNS).where(t.record.c.log_id == log_id, t.record.c.record_id == record_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else as_record(row)

    def records_of(self, log_id: int, record_ids: Sequence[bytes]) -> dict[bytes, Record]:
        """Return the projections of several decisions, by record id; those that have none are left out."""
        found: dict[bytes, Record] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(record_ids), _PAGE):
                some = record_ids[start : start + _PAGE]
                query = select(t.record.c.record_id, *RECORD_COLUMNS).where(
                    t.record.c.log_id == log_id, t.record.c.record_id.in_(some)
                )
                found.update((as_bytes(row.record_id), as_record(row)) for row in connection.execute(query))
        return found

    def deeds_of(self, log_id: int, entry_ids: Sequence[bytes]) -> dict[bytes, Deed]:
        """Return the projections of several entries that are no decisions, by id; those that have none are left out."""
        found: dict[bytes, Deed] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(entry_ids), _PAGE):
                some = entry_ids[start : start + _PAGE]
                query = select(t.deed).where(t.deed.c.log_id == log_id, t.deed.c.entry_id.in_(some))
                found.update((as_bytes(row.entry_id), as_deed(row)) for row in connection.execute(query))
        return found

    def tombstones_of(self, log_id: int, entry_ids: Sequence[bytes]) -> dict[bytes, list[Tombstone]]:
        """Return the tombstones that each of these entries left, by id; those that have none are left out."""
        found: dict[bytes, list[Tombstone]] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(entry_ids), _PAGE):
                some = entry_ids[start : start + _PAGE]
                query = select(t.tombstone).where(t.tombstone.c.log_id == log_id, t.tombstone.c.entry_id.in_(some))
                for row in connection.execute(query):
                    found.setdefault(as_bytes(row.entry_id), []).append(as_tombstone(row))
        return found

    def counts(self, log_id: int) -> dict[str, int]:
        """Return how many rows leaf, entry, pending and record hold for this log, the head's size as `head`, as `stray`
        the records that have no decision's entry, as `stray deeds` the deeds without an entry of their kind, and as
        `stray tombstones` those without an entry that forgets.
        """
        with one_moment(self._engine) as connection:
            return read_counts(connection, log_id)

    def moment(self, log_id: int, first: int) -> Moment:
        """Return what the tables beside the ledger say, to be held against its entries, and the entries from the place
        `first` on as they are at that very moment, also those that wait.
        """
        with one_moment(self._engine) as connection:
            return Moment(
                counts=read_counts(connection, log_id),
                catalogue=read_snapshot(connection),
                registers=read_registers(connection, log_id),
                tallies=read_tallies(connection, log_id),
                later=tuple(_later(connection, log_id, first)),
                nobodys=tables_of_nobody(connection),
            )


def _later(connection: Connection, log_id: int, first: int) -> Iterator[StoredEntry]:
    """Return the entries from a place on, and then those that wait; of decisions only those without content."""
    e = t.entry.c
    for table, position in ((t.leaf, t.leaf.c.position), (t.pending, null().label("position"))):
        query = (
            select(position, table.c.entry_id, table.c.leaf_hash, *_OPENING)
            .join_from(table, t.entry, (e.log_id == table.c.log_id) & (e.entry_id == table.c.entry_id), isouter=True)
            .where(table.c.log_id == log_id, e.kind.not_in(DECISIONS) | e.what.is_(None))
        )
        if table is t.leaf:
            query = query.where(t.leaf.c.position >= first).order_by(t.leaf.c.position)
        else:
            query = query.order_by(table.c.entry_id)
        for row in connection.execute(query):
            yield as_stored(*row)


def _checkpoint(row: Row[Any]) -> Checkpoint:
    return Checkpoint(as_number(row.size), as_bytes(row.root), as_text(row.note), as_number(row.signed_at))
