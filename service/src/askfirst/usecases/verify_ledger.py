"""Verify everything: re-hash stored content, reopen commitments, rebuild the tree, check every signature."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from askfirst.core.checkpoint import open_checkpoint
from askfirst.core.errors import LedgerFault, MalformedLeaf
from askfirst.core.frontier import Frontier, Tile, grow
from askfirst.core.kinds import FORGETTING, EntryKind
from askfirst.core.leaf import Leaf, OpeningFault, opens, parse_leaf
from askfirst.core.tree import leaf_hash
from askfirst.usecases.directory import Directory
from askfirst.usecases.keys import CHECKPOINT
from askfirst.usecases.ports import Ledger
from askfirst.usecases.projection import projected
from askfirst.usecases.rows import Checkpoint, StoredEntry
from askfirst_sdk.keys import VerifierKey

PAGE = 2000
_MISSING = (OpeningFault.WHAT_MISSING, OpeningFault.WHO_MISSING)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and the entry (from 0) where it shows first."""

    position: int | None
    said: str

    def __str__(self) -> str:
        """Return the finding as one line."""
        return self.said if self.position is None else f"Entry {self.position}: {self.said}"


@dataclass(slots=True)
class Verification:
    """What a verification found."""

    size: int = 0
    root: bytes = b""
    checkpoints: int = 0
    waiting: int = 0
    erased: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def first_bad(self) -> int | None:
        """The smallest position that something is wrong with."""
        return min((found.position for found in self.findings if found.position is not None), default=None)


