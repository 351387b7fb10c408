"""An organisation at a glance (the `Overview` of usecases.ports): arrivals, newest entries."""

from sqlalchemy import Engine, FromClause, select

from askfirst.core.kinds import DECISIONS
from askfirst.storage import tables as t
from askfirst.storage.read_back import RECORD_COLUMNS, as_record
from askfirst.usecases.altered_values import as_bytes, as_bytes_or_none, as_number, as_text
from askfirst.usecases.rows import Arrival, ListedEntry


class SqlOverview:
    """The overview in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def arrivals(self, log_id: int, sites: tuple[str, ...] | None, first: int, before: int) -> list[Arrival]:
        """Return the decisions of these sites among the entries at positions `first` to `before` (excluded)."""
        where = [t.leaf.c.log_id == log_id, t.leaf.c.position >= first, t.leaf.c.position < before]
        if sites is not None:
            where.append(t.record.c.site_key.in_(sites))
        same = (t.record.c.log_id == t.leaf.c.log_id) & (t.record.c.record_id == t.leaf.c.entry_id)
        query = (
            select(t.leaf.c.position, t.record.c.record_id, *RECORD_COLUMNS)
            .join_from(t.leaf, t.record, same)
            .where(*where)
            .order_by(t.leaf.c.position)
        )
        with self._engine.connect() as connection:
            return [Arrival(row.position, as_bytes(row.record_id), as_record(row)) for row in connection.execute(query)]

    def size(self, log_id: int) -> int:
        """Return how many entries have their place, as far as this database knows."""
        with self._engine.connect() as connection:
            return as_number(connection.execute(select(t.head.c.size).where(t.head.c.log_id == log_id)).scalar_one())

    def latest_entries(
        self, log_id: int, kind: str | None, limit: int, before: bytes | None = None
    ) -> list[ListedEntry]:
        """Return the newest entries, of one kind or of all, older than the id `before`."""
        e = t.entry.c
        same = (t.leaf.c.log_id == e.log_id) & (t.leaf.c.entry_id == e.entry_id)
        listed: FromClause = t.entry
        where = [e.log_id == log_id]
        if kind in DECISIONS:
            where.append(e.kind == kind)
        elif kind is not None:
            beside = (t.deed.c.log_id == e.log_id) & (t.deed.c.entry_id == e.entry_id)
            listed = t.deed.join(t.entry, beside)
            where = [t.deed.c.log_id == log_id, t.deed.c.kind == kind]
        key = e.entry_id if listed is t.entry else t.deed.c.entry_id
        if before is not None:
            where.append(key < before)
        query = (
            select(t.leaf.c.position, e.entry_id, e.kind, e.what, e.who)
            .select_from(listed.outerjoin(t.leaf, same))
            .where(*where)
            .order_by(key.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [
                ListedEntry(
                    row.position,
                    as_bytes(row.entry_id),
                    as_text(row.kind),
                    as_bytes_or_none(row.what),
                    as_bytes_or_none(row.who),
                )
                for row in connection.execute(query)
            ]
