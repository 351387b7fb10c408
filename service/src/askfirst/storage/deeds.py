"""Searches over entries that are no decisions: each goes down the index of its narrowest condition."""

from heapq import merge
from itertools import islice

from sqlalchemy import ColumnElement, Connection, func, select

from askfirst.storage import tables as t
from askfirst.storage.read_back import as_deed
from askfirst.storage.time_ids import first_id
from askfirst.usecases.altered_values import as_bytes, as_bytes_or_none
from askfirst.usecases.rows import EntryQuery, FoundDeed


def find_deeds(connection: Connection, log_id: int, query: EntryQuery) -> list[FoundDeed]:
    """Return entries that are no decisions, newest first."""
    d = t.deed.c
    parts = []
    for where in _ranges(log_id, query):
        newest = select(*d).where(*where).order_by(d.entry_id.desc()).limit(query.limit).subquery()
        beside = (t.entry.c.log_id == newest.c.log_id) & (t.entry.c.entry_id == newest.c.entry_id)
        rows = connection.execute(
            select(newest, t.entry.c.what)
            .select_from(newest.outerjoin(t.entry, beside))
            .order_by(newest.c.entry_id.desc())
        )
        parts.append([FoundDeed(as_bytes(row.entry_id), as_deed(row), as_bytes_or_none(row.what)) for row in rows])
    return list(islice(merge(*parts, key=lambda one: one.entry_id, reverse=True), query.limit))


def count_deeds(connection: Connection, log_id: int, query: EntryQuery, most: int) -> int:
    """Return how many entries that are no decisions a search finds, counted up to `most`."""
    found = 0
    for where in _ranges(log_id, query):
        some = select(t.deed.c.entry_id).where(*where).limit(most - found).subquery()
        found += connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def _ranges(log_id: int, query: EntryQuery) -> list[list[ColumnElement[bool]]]:
    """Return the conditions of each stretch of an index that the search goes along: one for each of several sites."""
    d = t.deed.c
    where: list[ColumnElement[bool]] = [d.log_id == log_id]
    if query.since is not None:
        where.append(d.entry_id >= first_id(query.since))
    if query.before is not None:
        where.append(d.entry_id < first_id(query.before))
    if query.after_id is not None:
        where.append(d.entry_id < query.after_id)
    equals = ((d.kind, query.kind), (d.staff, query.staff), (d.record_id, query.record_id))
    where += [column == value for column, value in equals if value is not None]
    sites = query.sites
    if query.site is not None:
        sites = (query.site,) if sites is None or query.site in sites else ()
    return [where] if sites is None else [[*where, d.site_key == site] for site in sorted(set(sites))]
