"""Make a ledger entry: commit to both parts, and give back the leaf with its opening."""

from collections.abc import Mapping

from askfirst.core.kinds import EntryKind
from askfirst.core.leaf import commit_what, commit_who, leaf_bytes
from askfirst.core.record import entry_what, entry_who
from askfirst.core.tree import leaf_hash
from askfirst.core.uuid_text import uuid_text
from askfirst.usecases.ports import Acting, Randomness
from askfirst.usecases.rows import Entry


def seal(
    log_id: int,
    entry_id: bytes,
    kind: EntryKind,
    what: bytes,
    who: bytes,
    random: Randomness,
    of: bytes | None = None,
) -> Entry:
    """Return the entry that commits to `what` and `who`. `of`: leaf hash of the entry that an erasure is about."""
    what_salt, who_salt = random.salt(), random.salt()
    leaf = leaf_bytes(kind, commit_what(what_salt, what), commit_who(who_salt, who), of)
    return Entry(log_id, entry_id, kind, leaf, leaf_hash(leaf), what, what_salt, who, who_salt)


def staff_entry(log_id: int, kind: EntryKind, members: Mapping[str, object], *, now: int, by: Acting) -> Entry:
    """Return the entry about something that staff, a program or the service itself did at `now` (ms)."""
    return entry_named(log_id, by.random.entry_id(now), kind, members, now=now, by=by)


def entry_named(
    log_id: int, entry_id: bytes, kind: EntryKind, members: Mapping[str, object], *, now: int, by: Acting
) -> Entry:
    """Return the same under an id that was told before."""
    name = uuid_text(entry_id)
    return seal(log_id, entry_id, kind, entry_what(kind, name, now, **members), entry_who(name, by.staff), by.random)
