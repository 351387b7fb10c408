"""Whether an organisation's ledger is well, at a glance."""

from dataclasses import dataclass

from askfirst.core.kinds import EntryKind
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.ports import Ledger, Overview
from askfirst.usecases.rows import Checkpoint, ListedEntry


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found; `time` in ms."""

    time: int
    size: int
    holds: bool
    signatures: bool
    faults: int


@dataclass(frozen=True, slots=True)
class Health:
    """How a ledger is: its entries, those that wait for their place, its last checkpoint and last verification."""

    size: int
    root: bytes
    waiting: int
    checkpoint: Checkpoint | None
    verified: Verified | None


def read_health(ledger: Ledger, overview: Overview, log_id: int) -> Health:
    """Return how a log is; nothing is verified here, only what the last verification found is told."""
    head = ledger.head(log_id)
    latest = overview.latest_entries(log_id, EntryKind.LEDGER_VERIFIED, 1)
    return Health(
        head.size,
        head.root,
        ledger.waiting(log_id),
        ledger.last_checkpoint(log_id),
        _verified(latest[0]) if latest else None,
    )


def _verified(entry: ListedEntry) -> Verified:
    told = read_part(entry.what)
    faults = told.get("faults")
    return Verified(
        time=_number(told.get("time")),
        size=_number(told.get("size")),
        holds=told.get("holds") is True,
        signatures=told.get("signatures") is not False,  # entries from before do not say it
        faults=len(faults) if isinstance(faults, list) else 0,
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
