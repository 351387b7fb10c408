"""Webhooks and their places in the ledger (the `WebhookRoom` of usecases.ports)."""

import json
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.storage.entries import insert_entry
from askfirst.storage.read_back import RECORD_COLUMNS, as_record
from askfirst.usecases.altered_values import as_bytes, as_bytes_or_none, as_number, as_text
from askfirst.usecases.rows import Entry, News, Webhook


class SqlWebhookRoom:
    """Webhooks in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def webhooks(self, log_id: int) -> tuple[Webhook, ...]:
        """Return an organisation's webhooks, oldest first."""
        query = select(t.webhook).where(t.webhook.c.log_id == log_id).order_by(t.webhook.c.webhook_id)
        with self._engine.connect() as connection:
            return tuple(_webhook(row) for row in connection.execute(query))

    def add(self, webhook: Webhook, entry: Entry) -> None:
        """Store a new webhook with its entry."""
        values = {
            "log_id": webhook.log_id,
            "webhook_id": webhook.webhook_id,
            "url": webhook.url,
            "events": json.dumps(webhook.events),
            "sites": None if webhook.sites is None else json.dumps(webhook.sites),
            "created_at": webhook.created_at,
            "position": webhook.position,
            "failures": webhook.failures,
            "next_at": webhook.next_at,
            "leased_until": webhook.leased_until,
            "said": webhook.said,
        }
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            connection.execute(insert(t.webhook).values(values))
            insert_entry(connection, entry)

    def remove(self, log_id: int, webhook_id: bytes, entry: Entry) -> bool:
        """Take a webhook away with its entry, and say whether it was there."""
        mine = (t.webhook.c.log_id == log_id) & (t.webhook.c.webhook_id == webhook_id)
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            gone = connection.execute(delete(t.webhook).where(mine)).rowcount > 0
            if gone:
                insert_entry(connection, entry)
        return gone

    def paused(self, webhook: Webhook, at: int | None, entry: Entry) -> bool:
        """Store with its entry since when a webhook is paused, or that it goes on (None); say whether it is there."""
        w = t.webhook.c
        change = update(t.webhook).where(w.log_id == webhook.log_id, w.webhook_id == webhook.webhook_id)
        # What only waits after failures goes on too.
        change = change.values(paused_at=at) if at else change.values(paused_at=None, failures=0, next_at=0)
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            there = connection.execute(change).rowcount > 0
            if there:
                insert_entry(connection, entry)
        return there

    def lease(self, webhook: Webhook, now: int, until: int) -> bool:
        """Take a webhook for this node, unless another node has it, or moved it since it was read, or it is paused."""
        w = t.webhook.c
        free = (w.log_id == webhook.log_id) & (w.webhook_id == webhook.webhook_id) & (w.leased_until <= now)
        free &= w.paused_at.is_(None)
        same = (w.position == webhook.position) & (w.failures == webhook.failures)
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            return connection.execute(update(t.webhook).where(free, same).values(leased_until=until)).rowcount > 0

    def moved(self, webhook: Webhook) -> None:
        """Store how far a webhook is, and give it back."""
        w = t.webhook.c
        values = {name: getattr(webhook, name) for name in ("position", "failures", "next_at", "leased_until", "said")}
        mine = (w.log_id == webhook.log_id) & (w.webhook_id == webhook.webhook_id)
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            connection.execute(update(t.webhook).where(mine).values(**values))

    def news(self, log_id: int, position: int, limit: int) -> list[News]:
        """Return sequenced entries from a position on."""
        leaf, entry, record = t.leaf, t.entry, t.record
        same = (entry.c.log_id == leaf.c.log_id) & (entry.c.entry_id == leaf.c.entry_id)
        decided = (record.c.log_id == leaf.c.log_id) & (record.c.record_id == leaf.c.entry_id)
        query = (
            select(leaf.c.position, leaf.c.entry_id, entry.c.kind, entry.c.what, record.c.record_id, *RECORD_COLUMNS)
            .select_from(leaf.join(entry, same).outerjoin(record, decided))
            .where(leaf.c.log_id == log_id, leaf.c.position >= position)
            .order_by(leaf.c.position)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [_news(row) for row in connection.execute(query)]


def _news(row: Any) -> News:
    kind = as_text(row.kind)
    return News(
        position=as_number(row.position),
        entry_id=as_bytes(row.entry_id),
        kind=kind,
        what=None if kind == EntryKind.DECISION_RECORDED else as_bytes_or_none(row.what),
        record=None if row.record_id is None else as_record(row),
    )


def _webhook(row: Any) -> Webhook:
    return Webhook(
        log_id=as_number(row.log_id),
        webhook_id=as_bytes(row.webhook_id),
        url=as_text(row.url),
        events=tuple(json.loads(row.events)),
        sites=None if row.sites is None else tuple(json.loads(row.sites)),
        created_at=as_number(row.created_at),
        position=as_number(row.position),
        failures=as_number(row.failures),
        next_at=as_number(row.next_at),
        leased_until=as_number(row.leased_until),
        said=as_text(row.said),
        paused_at=row.paused_at,
    )
