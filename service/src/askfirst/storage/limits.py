"""What nodes share of busy addresses (the `LimitStore` of web.limits): hashes with counts, for two minutes."""

from collections.abc import Callable, Mapping

from sqlalchemy import Engine, delete

from askfirst.storage import tables as t
from askfirst.storage.upsert import upsert
from askfirst.usecases.altered_values import as_bytes, as_number

_KEPT_MINUTES = 2


class SqlLimits:
    """Shared limits in SQL."""

    def __init__(self, engine: Engine, log_of: Callable[[str], int | None]) -> None:
        """Take the engine, and what tells the log of a site key."""
        self._engine, self._log_of = engine, log_of
        self._cleared = -1

    def add(self, minute: int, counts: Mapping[tuple[str, bytes], int]) -> dict[tuple[str, bytes], int]:
        """Add to what all nodes counted for (site key, hash) in a minute since 1970, and return the sums."""
        logs = {site: log_id for site in {site for site, _ in counts} if (log_id := self._log_of(site)) is not None}
        sites = {(logs[site], bucket): site for site, bucket in counts if site in logs}
        # In the order of their keys, so that two nodes do not wait for each other crosswise.
        rows = [
            {"log_id": log_id, "minute": minute, "bucket": bucket, "count": counts[site, bucket]}
            for (log_id, bucket), site in sorted(sites.items())
        ]
        c = t.limit_count.c
        with self._engine.begin() as connection:
            if minute != self._cleared:
                connection.execute(delete(t.limit_count).where(c.minute <= minute - _KEPT_MINUTES))
                self._cleared = minute
            more = upsert(connection.dialect.name, t.limit_count).values(rows)
            added = more.on_conflict_do_update(
                index_elements=list(t.limit_count.primary_key), set_={"count": c.count + more.excluded.count}
            ).returning(c.log_id, c.bucket, c.count)
            found = connection.execute(added).all() if rows else []
        return {(sites[as_number(row[0]), as_bytes(row[1])], as_bytes(row[1])): as_number(row[2]) for row in found}
