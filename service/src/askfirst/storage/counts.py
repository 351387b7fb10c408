"""Count what stands beside the entries of a log, for the verification."""

from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import ColumnElement, Connection, Table, func, literal, select

from askfirst.core.kinds import DECISIONS, FORGETTING
from askfirst.storage import tables as t
from askfirst.usecases.altered_values import as_number


def read_counts(connection: Connection, log_id: int) -> dict[str, int]:
    """Return how many rows a log has where (`Ledger.counts` of usecases.ports)."""
    beside = (t.entry.c.log_id == t.record.c.log_id) & (t.entry.c.entry_id == t.record.c.record_id)
    stray = (
        select(func.count())
        .select_from(t.record.outerjoin(t.entry, beside))
        .where(t.record.c.log_id == log_id, func.coalesce(t.entry.c.kind, "").not_in(DECISIONS))
    )
    done = (t.entry.c.log_id == t.deed.c.log_id) & (t.entry.c.entry_id == t.deed.c.entry_id)
    stray_deeds = (
        select(func.count())
        .select_from(t.deed.outerjoin(t.entry, done))
        .where(t.deed.c.log_id == log_id, t.entry.c.kind.is_distinct_from(t.deed.c.kind))
    )
    by = (t.entry.c.log_id == t.tombstone.c.log_id) & (t.entry.c.entry_id == t.tombstone.c.entry_id)
    stray_tombstones = (
        select(func.count())
        .select_from(t.tombstone.outerjoin(t.entry, by))
        .where(t.tombstone.c.log_id == log_id, func.coalesce(t.entry.c.kind, "").not_in(FORGETTING))
    )
    counted = {
        table.name: connection.execute(select(func.count()).where(table.c.log_id == log_id)).scalar_one()
        for table in (t.leaf, t.entry, t.pending, t.record)
    }
    head = connection.execute(select(t.head.c.size).where(t.head.c.log_id == log_id)).scalar()
    counted["head"] = as_number(head or 0)
    counted["stray"] = connection.execute(stray).scalar_one()
    counted["stray deeds"] = connection.execute(stray_deeds).scalar_one()
    counted["stray tombstones"] = connection.execute(stray_tombstones).scalar_one()
    tiles = select(func.count(), func.coalesce(func.sum(func.length(t.tile.c.hashes)), 0))
    number, length = connection.execute(tiles.where(t.tile.c.log_id == log_id)).one()
    counted["tiles"], counted["tile bytes"] = number, int(length)
    return counted


def tables_of_nobody(connection: Connection) -> tuple[str, ...]:
    """Return the names of the tables that have rows of a log that no organisation has."""
    known = connection.execute(select(t.organisation.c.log_id).order_by(t.organisation.c.log_id)).scalars().all()
    return tuple(
        table.name
        for table in t.metadata.sorted_tables
        if "log_id" in table.c
        # A query for each range, which the key's index answers: one for all of them would read the whole table.
        and any(
            connection.execute(select(literal(1)).select_from(table).where(outside).limit(1)).first()
            for outside in _outside(table, [as_number(one) for one in known])
        )
    )


def _outside(table: Table, known: list[int]) -> Iterator[ColumnElement[bool]]:
    log_id = table.c.log_id
    if not known:
        yield log_id.is_not(None)
        return
    yield log_id < known[0]
    yield log_id > known[-1]
    for before, after in pairwise(known):
        if after > before + 1:
            yield (log_id > before) & (log_id < after)
