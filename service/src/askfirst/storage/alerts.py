"""Alerts and what they are found in (the `AlertRoom` of usecases.alerts)."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select, update

from askfirst.storage import tables as t
from askfirst.storage.entries import insert_entry
from askfirst.storage.upsert import upsert
from askfirst.usecases.altered_values import as_bytes, as_number, as_text, as_text_or_none
from askfirst.usecases.rows import Alert, Entry


class SqlAlerts:
    """Alerts in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def open_alerts(self, log_id: int) -> tuple[Alert, ...]:
        """Return the alerts that are not over."""
        query = select(t.alert).where(t.alert.c.log_id == log_id, t.alert.c.ended_at.is_(None))
        with self._engine.connect() as connection:
            return tuple(_alert(row) for row in connection.execute(query))

    def alerts(
        self, log_id: int, sites: tuple[str, ...] | None, *, open_only: bool, after: bytes | None, limit: int
    ) -> list[Alert]:
        """Return alerts of these sites, or all; newest first, older than the id `after`."""
        a = t.alert.c
        where = [a.log_id == log_id]
        if sites is not None:
            where.append(a.site_key.in_(sites))
        if open_only:
            where.append(a.ended_at.is_(None))
        if after is not None:
            where.append(a.alert_id < after)
        query = select(t.alert).where(*where).order_by(a.alert_id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [_alert(row) for row in connection.execute(query)]

    def raise_alert(self, alert: Alert, entry: Entry) -> bool:
        """Store a new alert with its entry, unless one of its rule and site is open."""
        values = {
            "log_id": alert.log_id,
            "alert_id": alert.alert_id,
            "rule": alert.rule,
            "site_key": alert.site_key,
            "facts": json.dumps(alert.facts),
            "raised_at": alert.raised_at,
            "seen_at": alert.seen_at,
        }
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            new = upsert(connection.dialect.name, t.alert).values(values).on_conflict_do_nothing()
            # The number of rows is not told of such an insert by every driver.
            raised = connection.execute(new.returning(t.alert.c.alert_id)).first() is not None
            if raised:
                insert_entry(connection, entry)
        return raised

    def seen(self, alert: Alert) -> None:
        """Store when an open alert was last seen, and what was found then."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            changed = {"seen_at": alert.seen_at, "facts": json.dumps(alert.facts)}
            connection.execute(update(t.alert).where(*_this(alert), t.alert.c.ended_at.is_(None)).values(changed))

    def end(self, alert: Alert, entry: Entry) -> bool:
        """Store that an alert is over with its entry, unless somebody did before."""
        return self._once(alert, t.alert.c.ended_at, {"ended_at": alert.ended_at}, entry)

    def acknowledge(self, alert: Alert, entry: Entry) -> bool:
        """Store who acknowledged an alert with its entry, unless somebody did before."""
        changed = {"acknowledged_at": alert.acknowledged_at, "acknowledged_by": alert.acknowledged_by}
        return self._once(alert, t.alert.c.acknowledged_at, changed, entry)

    def answered(self, log_id: int, first_hour: int, before_hour: int) -> dict[str, dict[str, int]]:
        """Return the decisions of some hours since 1970 by site and method."""
        r = t.rollup.c
        query = (
            select(r.site_key, r.value, func.sum(r.count))
            .where(r.log_id == log_id, r.dimension == "method", r.hour >= first_hour, r.hour < before_hour)
            .group_by(r.site_key, r.value)
        )
        found: dict[str, dict[str, int]] = {}
        with self._engine.connect() as connection:
            for site_key, method, count in connection.execute(query):
                found.setdefault(as_text(site_key), {})[as_text(method)] = int(count)
        return found

    def oldest_unsigned(self, log_id: int) -> int | None:
        """Return when the oldest entry came that no checkpoint holds (ms); None where there is none."""
        signed = select(func.coalesce(func.max(t.checkpoint.c.size), 0)).where(t.checkpoint.c.log_id == log_id)
        placed = select(t.leaf.c.entry_id).where(
            t.leaf.c.log_id == log_id, t.leaf.c.position == signed.scalar_subquery()
        )
        waiting = select(t.pending.c.entry_id).where(t.pending.c.log_id == log_id)
        oldest = waiting.order_by(t.pending.c.entry_id).limit(1)
        with self._engine.connect() as connection:
            found = [connection.execute(query).scalar_one_or_none() for query in (placed, oldest)]
        times = [int.from_bytes(as_bytes(one)[:6], "big") for one in found if one is not None]
        return min(times, default=None)

    def _once(self, alert: Alert, unset: ColumnElement[Any], changed: dict[str, Any], entry: Entry) -> bool:
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            first = update(t.alert).where(*_this(alert), unset.is_(None)).values(changed)
            done = connection.execute(first).rowcount > 0
            if done:
                insert_entry(connection, entry)
        return done


def _this(alert: Alert) -> list[ColumnElement[bool]]:
    return [t.alert.c.log_id == alert.log_id, t.alert.c.alert_id == alert.alert_id]


def _alert(row: Any) -> Alert:
    return Alert(
        log_id=as_number(row.log_id),
        alert_id=as_bytes(row.alert_id),
        rule=as_text(row.rule),
        site_key=as_text(row.site_key),
        facts=_facts(row.facts),
        raised_at=as_number(row.raised_at),
        seen_at=as_number(row.seen_at),
        ended_at=None if row.ended_at is None else as_number(row.ended_at),
        acknowledged_at=None if row.acknowledged_at is None else as_number(row.acknowledged_at),
        acknowledged_by=as_text_or_none(row.acknowledged_by),
    )


def _facts(text: object) -> dict[str, object]:
    """Return what was found; nothing where somebody wrote something else there."""
    try:
        found = json.loads(as_text(text))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
