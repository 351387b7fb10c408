"""Rows of the tables as what the use cases know, also where somebody altered them by hand (usecases.altered_values)."""

from typing import Any

from askfirst.storage import tables as t
from askfirst.usecases.altered_values import as_bytes, as_bytes_or_none, as_number, as_text, as_text_or_none
from askfirst.usecases.rows import Deed, Record, StoredEntry, Tombstone

RECORD_COLUMNS = [column for column in t.record.columns if column.name not in ("log_id", "record_id")]


def as_stored(
    position: int | None,
    entry_id: object,
    leaf_hash: object,
    kind: object,
    leaf: object,
    what: object,
    what_salt: object,
    who: object,
    who_salt: object,
) -> StoredEntry:
    """Return the entry in the columns of a leaf and its entry."""
    return StoredEntry(
        position=position,
        entry_id=as_bytes(entry_id),
        leaf_hash=as_bytes_or_none(leaf_hash),
        kind=as_text(kind or ""),
        leaf=as_bytes(leaf or b""),
        what=as_bytes_or_none(what),
        what_salt=as_bytes_or_none(what_salt),
        who=as_bytes_or_none(who),
        who_salt=as_bytes_or_none(who_salt),
    )


def as_record(row: Any) -> Record:
    """Return the record in a row that has `RECORD_COLUMNS`."""
    return Record(
        site_key=as_text(row.site_key),
        subject=as_text_or_none(row.subject),
        server_time=as_number(row.server_time),
        method=as_text(row.method),
        policy_number=as_number(row.policy_number),
        language=as_text(row.language),
        origin=as_text(row.origin),
        granted=as_text(row.granted),
        refused=as_text(row.refused),
        rule=as_text(row.rule),
        late=bool(row.late),
        receipt=as_text("" if row.receipt is None else row.receipt),
        account=as_text_or_none(row.account),
    )


def as_deed(row: Any) -> Deed:
    """Return the deed in a row of its table."""
    return Deed(
        kind=as_text(row.kind),
        site_key=as_text_or_none(row.site_key),
        staff=as_text_or_none(row.staff),
        record_id=as_bytes_or_none(row.record_id),
    )


def as_tombstone(row: Any) -> Tombstone:
    """Return the tombstone in a row of its table."""
    return Tombstone(
        log_id=as_number(row.log_id),
        record_id=as_bytes(row.record_id),
        entry_id=as_bytes(row.entry_id),
        site_key=as_text(row.site_key),
        kind=as_text(row.kind),
        forgotten_at=as_number(row.forgotten_at),
    )
