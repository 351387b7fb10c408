"""Find the ledger's entry about a policy's publication, which says why visitors were asked again."""

from collections.abc import Mapping
from typing import Final

from askfirst.core.kinds import EntryKind
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.ports import Overview
from askfirst.usecases.rows import PublishedPolicy

_TIME_BYTES: Final = 6  # a UUIDv7 begins with 48 bits of Unix time in milliseconds (RFC 9562, 5.7)
_REST: Final = bytes(10)
# Several sites can publish in one millisecond.
_LOOKED_AT: Final = 20


def publication_entry(overview: Overview, published: PublishedPolicy) -> Mapping[str, object]:
    """Return the members of the entry's `what` part; nothing where it is not there any more, or was altered."""
    after = published.published_at + 1 if isinstance(published.published_at, int) else 0
    if not 0 < after < 2 ** (8 * _TIME_BYTES):
        return {}
    before = after.to_bytes(_TIME_BYTES, "big") + _REST
    entries = overview.latest_entries(published.log_id, EntryKind.POLICY_PUBLISHED, _LOOKED_AT, before)
    parts = (read_part(entry.what) for entry in entries)
    return next((part for part in parts if part.get("policy") == published.digest.hex()), {})


def causes_of(entry: Mapping[str, object]) -> tuple[str, ...]:
    """Return why the publication asks again, as its entry says it."""
    causes = entry.get("asks_again")
    return tuple(cause for cause in causes if isinstance(cause, str)) if isinstance(causes, list) else ()
