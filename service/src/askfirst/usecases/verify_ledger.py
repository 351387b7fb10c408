"""Verify everything: re-hash stored content, reopen commitments, rebuild the tree, check every signature."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from askfirst.core.checkpoint import Checkpoint as Signed
from askfirst.core.checkpoint import open_own_checkpoint
from askfirst.core.errors import LedgerFault
from askfirst.core.frontier import Frontier, Tile, grow
from askfirst.core.tiles import TILE_WIDTH, tile_hashes, tiles_of_size
from askfirst.core.tree import HASH_BYTES
from askfirst.usecases.check_entries import RANGE, Checked, CheckRanges, EntryCheck, Named
from askfirst.usecases.directory import Directory
from askfirst.usecases.keys import CHECKPOINT
from askfirst.usecases.ports import Clock, Ledger
from askfirst.usecases.rows import Checkpoint, Moment, Tallies
from askfirst.usecases.verify_catalogue import Announced
from askfirst.usecases.verify_registers import Registered
from askfirst.usecases.verify_rollups import rollup_faults
from askfirst_sdk.keys import VerifierKey

_ANOTHER_ROOT: Final = "Checkpoint {0} was signed for another root than the first {0} entries give."


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
    unstored: int | None = None  # size of a checkpoint that is kept outside the database and is not in it
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
    read_directory: Callable[[], Directory],
    ledger: Ledger,
    log_id: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    *,
    anchor: str | None = None,
    signatures: bool = True,
    check_ranges: CheckRanges | None = None,
    clock: Clock | None = None,
) -> Verification:
    """Re-compute the whole log from its entries and return all that does not fit. `progress` gets (done, of).

    `anchor` is the last checkpoint's note as it is kept outside the database, read before this is called. The service
    may go on meanwhile: what is verified is the log up to its head when this begins, and what stands beside the log as
    it is at one moment after that, held against the entries of that moment. Without `signatures` those of
    receipts are not checked, only what the receipts say. `check_ranges` checks entries elsewhere, in several processes
    say, and has been told about `signatures` itself; by default they are checked here. `clock` tells which holds
    have ended, so that they need not say any more whom they were about; None: each that has an end may have.
    """
    return _Run(read_directory, ledger, log_id, anchor, clock).whole(progress, signatures, check_ranges)


class _Run:
    """One verification: where it has come to, and what it found."""

    def __init__(
        self,
        read_directory: Callable[[], Directory],
        ledger: Ledger,
        log_id: int,
        anchor: str | None,
        clock: Clock | None,
    ) -> None:
        self._clock = clock
        self._ledger, self._log_id = ledger, log_id
        self._result = Verification(waiting=ledger.waiting(log_id))
        # In this order, since the service may be at work: no checkpoint is of more than the head that is read next, and
        # the catalogue that is read last has all that the entries up to the head were made with.
        checkpoints = list(ledger.checkpoints(log_id))
        self._head = ledger.head(log_id)
        self._directory = read_directory()
        self._signed: dict[int, list[bytes]] = {}
        self._kept = self._read_checkpoints(checkpoints, anchor)
        self._grown = Frontier()
        self._kept_root = self._grown.root  # that the entries give for the size of the checkpoint that is kept outside
        self._missing: dict[bytes, Named] = {}
        self._listed: set[bytes] = set()
        self._forgotten: dict[bytes, Named] = {}
        self._forgotten_since: set[bytes] = set()
        self._whole = False
        self._announced = Announced(log_id)
        self._registered = Registered()
        self._tallies: Tallies | None = None

    def whole(
        self, progress: Callable[[int, int], None], signatures: bool, check_ranges: CheckRanges | None
    ) -> Verification:
        check = check_ranges or EntryCheck(self._directory, self._ledger, self._log_id, signatures=signatures).each
        if self._walk(progress, check):
            self._close()
        for leaf, (position, _) in self._missing.items():
            if leaf not in self._forgotten:
                self._found(position, "its content was deleted, and no entry says that it was forgotten")
            elif leaf in self._listed:
                self._found(position, "it was forgotten, but the search table still holds some of it")
        for leaf, (position, record) in self._forgotten.items():
            gone = self._missing.get(leaf)
            if gone is not None and record not in (None, gone.entry_id):
                self._found(position, "it names another record than the one that was forgotten")
            elif gone is None and self._whole and leaf not in self._forgotten_since:
                self._found(position, "it says that an entry was forgotten whose content is still here, or never was")
        # They are counted from the search table: where that does not hold, they say nothing of their own.
        if self._tallies is not None and self._result.holds:
            for said in rollup_faults(self._tallies):
                self._found(None, said)
        result, size = self._result, self._grown.size
        result.size, result.root = size, self._grown.root
        result.findings.sort(key=lambda found: size if found.position is None else found.position)
        return result

    def _found(self, position: int | None, said: str) -> None:
        # Of an entry that waits for its place, what is said begins the line.
        whole = said if position is not None or said.endswith(".") else f"{said[0].upper()}{said[1:]}."
        self._result.findings.append(Finding(position, whole))

    def _walk(self, progress: Callable[[int, int], None], check: CheckRanges) -> bool:
        """Go through the entries up to the head; return False where one is not there, since nothing fits after it."""
        size = self._head.size
        # One range at a time: a head that somebody altered can claim more entries than any list could hold.
        for checked in check((first, min(first + RANGE, size)) for first in range(0, size, RANGE)):
            self._take(checked)
            self._result.erased += checked.erased
            self._grow(checked.leaf_hashes)
            progress(self._grown.size, size)
            if checked.gap or self._grown.size < min(checked.first + RANGE, size):
                # Cut off is not the same as taken out of the middle: then something stands after what is missing.
                gap = bool(self._ledger.entries(self._log_id, self._grown.size, 1))
                if gap:
                    self._found(self._grown.size, "no leaf stands here; one was removed or renumbered")
                return not gap
        return True

    def _take(self, checked: Checked) -> None:
        for position, said in checked.findings:
            self._found(position, said)
        self._missing |= checked.missing
        self._listed |= checked.listed
        self._forgotten |= checked.forgotten
        for announced in checked.announced:
            self._announced.read(announced)
            self._registered.read(announced)

    def _grow(self, leaf_hashes: list[bytes]) -> None:
        """Grow the tree, stopping at each size that was signed for."""
        begun, done = self._grown.size, 0
        full: list[Tile] = []
        sizes = (*self._signed, self._kept.size) if self._kept else self._signed
        ends = {size - begun for size in sizes if begun < size <= begun + len(leaf_hashes)}
        for end in sorted(ends | {len(leaf_hashes)}):
            self._grown, more = grow(self._grown, leaf_hashes[done:end])
            full += more
            done = end
            self._check_checkpoints()
        self._check_tiles(full)

    def _check_tiles(self, tiles: Iterable[Tile]) -> None:
        for tile, read in self._beside(tiles):
            level, index = int(tile.address.level), tile.address.index
            # It may have grown since the head was read; its beginning is what this tree has of it.
            stored = read[: len(tile.data)]
            if stored == tile.data:
                continue
            said = f"tile {index} of level {level} is not what the entries give"
            if level:
                self._found(None, f"The {said}.")
            else:
                pairs = zip(tile_hashes(stored), tile_hashes(tile.data), strict=False)
                first = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
                self._found(index * TILE_WIDTH + first, f"the {said} from here on")

    def _beside(self, tiles: Iterable[Tile]) -> Iterator[tuple[Tile, bytes]]:
        """Return each tile with what is stored in its place, read level by level."""
        levels: dict[int, list[Tile]] = {}
        for tile in tiles:
            levels.setdefault(int(tile.address.level), []).append(tile)
        for level, together in levels.items():
            first, last = together[0].address.index, together[-1].address.index
            stored = self._ledger.tiles(self._log_id, level, first, last + 1 - first)
            for tile in together:
                yield tile, stored.get(tile.address.index, b"")

    def _check_checkpoints(self) -> None:
        size = self._grown.size
        if self._kept and size == self._kept.size:
            self._kept_root = self._grown.root
        for root in self._signed.pop(size, ()):
            if root != self._grown.root:
                self._found(None, _ANOTHER_ROOT.format(size))

    def _close(self) -> None:
        grown, head = self._grown, self._head
        if (grown.size, grown.root) != (head.size, head.root):
            self._found(None, f"The head says {head.size} entries, but the {grown.size} stored ones give another tree.")
        self._check_tiles(grown.partial_tiles())
        moment = self._ledger.moment(self._log_id, grown.size)
        counts, self._tallies = moment.counts, moment.tallies
        if counts["leaf"] != counts["head"]:
            self._found(None, f"The head says {counts['head']} entries, but {counts['leaf']} leaves are stored.")
        if counts["entry"] != counts["leaf"] + counts["pending"]:
            waiting = f"{counts['leaf']} are in the tree and {counts['pending']} wait"
            self._found(None, f"{counts['entry']} entries are stored, but {waiting}.")
        if counts["stray"]:
            self._found(None, f"The search table has {counts['stray']} record(s) that no entry of the ledger made.")
        if counts["stray deeds"]:
            self._found(None, f"The search table of entries has {counts['stray deeds']} row(s) without an entry.")
        if counts["stray tombstones"]:
            self._found(None, f"{counts['stray tombstones']} tombstone(s) are of what no entry says was forgotten.")
        self._check_tables(moment)
        later = EntryCheck(self._directory, self._ledger, self._log_id, signatures=False)
        since = later.later(grown.size, moment.later)
        # When what these forgot was read, it may still have been there.
        self._forgotten_since = since.forgotten.keys() - self._forgotten.keys()
        self._take(since)
        self._whole = True
        self._check_kept()
        for position, said in self._announced.faults(moment.catalogue):
            self._found(position, said)
        # Later than that moment: what ended until then may have been blanked.
        now = self._clock() if self._clock else None
        for position, said in self._registered.faults(moment.registers, now):
            self._found(position, said)

    def _check_tables(self, moment: Moment) -> None:
        """Say what stands where nothing should: tiles beyond the tree, rows of nobody; or that a version is missing."""
        counts, levels = moment.counts, tiles_of_size(max(0, moment.counts["head"]))
        tiles = sum(level.full + bool(level.partial_width) for level in levels)
        length = HASH_BYTES * sum(level.full * TILE_WIDTH + level.partial_width for level in levels)
        # What is missing of them is named with its place, and a head that is not that of the leaves by itself.
        if counts["head"] == counts["leaf"] and (counts["tiles"] > tiles or counts["tile bytes"] > length):
            said = f"{counts['tiles']} tiles with {counts['tile bytes']} bytes are stored"
            self._found(None, f"{said}, but the tree has {tiles} with {length}.")
        for table in moment.nobodys:
            self._found(None, f"The table {table} has rows of a log that no organisation has.")
        if moment.catalogue.version < 1:
            self._found(None, "The catalogue has no version, by which services notice that it changed.")

    def _check_kept(self) -> None:
        """Say which signed entries are missing, those that only the checkpoint outside the database tells of too."""
        kept, size, cut = self._kept, self._grown.size, set(self._signed)
        if kept is not None and not self._was_closed(kept):
            if kept.size > size:
                cut.add(kept.size)
            elif kept.root != self._kept_root:
                self._found(None, _ANOTHER_ROOT.format(kept.size))
            last = self._ledger.last_checkpoint(self._log_id)
            if kept.size > (last.size if last else 0):
                # No fault: it is kept outside first, and a service at work, or one killed, may be between the two.
                self._result.unstored = kept.size
        for signed in sorted(cut):
            self._found(size, f"checkpoint {signed} was signed, but only {size} entries are stored: the log was cut")

    def _was_closed(self, kept: Signed) -> bool:
        """Tell whether a checkpoint is of a log that was closed, and whose successor says so: nothing continues it."""
        if kept.origin == self._directory.organisations[self._log_id].origin:
            return False
        for note in self._announced.predecessors:
            with suppress(LedgerFault):
                last = open_own_checkpoint(note.encode(), self._checkpoint_keys())
                if last == kept or (last.origin == kept.origin and last.size > kept.size):
                    return True
        return False

    def _read_checkpoints(self, checkpoints: Iterable[Checkpoint], anchor: str | None) -> Signed | None:
        """Note what every checkpoint was signed for, after checking its signature; return the one kept outside."""
        for checkpoint in checkpoints:
            body = self._opened(checkpoint.note, f"Checkpoint {checkpoint.size}")
            if body is None:
                continue
            self._result.checkpoints += 1
            if (body.size, body.root) != (checkpoint.size, checkpoint.root):
                self._found(None, f"Checkpoint {checkpoint.size} was signed for something else than its row says.")
            self._signed.setdefault(body.size, []).append(body.root)
        return None if anchor is None else self._opened(anchor, "The checkpoint that is kept outside the database")

    def _checkpoint_keys(self) -> list[VerifierKey]:
        return [VerifierKey.parse(key.verifier) for key in self._directory.keys_of(self._log_id, CHECKPOINT)]

    def _opened(self, note: str, named: str) -> Signed | None:
        try:
            return open_own_checkpoint(note.encode(), self._checkpoint_keys())
        except LedgerFault as error:
            self._found(None, f"{named} does not hold: {error}")
            return None
