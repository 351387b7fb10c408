"""How far daily exports are (the `DailyExports` of usecases.daily_export)."""

from contextlib import AbstractContextManager

from sqlalchemy import Connection, Engine, select, update

from askfirst.storage import tables as t
from askfirst.storage.upsert import upsert
from askfirst.usecases.altered_values import as_number, as_text
from askfirst.usecases.rows import DailyState


class SqlDailyExports:
    """States of daily exports in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def state(self, log_id: int) -> DailyState | None:
        """Return it, or None where nothing was ever exported."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.daily_export).where(t.daily_export.c.log_id == log_id)).first()
        if row is None:
            return None
        return DailyState(
            log_id=as_number(row.log_id),
            next_day=as_number(row.next_day),
            failures=as_number(row.failures),
            next_at=as_number(row.next_at),
            leased_until=as_number(row.leased_until),
            said=as_text(row.said),
        )

    def begin(self, state: DailyState) -> None:
        """Store a first state, unless there is one."""
        with self._writing() as connection:
            put = upsert(connection.dialect.name, t.daily_export).values(log_id=state.log_id, **_values(state))
            connection.execute(put.on_conflict_do_nothing(index_elements=["log_id"]))

    def lease(self, state: DailyState, now: int, until: int) -> bool:
        """Take the export for this node, unless another node has it or went on with it."""
        d = t.daily_export.c
        free = update(t.daily_export).where(
            d.log_id == state.log_id,
            d.leased_until <= now,
            d.next_day == state.next_day,
            d.failures == state.failures,
        )
        with self._writing() as connection:
            return connection.execute(free.values(leased_until=until)).rowcount > 0

    def put(self, state: DailyState) -> None:
        """Store a state: how far it is, and until when this node has it."""
        mine = update(t.daily_export).where(t.daily_export.c.log_id == state.log_id)
        with self._writing() as connection:
            connection.execute(mine.values(**_values(state)))

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._engine.execution_options(sqlite_begin="IMMEDIATE").begin()


def _values(state: DailyState) -> dict[str, object]:
    return {name: getattr(state, name) for name in ("next_day", "failures", "next_at", "leased_until", "said")}
