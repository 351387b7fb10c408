"""Hold the name that a log is to be signed under against the entries that opened it."""

from typing import Any

from askfirst.core.checkpoint import Checkpoint
from askfirst.core.errors import LedgerFault
from askfirst.core.kinds import EntryKind
from askfirst.core.leaf import opens, parse_leaf
from askfirst.core.record import misfits
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.ports import Ledger
from askfirst.usecases.rows import Organisation, StoredEntry

_SEE = "see what was altered with: askfirst ledger verify"


def require_opened(ledger: Ledger, organisation: Organisation, kept: Checkpoint | None) -> None:
    """Raise LedgerFault unless the log was opened under its name last, and never before.

    A log that was closed has its key still at hand, so that its name alone, given back by hand, would have another tree
    signed under it. `kept` is the checkpoint outside the database: of this log, or of one that was closed before it.
    """
    origin = organisation.origin
    opened = _openings(ledger, organisation)
    names = [said["origin"] for said in opened]
    closed = {*names[:-1], *(str(said["predecessor"]).partition("\n")[0] for said in opened if said["predecessor"])}
    if names[-1:] != [origin]:
        raise _another(origin, f"the log that was opened last is {names[-1] if names else 'none'}")
    if origin in closed:
        raise _another(origin, "a log of that name was closed")
    if kept is not None and kept.origin not in {origin, *closed}:
        raise _another(origin, f"no entry says that it took over from {kept.origin}")


def closed_at(ledger: Ledger, organisation: Organisation, origin: str) -> int | None:
    """Return how many entries the log `origin` was signed for, as the one that took over from it names its last
    checkpoint; None where none names it. Raises LedgerFault where an entry that opened a log was altered.
    """
    notes = [str(said["predecessor"]).split("\n") for said in _openings(ledger, organisation)]
    sizes = [int(note[1]) for note in notes if note[0] == origin and len(note) > 1 and note[1].isdecimal()]
    return max(sizes, default=None)


def _openings(ledger: Ledger, organisation: Organisation) -> list[dict[str, Any]]:
    """Return what the entries say that opened the log, oldest first."""
    entries = ledger.of_kind(organisation.log_id, EntryKind.LOG_OPENED)
    return [_read(entry, organisation.origin) for entry in entries]


def _read(entry: StoredEntry, origin: str) -> dict[str, Any]:
    """Return what an entry says that was committed to."""
    said = dict(read_part(entry.what))
    leaf = parse_leaf(entry.leaf)
    faults = opens(leaf, what_salt=entry.what_salt, what=entry.what, who_salt=entry.who_salt, who=entry.who)
    if faults or leaf.kind is not EntryKind.LOG_OPENED or misfits(leaf.kind, said):
        raise _another(origin, "an entry that opened a log was altered")
    return said


def _another(origin: str, reason: str) -> LedgerFault:
    return LedgerFault(f"The log is named {origin}, but {reason}; {_SEE}")
