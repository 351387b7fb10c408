"""Check a range of entries by themselves: content, commitments, search table and receipts, but not the tree."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

from askfirst.core.errors import MalformedLeaf
from askfirst.core.kinds import DECISIONS, FORGETTING, EntryKind
from askfirst.core.leaf import Leaf, OpeningFault, opens, parse_leaf
from askfirst.core.record import misfits
from askfirst.core.tree import leaf_hash
from askfirst.usecases.announcement import Announcement
from askfirst.usecases.check_decisions import DecisionCheck
from askfirst.usecases.deeds import deed_of
from askfirst.usecases.directory import Directory
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.imported import METHOD
from askfirst.usecases.keys import RECEIPT
from askfirst.usecases.ports import Ledger
from askfirst.usecases.projection import projected
from askfirst.usecases.rows import Deed, Record, StoredEntry, Tombstone
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


class Named(NamedTuple):
    """An entry's position, and an entry's id; None for what is not known."""

    position: int | None
    entry_id: bytes | None


class _Beside(NamedTuple):
    """What other tables hold of some entries that are no decisions."""

    deeds: Mapping[bytes, Deed]
    tombstones: Mapping[bytes, list[Tombstone]]


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
    missing: dict[bytes, Named] = field(default_factory=dict)  # what has no content, by the hash of its leaf
    listed: set[bytes] = field(default_factory=set)  # those of them that the search table still holds
    # By the leaf hash of what an entry says was forgotten: that entry's position, and the record that it names.
    forgotten: dict[bytes, Named] = field(default_factory=dict)
    announced: list[Announcement] = field(default_factory=list)


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
        beside = self._beside((row[1], row[3]) for row in rows if row[3] not in DECISIONS and isinstance(row[1], bytes))
        for position, row in enumerate(rows, first):
            if row[0] != position:
                checked.gap = True
                break
            computed = holds(row)
            if computed is None:
                computed = self._look_closely(*self._ledger.scanned(row), beside, position, checked)
            hashes.append(computed)
        return checked

    def later(self, first: int, entries: Sequence[StoredEntry]) -> Checked:
        """Check entries that came to the log, at `first` or after it, when the ones before had been read."""
        checked = Checked(first)
        beside = self._beside((entry.entry_id, entry.kind) for entry in entries)
        for entry in entries:
            self._look_closely(entry, None, beside, entry.position, checked)
        return checked

    def _beside(self, entries: Iterable[tuple[bytes, str]]) -> _Beside:
        kinds = dict(entries)
        forgetting = [entry_id for entry_id, kind in kinds.items() if kind in FORGETTING]
        return _Beside(
            self._ledger.deeds_of(self._log_id, list(kinds)) if kinds else {},
            self._ledger.tombstones_of(self._log_id, forgetting) if forgetting else {},
        )

    def _look_closely(
        self,
        entry: StoredEntry,
        record: Record | None,
        beside: _Beside,
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
            checked.forgotten[leaf.of] = Named(position, None)
        faults = opens(leaf, what_salt=entry.what_salt, what=entry.what, who_salt=entry.who_salt, who=entry.who)
        if faults and all(fault in _MISSING for fault in faults):
            if said := _no_erasure(leaf.kind, entry):
                found.append((position, said))
                return computed
            checked.missing[computed] = Named(position, entry.entry_id)
            checked.erased += 1
            if record is not None:
                checked.listed.add(computed)
            return computed
        found.extend((position, _SAID[fault]) for fault in faults)
        if faults or entry.what is None or entry.who is None:
            return computed
        if leaf.kind not in DECISIONS:
            done = deed_of(leaf.kind, entry.what, entry.who)
            if beside.deeds.get(entry.entry_id) != done:
                found.append((position, "the search table of entries says something else than the entry"))
            self._hand_on(
                leaf, entry.entry_id, Announcement(leaf.kind, entry.what, done.staff, position), beside, checked
            )
        elif fault := self._record_fault(entry.entry_id, entry.what, entry.who, record, computed):
            found.append((position, fault))
        return computed

    def _hand_on(self, leaf: Leaf, entry_id: bytes, announced: Announcement, beside: _Beside, checked: Checked) -> None:
        """Hand an entry on to what is held against it, if its members can be read."""
        if leaf.kind not in _READ and leaf.of is None:
            return
        # Whoever can write into the database can commit to anything, also to what is no entry of ours.
        said, position = read_part(announced.what), announced.position
        wrong = misfits(leaf.kind, said)
        if not isinstance(said.get("time"), int):
            wrong.append("time")
        if wrong:
            checked.findings.append((position, f"it does not say as {leaf.kind} does: {', '.join(wrong)}"))
        elif leaf.of is None:
            checked.announced.append(announced)
        elif stone := self._tombstone(leaf.kind, entry_id, said):
            checked.forgotten[leaf.of] = Named(position, stone.record_id)
            if beside.tombstones.get(entry_id) != [stone]:
                checked.findings.append((position, "the tombstone of what it forgot is missing or was altered"))
        else:
            checked.findings.append((position, "it names no record that was forgotten"))

    def _tombstone(self, kind: EntryKind, entry_id: bytes, said: Mapping[str, Any]) -> Tombstone | None:
        """Return the tombstone that an entry left; None where it names no record."""
        try:
            record_id = UUID(said["record"]).bytes
        except ValueError:
            return None
        return Tombstone(self._log_id, record_id, entry_id, said["site"], kind.value, said["time"])

    def _record_fault(
        self, entry_id: bytes, what: bytes, who: bytes, record: Record | None, computed: bytes
    ) -> str | None:
        if record is None:
            return f"its record {UUID(bytes=entry_id)} is missing from the search table"
        differing = projected(self._directory, what, who, record)
        if differing:
            return f"the search table says something else in: {', '.join(differing)}"
        return receipt_fault(
            self._read_receipt, self._directory, record, what, computed, imported=record.method == METHOD
        )


def _no_erasure(kind: EntryKind, entry: StoredEntry) -> str | None:
    """Return why an entry that can not be opened is none that was forgotten, whatever another entry says."""
    if kind not in DECISIONS:
        return "its content was deleted, but only a decision is ever forgotten"
    if (entry.what, entry.what_salt, entry.who, entry.who_salt) != (None,) * 4:
        # A part without its salt proves nothing and is still read; a salt alone lets somebody test a guess.
        return "some of its content was deleted, and some is still here"
    return None
