"""Drafts of policies (the `Drafts` of usecases.drafts)."""

from dataclasses import asdict

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from askfirst.storage import tables as t
from askfirst.storage.entries import insert_entry
from askfirst.usecases.altered_values import as_bytes
from askfirst.usecases.rows import Entry, StoredDraft


class SqlDrafts:
    """Drafts in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def read(self, log_id: int, site_key: str) -> StoredDraft | None:
        """Return the draft of a site."""
        query = select(t.policy_draft).where(t.policy_draft.c.log_id == log_id, t.policy_draft.c.site_key == site_key)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else StoredDraft(**{**row, "content": as_bytes(row["content"])})

    def save(self, draft: StoredDraft, expected: int, entry: Entry) -> bool:
        """Store a draft in the place of version `expected`, 0 for none, with the entry that says so.

        False, and nothing is stored, where another version is there by now.
        """
        try:
            with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
                if expected:
                    changed = update(t.policy_draft).where(
                        t.policy_draft.c.log_id == draft.log_id,
                        t.policy_draft.c.site_key == draft.site_key,
                        t.policy_draft.c.version == expected,
                    )
                    if connection.execute(changed.values(asdict(draft))).rowcount != 1:
                        return False
                else:
                    connection.execute(insert(t.policy_draft).values(asdict(draft)))
                insert_entry(connection, entry)
        except IntegrityError:  # somebody else's first version
            return False
        return True

    def drop(self, log_id: int, site_key: str, expected: int, entry: Entry | None) -> bool:
        """Forget version `expected` of a draft, with the entry that says so; False where it is another one by now."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            gone = delete(t.policy_draft).where(
                t.policy_draft.c.log_id == log_id,
                t.policy_draft.c.site_key == site_key,
                t.policy_draft.c.version == expected,
            )
            if connection.execute(gone).rowcount != 1:
                return False
            if entry is not None:
                insert_entry(connection, entry)
        return True