def verify_ledger(
    directory: Directory, ledger: Ledger, log_id: int, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Verification:
    """Re-compute the whole log from its entries and return all that does not fit. `progress` gets (done, of)."""
    result = Verification(waiting=ledger.waiting(log_id))
    head = ledger.head(log_id)
    checkpoints = _signed(directory, ledger, log_id, result)
    grown = Frontier()
    missing: dict[bytes, int] = {}
    forgotten: set[bytes] = set()
    while page := ledger.entries(log_id, grown.size, PAGE):
        for entry in page:
            position = grown.size
            if entry.position != position:
                result.findings.append(Finding(position, "no leaf stands here; one was removed or renumbered"))
                return _closed(result, grown, missing, forgotten)
            computed = leaf_hash(entry.leaf)
            _check_entry(ledger, log_id, entry, position, computed, result, missing, forgotten)
            grown, full = grow(grown, [computed])
            result.findings.extend(_tile_findings(ledger, log_id, full))
            checkpoint = checkpoints.pop(grown.size, None)
            if checkpoint is not None:
                result.checkpoints += 1
                if checkpoint.root != grown.root:
                    said = (
                        f"Checkpoint {grown.size} was signed for another root than the first {grown.size} entries give."
                    )
                    result.findings.append(Finding(result.first_bad, said))
        progress(grown.size, head.size)
    if (grown.size, grown.root) != (head.size, head.root):
        said = f"The head says {head.size} entries, but the {grown.size} that are stored give another tree."
        result.findings.append(Finding(None, said))
    for size in checkpoints:
        said = f"Checkpoint {size} was signed, but only {grown.size} entries are stored: the log was cut."
        result.findings.append(Finding(grown.size, said))
    result.findings.extend(_tile_findings(ledger, log_id, grown.partial_tiles()))
    counts = ledger.counts(log_id)
    if counts["entry"] != counts["leaf"] + counts["pending"]:
        said = (
            f"{counts['entry']} entries are stored, but {counts['leaf']} are in the tree and {counts['pending']} wait."
        )
        result.findings.append(Finding(None, said))
    return _closed(result, grown, missing, forgotten)


def _check_entry(
    ledger: Ledger,
    log_id: int,
    entry: StoredEntry,
    position: int,
    computed: bytes,
    result: Verification,
    missing: dict[bytes, int],
    forgotten: set[bytes],
) -> None:
    def found(said: str) -> None:
        result.findings.append(Finding(position, said))

    if entry.leaf_hash != computed:
        found("its stored leaf does not have the hash that the tree holds")
    try:
        leaf = parse_leaf(entry.leaf)
    except MalformedLeaf as error:
        found(f"its leaf can not be read: {error}")
        return
    if leaf.kind != entry.kind:
        found(f"it is filed as {entry.kind}, but its leaf says {leaf.kind}")
    if leaf.kind in FORGETTING and leaf.of is not None:
        forgotten.add(leaf.of)
    faults = opens(leaf, what_salt=entry.what_salt, what=entry.what, who_salt=entry.who_salt, who=entry.who)
    if faults and all(fault in _MISSING for fault in faults):
        missing[computed] = position
        result.erased += 1
        return
    for fault in faults:
        found(_SAID[fault])
    if leaf.kind is EntryKind.DECISION_RECORDED and not faults:
        _check_projection(ledger, log_id, entry, leaf, found)


_SAID = {
    OpeningFault.WHAT_MISSING: "what was decided is missing",
    OpeningFault.WHO_MISSING: "whom it concerns is missing",
    OpeningFault.WHAT_ALTERED: "what was decided is not what was committed to: it was altered",
    OpeningFault.WHO_ALTERED: "whom it concerns is not what was committed to: it was altered",
    OpeningFault.OTHER_KIND: "its content is of another kind than its leaf",
    OpeningFault.OTHER_ENTRY: "its two parts name different entries",
}


def _check_projection(
    ledger: Ledger, log_id: int, entry: StoredEntry, _leaf: Leaf, found: Callable[[str], None]
) -> None:
    record = ledger.record_of(log_id, entry.entry_id)
    if record is None:
        found(f"its record {UUID(bytes=entry.entry_id)} is missing from the search table")
        return
    differing = projected(entry.what or b"", entry.who or b"", record)
    if differing:
        found(f"the search table says something else in: {', '.join(differing)}")


def _signed(directory: Directory, ledger: Ledger, log_id: int, result: Verification) -> dict[int, Checkpoint]:
    """Return the checkpoints by size, after checking each note's signature and text."""
    keys = [VerifierKey.parse(key.verifier) for key in directory.keys if key.log_id == log_id and key.use == CHECKPOINT]
    origin = directory.organisations[log_id].origin
    signed = {}
    for checkpoint in ledger.checkpoints(log_id):
        try:
            body = open_checkpoint(checkpoint.note.encode(), origin, keys)
        except LedgerFault as error:
            result.findings.append(Finding(None, f"Checkpoint {checkpoint.size} does not hold: {error}"))
            continue
        if (body.size, body.root) != (checkpoint.size, checkpoint.root):
            said = f"Checkpoint {checkpoint.size} was signed for something else than its row says."
            result.findings.append(Finding(None, said))
        signed[checkpoint.size] = Checkpoint(body.size, body.root, checkpoint.note, checkpoint.signed_at)
    return signed


def _tile_findings(ledger: Ledger, log_id: int, tiles: Iterable[Tile]) -> Iterable[Finding]:
    for tile in tiles:
        if ledger.read_tile(log_id, int(tile.address.level), tile.address.index) != tile.data:
            said = f"Tile {tile.address.index} of level {tile.address.level} is not what the entries give."
            yield Finding(None, said)


def _closed(result: Verification, grown: Frontier, missing: dict[bytes, int], forgotten: set[bytes]) -> Verification:
    """Finish: a missing opening is in order only where an entry says that it was forgotten."""
    for leaf, position in missing.items():
        if leaf not in forgotten:
            said = "its content was deleted, and no entry says that it was forgotten"
            result.findings.append(Finding(position, said))
    result.size, result.root = grown.size, grown.root
    result.findings.sort(key=lambda found: grown.size if found.position is None else found.position)
    return result
