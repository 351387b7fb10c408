"""Store imported answers (the `Imports` of usecases.import_consents): what is there already is left as it is."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import IntegrityError

from askfirst.storage import tables as t
from askfirst.storage.batch_rows import entry_row, pending_row
from askfirst.usecases.altered_values import as_bytes, as_bytes_or_none
from askfirst.usecases.import_consents import Imported, Outcome

_ATTEMPTS = 3
_SAME = ("kind", "site", "source", "purposes", "given")


class SqlImports:
    """Imports in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def store(self, batch: Sequence[Imported]) -> list[Outcome]:
        """Store what is not there yet in one transaction, and say of each: it is new, known already, there with another
        answer, or was forgotten and stays so."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._store(batch)
            except IntegrityError:
                continue  # another import of the same file was faster: now its rows are seen
        return self._store(batch)

    def _store(self, batch: Sequence[Imported]) -> list[Outcome]:
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            found = _found(connection, batch)
            outcomes: list[Outcome] = []
            new: dict[bytes, Imported] = {}
            for one in batch:
                key = one.entry.entry_id
                if key in new:
                    outcomes.append(_outcome(new[key].entry.what, one))
                elif key in found:
                    outcomes.append(_outcome(found[key], one))
                else:
                    new[key] = one
                    outcomes.append("new")
            if new:
                _insert(connection, list(new.values()))
        return outcomes


def _found(connection: Connection, batch: Sequence[Imported]) -> dict[bytes, bytes | None]:
    """Return the parts of those entries that are there; None for one that was forgotten."""
    ids = [one.entry.entry_id for one in batch]
    query = select(t.entry.c.entry_id, t.entry.c.what).where(
        t.entry.c.log_id == batch[0].entry.log_id, t.entry.c.entry_id.in_(ids)
    )
    return {as_bytes(row.entry_id): as_bytes_or_none(row.what) for row in connection.execute(query)}


def _outcome(what: bytes | None, one: Imported) -> Outcome:
    if what is None:
        return "gone"
    return "known" if _said(what) == _said(one.entry.what) else "other"


def _said(what: bytes | None) -> list[Any]:
    members = json.loads(what or b"{}")
    return [members.get(name) for name in _SAME]


def _insert(connection: Connection, new: Sequence[Imported]) -> None:
    for table, rows in (
        (t.entry, [entry_row(one.entry) for one in new]),
        (t.pending, [pending_row(one.entry) for one in new]),
    ):
        names = [column.name for column in table.columns]
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    connection.execute(
        insert(t.record),
        [
            {
                "log_id": one.entry.log_id,
                "record_id": one.entry.entry_id,
                **one.record._asdict(),
                "receipt": None,  # Askfirst did not ask
            }
            for one in new
        ],
    )
