"""The tree's tables: queue, leaves, tiles, head and checkpoints (the `Ledger` of usecases.ports)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.storage.read_back import RECORD_COLUMNS, as_bytes, as_bytes_or_none, as_number, as_record, as_text
from askfirst.usecases.purpose_lists import listed
from askfirst.usecases.rows import Checkpoint, Head, Record, StoredEntry

_HOUR_MS = 3_600_000
_OPENING = [column for column in t.entry.columns if column.name not in ("log_id", "entry_id")]
_COUNTED = ("method", "language", "policy_number", "rule", "granted", "refused")
_PAGE = 500  # ids in one IN list: below every driver's limit on parameters


class SqlLedger:
    """The ledger in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    @contextmanager
    def sequencing(self, log_id: int) -> Iterator["SqlSequencerTransaction | None"]:
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
            row = connection.execute(select(t.head).where(t.head.c.log_id == log_id)).one()
        return Head(as_number(row.size), as_bytes(row.root))

    def waiting(self, log_id: int) -> int:
        """Return how many entries are committed but not sequenced."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).where(t.pending.c.log_id == log_id)).scalar_one()

    def read_tile(self, log_id: int, level: int, position: int) -> bytes:
        """Return a tile's hashes; empty where there is none."""
        with self._engine.connect() as connection:
            return _tile(connection, log_id, level, position)

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

    def add_checkpoint(self, log_id: int, checkpoint: Checkpoint) -> None:
        """Store a signed checkpoint."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            connection.execute(
                insert(t.checkpoint).values(
                    log_id=log_id,
                    size=checkpoint.size,
                    root=checkpoint.root,
                    note=checkpoint.note,
                    signed_at=checkpoint.signed_at,
                )
            )

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
            return [_stored(row) for row in connection.execute(query)]

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
        return None if row is None else _stored(row)

    def record_of(self, log_id: int, record_id: bytes) -> Record | None:
        """Return the projection of a decision."""
        query = select(*RECORD_COLUMNS).where(t.record.c.log_id == log_id, t.record.c.record_id == record_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else as_record(row)

    def counts(self, log_id: int) -> dict[str, int]:
        """Return how many rows leaf, entry, pending and record hold for this log, the head's size as `head`, and as
        `stray` the records that have no decision's entry.
        """
        beside = (t.entry.c.log_id == t.record.c.log_id) & (t.entry.c.entry_id == t.record.c.record_id)
        stray = (
            select(func.count())
            .select_from(t.record.outerjoin(t.entry, beside))
            .where(t.record.c.log_id == log_id, t.entry.c.kind.is_distinct_from(EntryKind.DECISION_RECORDED.value))
        )
        with self._engine.connect() as connection:
            counted = {
                table.name: connection.execute(select(func.count()).where(table.c.log_id == log_id)).scalar_one()
                for table in (t.leaf, t.entry, t.pending, t.record)
            }
            head = connection.execute(select(t.head.c.size).where(t.head.c.log_id == log_id)).scalar_one()
            counted["head"] = as_number(head)
            counted["stray"] = connection.execute(stray).scalar_one()
        return counted


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

    def take_pending(self, limit: int) -> list[tuple[bytes, bytes]]:
        """Delete at most `limit` pending entries and return (entry id, leaf hash), oldest id first."""
        oldest = (
            select(t.pending.c.entry_id)
            .where(t.pending.c.log_id == self._log_id)
            .order_by(t.pending.c.entry_id)
            .limit(limit)
        )
        taken = self._connection.execute(
            delete(t.pending)
            .where(t.pending.c.log_id == self._log_id, t.pending.c.entry_id.in_(oldest))
            .returning(t.pending.c.entry_id, t.pending.c.leaf_hash)
        )
        return sorted((row.entry_id, row.leaf_hash) for row in taken)

    def read_tile(self, level: int, position: int) -> bytes:
        """Return a tile's hashes; empty where there is none."""
        return _tile(self._connection, self._log_id, level, position)

    def write(
        self,
        first: int,
        entries: Sequence[tuple[bytes, bytes]],
        tiles: dict[tuple[int, int], bytes],
        head: Head,
        now: int,
    ) -> None:
        """Store leaves from position `first`, the tiles that changed, the rollups and the new head."""
        self._connection.execute(
            insert(t.leaf),
            [
                {"log_id": self._log_id, "position": first + offset, "entry_id": entry_id, "leaf_hash": leaf_hash}
                for offset, (entry_id, leaf_hash) in enumerate(entries)
            ],
        )
        upsert = self._upsert(t.tile)
        self._connection.execute(
            upsert.on_conflict_do_update(
                index_elements=list(t.tile.primary_key), set_={"hashes": upsert.excluded.hashes}
            ),
            [
                {"log_id": self._log_id, "level": level, "position": position, "hashes": hashes}
                for (level, position), hashes in tiles.items()
            ],
        )
        self._count([entry_id for entry_id, _ in entries])
        self._connection.execute(
            update(t.head)
            .where(t.head.c.log_id == self._log_id)
            .values(size=head.size, root=head.root, sequenced_at=now)
        )

    def _count(self, entry_ids: Sequence[bytes]) -> None:
        counted: Counter[tuple[str, int, str, str]] = Counter()
        # Most decisions of one moment are alike: the database counts those, and Python what is left.
        hour = (t.record.c.server_time // _HOUR_MS).label("hour")
        alike = (t.record.c.site_key, hour, *(t.record.c[name] for name in _COUNTED))
        for start in range(0, len(entry_ids), _PAGE):
            rows = self._connection.execute(
                select(*alike, func.count().label("decisions"))
                .where(t.record.c.log_id == self._log_id, t.record.c.record_id.in_(entry_ids[start : start + _PAGE]))
                .group_by(*alike)
            )
            for row in rows:
                for dimension, value in _dimensions(row):
                    counted[row.site_key, row.hour, dimension, value] += row.decisions
        if not counted:
            return
        upsert = self._upsert(t.rollup)
        self._connection.execute(
            upsert.on_conflict_do_update(
                index_elements=list(t.rollup.primary_key), set_={"count": t.rollup.c.count + upsert.excluded.count}
            ),
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

    def _upsert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        # Both dialects say ON CONFLICT in the same words, each in a class of its own.
        return sqlite.insert(table) if self._connection.dialect.name == "sqlite" else postgresql.insert(table)


def _dimensions(row: Any) -> Iterator[tuple[str, str]]:
    yield "method", row.method
    yield "language", row.language
    yield "policy", str(row.policy_number)
    yield "rule", row.rule
    for dimension, purposes in (("granted", row.granted), ("refused", row.refused)):
        for purpose in listed(purposes):
            yield dimension, purpose


def _tile(connection: Connection, log_id: int, level: int, position: int) -> bytes:
    found = connection.execute(
        select(t.tile.c.hashes).where(t.tile.c.log_id == log_id, t.tile.c.level == level, t.tile.c.position == position)
    ).scalar_one_or_none()
    return b"" if found is None else as_bytes(found)


def _stored(row: Row[Any]) -> StoredEntry:
    return StoredEntry(
        position=row.position,
        entry_id=as_bytes(row.entry_id),
        leaf_hash=as_bytes_or_none(row.leaf_hash),
        kind=as_text(row.kind or ""),
        leaf=as_bytes(row.leaf or b""),
        what=as_bytes_or_none(row.what),
        what_salt=as_bytes_or_none(row.what_salt),
        who=as_bytes_or_none(row.who),
        who_salt=as_bytes_or_none(row.who_salt),
    )


def _checkpoint(row: Row[Any]) -> Checkpoint:
    return Checkpoint(as_number(row.size), as_bytes(row.root), as_text(row.note), as_number(row.signed_at))
