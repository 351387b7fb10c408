"""Check a range of entries by themselves: content, commitments, search table and receipts, but not the tree."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from askfirst.core.errors import MalformedLeaf
from askfirst.core.kinds import DECISIONS, FORGETTING, EntryKind
from askfirst.core.leaf import OpeningFault, opens, parse_leaf
from askfirst.core.record import misfits
from askfirst.core.tree import leaf_hash
from askfirst.usecases.check_decisions import DecisionCheck
from askfirst.usecases.deeds import deed_of
from askfirst.usecases.directory import Directory
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.imported import METHOD
from askfirst.usecases.keys import RECEIPT
from askfirst.usecases.ports import Ledger
from askfirst.usecases.projection import projected
from askfirst.usecases.rows import Deed, Record, StoredEntry
from askfirst.usecases.stored_receipts import receipt_fault, receipt_reader
from askfirst.usecases.verify_catalogue import ANNOUNCING
from askfirst.usecases.verify_registers import REGISTERING
from askfirst_sdk.keys import KeyRing
from askfirst_sdk.token import RECEIPT_SALT, TokenVerifier

# Entries in one range: a multiple of a tile, small enough to be held in memory, large enough to be worth a process.
RANGE: Final = 4096

_MISSING = (OpeningFault.WHAT_MISSING, OpeningFault.WHO_MISSING)
# Kinds that something else is held against.
_READ: Final = ANNOUNCING | REGISTERING
_SAID = {
    OpeningFault.WHAT_MISSING: "what was decided is missing",
    OpeningFault.WHO_MISSING: "whom it concerns is missing",
    OpeningFault.WHAT_ALTERED: "what was decided is not what was committed to: it was altered",
    OpeningFault.WHO_ALTERED: "whom it concerns is not what was committed to: it was altered",
    OpeningFault.OTHER_KIND: "its content is of another kind than its leaf",
    OpeningFault.OTHER_ENTRY: "its two parts name different entries",
}


@dataclass(slots=True)
class Checked:
    """What was found in a range that begins at `first`; it may travel between processes.

    An entry is named by its position; by None while it waits for one.
    """

    first: int
    leaf_hashes: list[bytes] = field(default_factory=list)  # computed ones, one after the other
    gap: bool = False  # a leaf is missing in the middle: the range ends before it
    erased: int = 0
    findings: list[tuple[int | None, str]] = field(default_factory=list)
    missing: dict[bytes, int | None] = field(default_factory=dict)  # leaf hash and position of what has no content
    listed: set[bytes] = field(default_factory=set)  # those of them that the search table still holds
    forgotten: dict[bytes, int | None] = field(default_factory=dict)  # what an entry says was forgotten, and that entry
    announced: list[tuple[EntryKind, bytes, int | None]] = field(default_factory=list)


# Gives the ranges' results in their order; ranges that follow a gap may be left out.
CheckRanges = Callable[[Iterable[tuple[int, int]]], Iterator[Checked]]


class EntryCheck:
    """Checks entries of one log against each other and against what the service works from."""

    def __init__(self, directory: Directory, ledger: Ledger, log_id: int, *, signatures: bool) -> None:
        """Take the catalogue and the ledger; `signatures`: whether those of receipts are checked too."""
        self._directory, self._ledger, self._log_id = directory, ledger, log_id
        verifier = None
        if signatures:
            # A revoked key is not believed any more, but what it signed was signed.
            keys = (key.verifier for key in directory.keys_of(log_id, RECEIPT))
            verifier = TokenVerifier(KeyRing.parse(keys), RECEIPT_SALT)
        self._read_receipt = receipt_reader(verifier)
        self._decisions = DecisionCheck(directory, self._read_receipt, signatures=signatures)

    def each(self, ranges: Iterable[tuple[int, int]]) -> Iterator[Checked]:
        """Check one range after the other."""
        return (self.range(first, end) for first, end in ranges)

    def range(self, first: int, end: int) -> Checked:
        """Check the entries from position `first` up to but not including `end`."""
        checked = Checked(first)
        holds, hashes = self._decisions.holds, checked.leaf_hashes
        rows = list(self._ledger.scan(self._log_id, first, end))
        deeds = self._deeds([row[1] for row in rows if row[3] not in DECISIONS and isinstance(row[1], bytes)])
        for position, row in enumerate(rows, first):
            if row[0] != position:
                checked.gap = True
                break
            computed = holds(row)
            if computed is None:
                computed = self._look_closely(*self._ledger.scanned(row), deeds, position, checked)
            hashes.append(computed)
        return checked

    def later(self, first: int, entries: Sequence[StoredEntry]) -> Checked:
        """Check entries that came to the log, at `first` or after it, when the ones before had been read."""
        checked = Checked(first)
        deeds = self._deeds([entry.entry_id for entry in entries])
        for entry in entries:
            self._look_closely(entry, None, deeds, entry.position, checked)
        return checked

    def _deeds(self, entry_ids: Sequence[bytes]) -> Mapping[bytes, Deed]:
        return self._ledger.deeds_of(self._log_id, entry_ids) if entry_ids else {}

    def _look_closely(
        self,
        entry: StoredEntry,
        record: Record | None,
        deeds: Mapping[bytes, Deed],
        position: int | None,
        checked: Checked,
    ) -> bytes:
        """Check an entry step by step, and return the hash of its leaf."""
        computed = leaf_hash(entry.leaf)
        found = checked.findings
        if entry.leaf_hash != computed:
            found.append((position, "its stored leaf does not have the hash that the tree holds"))
        try:
            leaf = parse_leaf(entry.leaf)
        except MalformedLeaf as error:
            found.append((position, f"its leaf can not be read: {error}"))
            return computed
        if leaf.kind != entry.kind:
            found.append((position, f"it is filed as {entry.kind}, but its leaf says {leaf.kind}"))
        if leaf.kind in FORGETTING and leaf.of is not None:
            checked.forgotten[leaf.of] = position
        faults = opens(leaf, what_salt=entry.what_salt, what=entry.what, who_salt=entry.who_salt, who=entry.who)
        if faults and all(fault in _MISSING for fault in faults):
            if said := _no_erasure(leaf.kind, entry):
                found.append((position, said))
                return computed
            checked.missing[computed] = position
            checked.erased += 1
            if record is not None:
                checked.listed.add(computed)
            return computed
        found.extend((position, _SAID[fault]) for fault in faults)
        if faults or entry.what is None or entry.who is None:
            return computed
        if leaf.kind not in DECISIONS:
            if deeds.get(entry.entry_id) != deed_of(leaf.kind, entry.what, entry.who):
                found.append((position, "the search table of entries says something else than the entry"))
            if leaf.kind in _READ:
                self._announce(leaf.kind, entry.what, position, checked)
        elif fault := self._record_fault(entry.entry_id, entry.what, entry.who, record, computed):
            found.append((position, fault))
        return computed

    def _announce(self, kind: EntryKind, what: bytes, position: int | None, checked: Checked) -> None:
        """Hand an entry on to what is held against it, if its members can be read."""
        # Whoever can write into the database can commit to anything, also to what is no entry of ours.
        said = read_part(what)
        wrong = misfits(kind, said)
        if not isinstance(said.get("time"), int):
            wrong.append("time")
        if wrong:
            checked.findings.append((position, f"it does not say as {kind} does: {', '.join(wrong)}"))
        else:
            checked.announced.append((kind, what, position))

    def _record_fault(
        self, entry_id: bytes, what: bytes, who: bytes, record: Record | None, computed: bytes
    ) -> str | None:
        if record is None:
            return f"its record {UUID(bytes=entry_id)} is missing from the search table"
        differing = projected(self._directory, what, who, record)
        if differing:
            return f"the search table says something else in: {', '.join(differing)}"
        return receipt_fault(self._read_receipt, record, computed, imported=record.method == METHOD)


def _no_erasure(kind: EntryKind, entry: StoredEntry) -> str | None:
    """Return why an entry that can not be opened is none that was forgotten, whatever another entry says."""
    if kind not in DECISIONS:
        return "its content was deleted, but only a decision is ever forgotten"
    if (entry.what, entry.what_salt, entry.who, entry.who_salt) != (None,) * 4:
        # A part without its salt proves nothing and is still read; a salt alone lets somebody test a guess.
        return "some of its content was deleted, and some is still here"
    return None
