"""What is left to show of a decision that was forgotten: that there was one, and that it went in order."""

from dataclasses import dataclass
from uuid import UUID

from askfirst.core.errors import MalformedLeaf
from askfirst.core.kinds import FORGETTING
from askfirst.core.leaf import parse_leaf
from askfirst.core.tree import leaf_hash
from askfirst.usecases.audit import Check, inclusion_check
from askfirst.usecases.directory import Directory
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.ports import Forgetting, Ledger
from askfirst.usecases.rows import StoredEntry, Tombstone


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A decision that was forgotten, with what can still be proven."""

    record_id: str
    tombstone: Tombstone
    why: str
    by: str | None
    position: int | None
    checks: tuple[Check, ...]

    @property
    def genuine(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    @property
    def erased(self) -> bool:
        """Whether somebody asked for it; if not, its time had come."""
        return self.tombstone.kind == "record:erased"

    def as_dict(self) -> dict[str, object]:
        """Return the tombstone as the API gives it."""
        return {
            **told(self.tombstone),
            "why": self.why,
            "by": self.by,
            "genuine": self.genuine,
            "checks": [check.as_dict() for check in self.checks],
            "place": self.position,
        }


def told(tombstone: Tombstone) -> dict[str, object]:
    """Return a tombstone as receivers of erasures get it."""
    return {
        "record": str(UUID(bytes=tombstone.record_id)),
        "forgotten": tombstone.kind,
        "site": tombstone.site_key,
        "at": tombstone.forgotten_at,
        "entry": str(UUID(bytes=tombstone.entry_id)),
    }


def show_forgotten(
    directory: Directory,
    ledger: Ledger,
    forgetting: Forgetting,
    log_id: int,
    record_id: str,
    sites: tuple[str, ...] | None = None,
) -> Forgotten | None:
    """Return what is left of a decision, checked now; None where none was forgotten that the caller may know of."""
    try:
        raw = UUID(record_id).bytes
    except ValueError:
        return None
    stone = forgetting.tombstone(log_id, raw)
    if stone is None or (sites is not None and stone.site_key not in sites):
        return None
    entry, saying = ledger.entry(log_id, raw), ledger.entry(log_id, stone.entry_id)
    said = read_part(saying.what if saying else None)
    who = read_part(saying.who if saying else None)
    staff = who.get("staff")
    return Forgotten(
        record_id=str(UUID(bytes=raw)),
        tombstone=stone,
        why=str(said.get("reason") or said.get("rule") or ""),
        by=staff if isinstance(staff, str) else None,
        position=entry.position if entry else None,
        checks=(_gone(entry), _said_so(entry, saying), *_places(directory, ledger, log_id, entry, saying)),
    )


def _gone(entry: StoredEntry | None) -> Check:
    if entry is not None and (entry.what, entry.what_salt, entry.who, entry.who_salt) == (None,) * 4:
        return Check("content", True, "Its content is gone: what was decided, by whom, and both salts.")
    return Check("content", False, "Its content should be gone, and some is still here, or its entry is missing.")


def _said_so(entry: StoredEntry | None, saying: StoredEntry | None) -> Check:
    try:
        leaf = parse_leaf(saying.leaf) if saying else None
    except MalformedLeaf:
        leaf = None
    if entry and leaf and leaf.kind in FORGETTING and leaf.of == leaf_hash(entry.leaf):
        return Check("erasure", True, "An entry of the ledger says so, and names this very record by its hash.")
    return Check("erasure", False, "No entry of the ledger says that this very record was forgotten.")


def _places(
    directory: Directory, ledger: Ledger, log_id: int, entry: StoredEntry | None, saying: StoredEntry | None
) -> tuple[Check, ...]:
    named = (("record's place", entry), ("erasure's place", saying))
    found = ((name, inclusion_check(directory, ledger, log_id, one)) for name, one in named if one)
    # The words of the check are about a record; what it found is true of any entry.
    return tuple(Check(name, check.holds, check.said.replace("This record", "It")) for name, check in found)
