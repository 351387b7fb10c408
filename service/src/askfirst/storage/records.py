"""Searches over decisions (the `Records` of usecases.ports)."""

from sqlalchemy import Engine, select

from askfirst.storage import tables as t
from askfirst.storage.read_back import RECORD_COLUMNS, as_bytes, as_record
from askfirst.usecases.rows import Record, RecordQuery

_ID_BYTES = 16


class SqlRecords:
    """Record searches in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def search(self, log_id: int, query: RecordQuery) -> list[tuple[bytes, Record]]:
        """Return (record id, record), newest first."""
        r = t.record.c
        where = [r.log_id == log_id]
        if query.sites is not None:
            where.append(r.site_key.in_(query.sites))
        if query.since is not None:
            where.append(r.record_id >= first_id(query.since))
        if query.before is not None:
            where.append(r.record_id < first_id(query.before))
        if query.after_id is not None:
            where.append(r.record_id < query.after_id)
        equals = (
            (r.site_key, query.site),
            (r.subject, query.subject),
            (r.record_id, query.record_id),
            (r.method, query.method),
            (r.policy_number, query.policy_number),
            (r.language, query.language),
        )
        where.extend(column == value for column, value in equals if value is not None)
        # Purpose ids hold "_", which LIKE would read as any character: autoescape says it is itself.
        for column, purpose in ((r.granted, query.granted), (r.refused, query.refused)):
            if purpose is not None:
                where.append(column.contains(f",{purpose},", autoescape=True))
        statement = select(r.record_id, *RECORD_COLUMNS).where(*where).order_by(r.record_id.desc()).limit(query.limit)
        with self._engine.connect() as connection:
            found = [(as_bytes(row.record_id), as_record(row)) for row in connection.execute(statement)]
        # A key of another length is nobody's record; `ledger verify` counts it as stray.
        return [(record_id, record) for record_id, record in found if len(record_id) == _ID_BYTES]


def first_id(ms: int) -> bytes:
    """Return the smallest UUIDv7 of a millisecond: ids sort by time, so a time range is a range of the key."""
    return ms.to_bytes(6, "big") + bytes(10)
