"""An entry as what stands beside the ledger is held against it."""

from typing import NamedTuple

from askfirst.core.kinds import EntryKind


class Announcement(NamedTuple):
    """What an entry whose opening holds says, and who did it; it may travel between processes.

    `staff` None: the service itself. `position` None: the entry waits for its place.
    """

    kind: EntryKind
    what: bytes
    staff: str | None
    position: int | None
