"""Records for an export (the `Exports` of usecases.export): rows as the driver gives them, page by page."""

from collections.abc import Sequence

from sqlalchemy import Engine, select

from askfirst.storage import tables as t
from askfirst.storage.records import conditions
from askfirst.storage.time_ids import first_id
from askfirst.usecases.export_rows import ExportRow, RawRow
from askfirst.usecases.rows import RecordQuery

_COLUMNS = [t.record.c[name] for name in ExportRow._fields]


class SqlExports:
    """Exports in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def rows(self, log_id: int, query: RecordQuery, after: bytes, limit: int) -> Sequence[RawRow]:
        """Return records oldest first, those after the id `after`. Each page is a moment of its own."""
        r = t.record.c
        where = [r.log_id == log_id, r.record_id > after, *conditions(query)]
        if query.since is not None:
            where.append(r.record_id >= first_id(query.since))
        if query.before is not None:
            where.append(r.record_id < first_id(query.before))
        equals = ((r.site_key, query.site), (r.subject, query.subject), (r.record_id, query.record_id))
        where += [column == value for column, value in equals if value is not None]
        if query.sites is not None:
            where.append(r.site_key.in_(query.sites))
        page = select(*_COLUMNS).where(*where).order_by(r.record_id).limit(limit)
        with self._engine.connect() as connection:
            result = connection.execute(page)
            return result.cursor.fetchall() if result.cursor is not None else []
