"""Make proofs for others: inclusion, consistency, and a record's bundle, all under a signed checkpoint."""

from dataclasses import dataclass
from uuid import UUID

from askfirst.core.bundle import Opening, bundle
from askfirst.core.errors import NotFound, Unavailable
from askfirst.core.tiles import hash_reader
from askfirst.core.tree import HashReader, consistency_proof, inclusion_proof, leaf_hash
from askfirst.usecases.ports import Forgetting, Ledger
from askfirst.usecases.rows import Checkpoint, Record, StoredEntry

NO_SUCH = "No record with this id is among those that you may see."


@dataclass(frozen=True, slots=True)
class Found:
    """Where a record stands, as whoever holds its receipt may know it."""

    index: int
    forgotten: str | None


def _not_yet() -> Unavailable:
    return Unavailable(2, "no signed checkpoint covers it yet")


def last_signed(ledger: Ledger, log_id: int) -> Checkpoint:
    """Return the last checkpoint. Raises Unavailable before the first."""
    last = ledger.last_checkpoint(log_id)
    if last is None:
        raise _not_yet()
    return last


def reader(ledger: Ledger, log_id: int, size: int) -> HashReader:
    """Return a reader of the log's subtree hashes at a size."""
    return hash_reader(size, lambda level, position: ledger.read_tile(log_id, level, position))


def inclusion(ledger: Ledger, log_id: int, index: int, size: int) -> list[bytes]:
    """Return the audit path of the leaf at `index` in the tree of `size` leaves, nearest hash first."""
    return inclusion_proof(index, size, reader(ledger, log_id, size))


def consistency(ledger: Ledger, log_id: int, first: int, second: int) -> list[bytes]:
    """Return the proof that the tree of `second` leaves begins with that of `first`."""
    return consistency_proof(first, second, reader(ledger, log_id, second))


def find_leaf(ledger: Ledger, forgetting: Forgetting, log_id: int, record: bytes, leaf: bytes) -> Found:
    """Return where the record of a receipt stands; both are in the receipt, so that nobody finds out by guessing ids.

    Raises NotFound in the same words for an unknown record and for another leaf, Unavailable where no signed
    checkpoint covers it yet.
    """
    entry = ledger.entry(log_id, record)
    if entry is None or leaf_hash(entry.leaf) != leaf:
        raise NotFound("No record has this id and this leaf.")
    if entry.position is None or entry.position >= last_signed(ledger, log_id).size:
        raise _not_yet()
    stone = forgetting.tombstone(log_id, record)
    return Found(entry.position, stone.kind if stone else None)


def find_record(
    ledger: Ledger, log_id: int, record_id: str, sites: tuple[str, ...] | None
) -> tuple[StoredEntry, Record]:
    """Return a decision's entry and its projection. Raises NotFound where there is none, or none of these sites'."""
    try:
        raw = UUID(record_id).bytes
    except ValueError:
        raise NotFound(NO_SUCH) from None
    entry, record = ledger.entry(log_id, raw), ledger.record_of(log_id, raw)
    if entry is None or record is None or (sites is not None and record.site_key not in sites):
        raise NotFound(NO_SUCH)
    return entry, record


def record_bundle(ledger: Ledger, log_id: int, record_id: str, sites: tuple[str, ...] | None = None) -> bytes:
    """Return the proof bundle of a record (formats.md 8).

    Raises NotFound in the words of `show_record`, also for a record that was forgotten: its opening is gone.
    Unavailable where no signed checkpoint covers it yet, LedgerFault where the tree does not hold together.
    """
    entry, _record = find_record(ledger, log_id, record_id, sites)
    if entry.what is None or entry.what_salt is None or entry.who is None or entry.who_salt is None:
        raise NotFound(NO_SUCH)
    last = last_signed(ledger, log_id)
    if entry.position is None or entry.position >= last.size:
        raise _not_yet()
    path = inclusion(ledger, log_id, entry.position, last.size)
    opening = Opening(entry.what, entry.what_salt, entry.who, entry.who_salt)
    return bundle(opening, entry.position, tuple(path), last.note.encode())
