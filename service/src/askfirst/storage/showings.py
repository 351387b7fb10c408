"""How often banners were shown, among the rollups (the `ShowingRoom` of usecases.showings)."""

from sqlalchemy import Engine

from askfirst.storage.sequencer import more_decisions
from askfirst.usecases.showings import DIMENSION, Showing


class SqlShowings:
    """Showings in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def add(self, counts: dict[Showing, int]) -> None:
        """Add to the numbers, all of them or none."""
        # Sorted, so that two nodes never wait for each other.
        rows = [
            {
                "log_id": one.log_id,
                "site_key": one.site_key,
                "hour": one.hour,
                "dimension": DIMENSION,
                "value": one.value,
                "count": count,
            }
            for one, count in sorted(counts.items())
        ]
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            connection.execute(more_decisions(connection.dialect.name), rows)
