"""Records for an export (the `Exports` of usecases.export): rows as the driver gives them, page by page."""

from typing import Any

from sqlalchemy import Engine, select

from askfirst.storage import tables as t
from askfirst.storage.read_back import as_bytes, as_number, as_text, as_text_or_none
from askfirst.storage.records import conditions
from askfirst.storage.time_ids import first_id
from askfirst.usecases.export_rows import ExportRow
from askfirst.usecases.rows import RecordQuery

_COLUMNS = [t.record.c[name] for name in ExportRow._fields]


class SqlExports:
    """Exports in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def rows(self, log_id: int, query: RecordQuery, after: bytes, limit: int) -> list[ExportRow]:
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
            # A row object for each of a million rows would take longer than its line.
            raw = result.cursor.fetchall() if result.cursor is not None else []
        return [ExportRow._make(row) if _is_whole(row) else _mended(row) for row in raw]


def _is_whole(row: Any) -> bool:
    return type(row[0]) is bytes and type(row[3]) is int and (row[2] is None or type(row[2]) is str)


def _mended(row: Any) -> ExportRow:
    """Return a row that somebody altered by hand as what comes nearest."""
    one = ExportRow._make(row)
    return ExportRow(
        record_id=as_bytes(one.record_id)[:16].ljust(16, b"\0"),
        subject=as_text_or_none(one.subject),
        receipt=as_text_or_none(one.receipt),
        server_time=as_number(one.server_time),
        site_key=as_text(one.site_key),
        method=as_text(one.method),
        policy_number=as_number(one.policy_number),
        language=as_text(one.language),
        origin=as_text(one.origin),
        granted=as_text(one.granted),
        refused=as_text(one.refused),
        rule=as_text(one.rule),
        late=bool(one.late),
    )
