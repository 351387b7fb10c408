"""Searches over decisions (the `Records` of usecases.ports)."""

from collections.abc import Callable, Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    String,
    bindparam,
    func,
    literal,
    literal_column,
    select,
)

from askfirst.storage import tables as t
from askfirst.storage.deeds import count_deeds, find_deeds
from askfirst.storage.prepared import Prepared
from askfirst.storage.read_back import RECORD_COLUMNS, as_record
from askfirst.storage.time_ids import first_id
from askfirst.usecases.altered_values import as_bytes, as_number, as_text
from askfirst.usecases.imported import METHOD
from askfirst.usecases.rows import EntryQuery, FoundDeed, Record, RecordQuery

_ID_BYTES = 16
_LAST_ID = b"\xff" * 17  # longer, and so behind every id


class SqlRecords:
    """Record searches in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine
        self._of_subject = Prepared(
            engine,
            select(t.record.c.record_id, *RECORD_COLUMNS)
            .where(
                t.record.c.log_id == bindparam("log_id"),
                t.record.c.subject == bindparam("subject"),
                t.record.c.record_id < bindparam("after_id"),
            )
            .order_by(t.record.c.record_id.desc())
            .limit(bindparam("most", type_=Integer)),
        )

    def search(self, log_id: int, query: RecordQuery, *, not_below: bytes | None = None) -> list[tuple[bytes, Record]]:
        """Return (record id, record), newest first; none whose id is smaller than `not_below`."""
        plain = RecordQuery(subject=query.subject, after_id=query.after_id, limit=query.limit)
        if query.subject is not None and not_below is None and query == plain:
            after = _LAST_ID if query.after_id is None else query.after_id
            rows = self._of_subject.rows(log_id=log_id, subject=query.subject, after_id=after, most=query.limit)
            return _whole((as_bytes(row.record_id), as_record(row)) for row in rows)
        r = t.record.c
        more = [*conditions(query), *([] if not_below is None else [r.record_id >= not_below])]
        newest = select(r.record_id, *RECORD_COLUMNS).order_by(r.record_id.desc()).limit(query.limit)
        with self._engine.connect() as connection:
            parts = [
                [(as_bytes(row.record_id), as_record(row)) for row in connection.execute(newest.where(*where, *more))]
                for where in _ranges(log_id, query)
            ]
        return _whole(islice(merge(*parts, key=lambda one: one[0], reverse=True), query.limit))

    def horizon(self, log_id: int, query: RecordQuery, rows: int) -> bytes | None:
        """Return the id that is so many rows down the index that a search would go along, or None at its end.

        Where a search goes along the indexes of several sites, it is the highest of theirs.
        """
        ids = select(t.record.c.record_id).order_by(t.record.c.record_id.desc()).offset(rows).limit(1)
        with self._engine.connect() as connection:
            found = [connection.execute(ids.where(*where)).scalar() for where in _ranges(log_id, query)]
        return max((as_bytes(one) for one in found if one is not None), default=None)

    def count(self, log_id: int, query: RecordQuery, most: int) -> int:
        """Return how many records a search with an index finds, counted up to `most`."""

        def counted(connection: Connection, where: list[ColumnElement[bool]], left: int) -> int:
            some = select(t.record.c.record_id).where(*where, *conditions(query)).limit(left).subquery()
            return connection.execute(select(func.count()).select_from(some)).scalar_one()

        with self._engine.connect() as connection:
            return _up_to(connection, _ranges(log_id, query), counted, most)

    def deeds(self, log_id: int, query: EntryQuery) -> list[FoundDeed]:
        """Return entries that are no decisions, newest first."""
        with self._engine.connect() as connection:
            return find_deeds(connection, log_id, query)

    def count_deeds(self, log_id: int, query: EntryQuery, most: int) -> int:
        """Return how many entries that are no decisions a search finds, counted up to `most`."""
        with self._engine.connect() as connection:
            return count_deeds(connection, log_id, query, most)

    def by_day(
        self,
        log_id: int,
        sites: tuple[str, ...] | None,
        dimensions: Sequence[str],
        first_hour: int,
        before_hour: int,
        offset: int,
    ) -> list[tuple[int, str, str, int]]:
        """Return (day from 1970, dimension, value, decisions) of hours since 1970; days begin `offset` before UTC's."""
        r = t.rollup.c
        local = r.hour + literal(offset)
        first_of_day = (local - local % literal(24)).label("first_of_day")
        where = [r.log_id == log_id, r.dimension.in_(dimensions), r.hour >= first_hour, r.hour < before_hour]
        if sites is not None:
            # For the column itself SQLite would take the primary key, and look up each count in the table.
            sqlite = self._engine.dialect.name == "sqlite"
            where.append((literal_column("+rollup.site_key", String) if sqlite else r.site_key).in_(sites))
        query = select(first_of_day, r.dimension, r.value, func.sum(r.count).label("decisions")).where(*where)
        with self._engine.connect() as connection:
            found = connection.execute(query.group_by("first_of_day", r.dimension, r.value)).all()
        return [
            (hour // 24, as_text(dimension), as_text(value), as_number(int(decisions)))
            for hour, dimension, value, decisions in found
        ]

    def decided(
        self, log_id: int, sites: tuple[str, ...] | None, dimension: str, first_hour: int, before_hour: int
    ) -> dict[str, int]:
        """Return how many decisions of these sites, or of all, some hours since 1970 had, by a dimension's value."""
        r = t.rollup.c
        where = [r.log_id == log_id, r.dimension == dimension, r.hour >= first_hour, r.hour < before_hour]
        if sites is not None:
            where.append(r.site_key.in_(sites))
        query = select(r.value, func.sum(r.count).label("decisions")).where(*where).group_by(r.value)
        with self._engine.connect() as connection:
            return {as_text(row.value): as_number(int(row.decisions)) for row in connection.execute(query)}


def _whole(found: Iterable[tuple[bytes, Record]]) -> list[tuple[bytes, Record]]:
    """Return what has a key of ours: one of another length is nobody's record; `ledger verify` counts it as stray."""
    return [(record_id, record) for record_id, record in found if len(record_id) == _ID_BYTES]


def _ranges(log_id: int, query: RecordQuery) -> list[list[ColumnElement[bool]]]:
    """Return the conditions of each stretch of an index that a search goes along.

    One for each of several sites: a database that is given all at once would sort what it could merge.
    """
    r = t.record.c
    where: list[ColumnElement[bool]] = [r.log_id == log_id]
    if query.since is not None:
        where.append(r.record_id >= first_id(query.since))
    if query.before is not None:
        where.append(r.record_id < first_id(query.before))
    if query.after_id is not None:
        where.append(r.record_id < query.after_id)
    if query.record_id is not None:
        where.append(r.record_id == query.record_id)
    sites = query.sites
    if query.site is not None:
        sites = (query.site,) if sites is None or query.site in sites else ()
    if query.subject is not None or query.account is not None or query.record_id is not None:
        # Few rows whatever their sites are.
        named = ((r.subject, query.subject), (r.account, query.account))
        one = [column == value for column, value in named if value is not None]
        return [[*where, *one, *([] if sites is None else [r.site_key.in_(sites)])]]
    return [where] if sites is None else [[*where, r.site_key == site] for site in sorted(set(sites))]


def conditions(query: RecordQuery) -> list[ColumnElement[bool]]:
    """Return the conditions that no index helps with."""
    r = t.record.c
    equals = (
        (r.method, query.method),
        (r.policy_number, query.policy_number),
        (r.language, query.language),
        (r.origin, query.origin),
        (r.rule, query.rule),
    )
    where = [column == value for column, value in equals if value is not None]
    if query.asked:
        where.append(r.method != METHOD)
    # Purpose ids hold "_", which LIKE would read as any character: autoescape says it is itself.
    for column, purpose in ((r.granted, query.granted), (r.refused, query.refused)):
        if purpose is not None:
            where.append(column.contains(f",{purpose},", autoescape=True))
    return where


def _up_to(
    connection: Connection,
    ranges: Iterable[list[ColumnElement[bool]]],
    counted: Callable[[Connection, list[ColumnElement[bool]], int], Any],
    most: int,
) -> int:
    found = 0
    for where in ranges:
        if found < most:
            found += int(counted(connection, where, most - found))
    return found
