"""Put one ledger entry and its place in the queue into a running transaction."""

from sqlalchemy import Connection, insert

from askfirst.storage import tables as t
from askfirst.usecases.deeds import deed_of
from askfirst.usecases.rows import Entry


def insert_entry(connection: Connection, entry: Entry) -> None:
    """Store `entry`, which is no decision, with what searches need of it, and queue it for the tree."""
    connection.execute(
        insert(t.entry).values(
            log_id=entry.log_id,
            entry_id=entry.entry_id,
            kind=entry.kind,
            leaf=entry.leaf,
            what=entry.what,
            what_salt=entry.what_salt,
            who=entry.who,
            who_salt=entry.who_salt,
        )
    )
    connection.execute(
        insert(t.deed).values(
            log_id=entry.log_id,
            entry_id=entry.entry_id,
            **deed_of(entry.kind, entry.what, entry.who)._asdict(),
        )
    )
    connection.execute(
        insert(t.pending).values(log_id=entry.log_id, entry_id=entry.entry_id, leaf_hash=entry.leaf_hash)
    )
