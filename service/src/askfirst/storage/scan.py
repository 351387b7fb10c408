"""Read long ranges of entries as the driver gives them: making rows would take longer than what is done with them."""

from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import ColumnElement, Dialect, Engine, FromClause, and_, bindparam, literal_column, select, true

from askfirst.storage import tables as t
from askfirst.storage.read_back import as_record, as_stored
from askfirst.usecases.ports import ScannedRow
from askfirst.usecases.rows import Record, StoredEntry

_OPENING: Final = [t.entry.c[name] for name in ("kind", "leaf", "what", "what_salt", "who", "who_salt")]
_RECORD: Final = [t.record.c[name] for name in Record._fields]
_LEAF: Final = t.leaf.c
_IN_ORDER: Final = (
    select(_LEAF.position, _LEAF.entry_id, _LEAF.leaf_hash)
    .where(
        _LEAF.log_id == bindparam("log_id"),
        _LEAF.position >= bindparam("first"),
        _LEAF.position < bindparam("end"),
    )
    .order_by(_LEAF.position)
)
_OF_ENTRY: Final = and_(t.entry.c.log_id == _LEAF.log_id, t.entry.c.entry_id == _LEAF.entry_id)
_OF_RECORD: Final = and_(t.record.c.log_id == _LEAF.log_id, t.record.c.record_id == _LEAF.entry_id)
_JOINED: Final = _IN_ORDER.add_columns(*_OPENING, t.record.c.record_id, *_RECORD).select_from(
    t.leaf.outerjoin(t.entry, _OF_ENTRY).outerjoin(t.record, _OF_RECORD)
)


def _looked_up(columns: list[ColumnElement[Any]], condition: ColumnElement[bool]) -> FromClause:
    """Return a table's row for each leaf, looked up by its key. Where a range is a large part of a table, or nothing is
    known of the table yet, PostgreSQL would rather join all of it for each range; an offset keeps it from that."""
    return select(*columns).where(condition).correlate(t.leaf).offset(literal_column("0")).lateral()


_ENTRY_OF: Final = _looked_up([*_OPENING], _OF_ENTRY)
_RECORD_OF: Final = _looked_up([t.record.c.record_id, *_RECORD], _OF_RECORD)
_LOOKED_UP: Final = _IN_ORDER.add_columns(*_ENTRY_OF.c, *_RECORD_OF.c).select_from(
    t.leaf.outerjoin(_ENTRY_OF, true()).outerjoin(_RECORD_OF, true())
)
_RECORD_AT: Final = 3 + len(_OPENING)  # where the record begins in a row, with its id


@lru_cache(maxsize=4)
def _statement(dialect: Dialect) -> str:
    """Return the query as this driver takes it: made once, and not for each range."""
    return str((_JOINED if dialect.name == "sqlite" else _LOOKED_UP).compile(dialect=dialect))


def scan_rows(engine: Engine, log_id: int, first: int, end: int) -> list[ScannedRow]:
    """Return the rows of the leaves from position `first` up to but not including `end`, with entry and record."""
    statement = _statement(engine.dialect)
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if engine.dialect.name == "sqlite":
            return list(driver.execute(statement, (log_id, first, end)))
        # In binary form: bytes as text would be twice as long, and be turned back one by one.
        with driver.cursor(binary=True) as cursor:
            # In divided tables it takes each look-up for one that finds a row in every month, and would compile the
            # statement anew for each range, which takes many times as long as the rows.
            cursor.execute("SET LOCAL jit = off")
            rows: list[ScannedRow] = cursor.execute(
                statement, {"log_id": log_id, "first": first, "end": end}
            ).fetchall()
            return rows


def read_scanned(row: ScannedRow) -> tuple[StoredEntry, Record | None]:
    """Return the entry and the record in a row, each value as the type that its column has."""
    entry, record_id, fields = row[:_RECORD_AT], row[_RECORD_AT], row[_RECORD_AT + 1 :]
    named = SimpleNamespace(**dict(zip(Record._fields, fields, strict=True)))
    return as_stored(*entry), None if record_id is None else as_record(named)
