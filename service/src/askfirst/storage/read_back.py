"""What a row says, as the type that its column has.

SQLite lets any type into any column. What somebody put there by hand as another type is read as what comes nearest, so
that it is compared, found to be wrong and told, instead of being tripped over.
"""

from typing import Any

from askfirst.storage import tables as t
from askfirst.usecases.rows import Deed, Record, StoredEntry

RECORD_COLUMNS = [column for column in t.record.columns if column.name not in ("log_id", "record_id")]


def as_bytes(value: object) -> bytes:
    """Return a value of a column of bytes."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def as_bytes_or_none(value: object) -> bytes | None:
    """Return a value of a column of bytes that may be null."""
    return None if value is None else as_bytes(value)


def as_text(value: object) -> str:
    """Return a value of a column of text."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def as_text_or_none(value: object) -> str | None:
    """Return a value of a column of text that may be null."""
    return None if value is None else as_text(value)


def as_number(value: object) -> int:
    """Return a value of a column of numbers; -1, which none of ours ever holds, for what is no number."""
    return value if isinstance(value, int) else -1


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
