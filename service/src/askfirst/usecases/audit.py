"""What auditors do with records: list them, show one whole, and prove it there and then."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from askfirst.core.checkpoint import open_own_checkpoint
from askfirst.core.errors import LedgerFault, MalformedLeaf, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.leaf import opens, parse_leaf
from askfirst.core.policy import policy_digest
from askfirst.core.site_script import script_config
from askfirst.core.tiles import hash_reader
from askfirst.core.tree import inclusion_proof, leaf_hash
from askfirst.core.tree_proofs import verify_inclusion
from askfirst.usecases.directory import Directory, LivePolicy
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.keys import CHECKPOINT
from askfirst.usecases.ports import Ledger, Records
from askfirst.usecases.projection import projected
from askfirst.usecases.purpose_lists import listed
from askfirst.usecases.rows import Checkpoint, Record, RecordQuery, StoredEntry
from askfirst.usecases.stored_receipts import receipt_fault, receipt_reader
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.subject import consent_id, is_subject
from askfirst_sdk.token import RECEIPT_SALT, TokenVerifier

HISTORY_LIMIT = 200
_ASKED = ("policy", "language", "dir", "layout", "texts", "controller", "privacy_policy", "purposes", "services")


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list of records."""

    record_id: str
    record: Record

    @property
    def consent_id(self) -> str | None:
        """The subject as people quote it; None after a full refusal, and what is there where it was altered."""
        subject = self.record.subject
        return consent_id(subject) if is_subject(subject) and subject else subject

    def as_dict(self) -> dict[str, object]:
        """Return the line as the API gives it."""
        row = self.record
        return {
            "record": self.record_id,
            "consent_id": self.consent_id,
            "site": row.site_key,
            "server_time": row.server_time,
            "method": row.method,
            "granted": listed(row.granted),
            "refused": listed(row.refused),
            "language": row.language,
            "origin": row.origin,
            "policy_number": row.policy_number,
            "rule": row.rule,
            "late": row.late,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked there and then: its name, whether it holds, and a sentence about it."""

    name: str
    holds: bool
    said: str

    def as_dict(self) -> dict[str, object]:
        """Return the check as the API gives it."""
        return {"name": self.name, "holds": self.holds, "said": self.said}


@dataclass(frozen=True, slots=True)
class Shown:
    """One record whole: what was asked, what was answered, and what holds."""

    record_id: str
    record: Record
    what: Mapping[str, object]
    who: Mapping[str, object]
    live: LivePolicy | None
    checks: tuple[Check, ...]
    leaf_hash: bytes
    position: int | None
    checkpoint: Checkpoint | None
    history: tuple[Listed, ...]

    @property
    def genuine(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    @property
    def under_checkpoint(self) -> bool:
        """Whether a signed checkpoint covers the record yet: a second or two after it was stored."""
        return self.position is not None and self.checkpoint is not None and self.checkpoint.size > self.position

    @property
    def asked(self) -> dict[str, object] | None:
        """What the visitor was shown, in the language it was shown in; None where the policy is unknown."""
        language = self.what.get("language")
        if self.live is None or not isinstance(language, str) or language not in self.live.policy.languages:
            return None
        shown = script_config(
            self.live.policy, language, service_url="", policy_digest=self.live.digest, build_digest=""
        )
        return {name: shown[name] for name in _ASKED}

    def as_dict(self) -> dict[str, object]:
        """Return the record as the API gives it."""
        return {
            **Listed(self.record_id, self.record).as_dict(),
            "what": self.what,
            "who": self.who,
            "asked": self.asked,
            "receipt": self.record.receipt,
            "genuine": self.genuine,
            "checks": [check.as_dict() for check in self.checks],
            "entry": None if self.position is None else self.position,
            "checkpoint": self.checkpoint.note if self.checkpoint else None,
            "history": [one.as_dict() for one in self.history],
        }


def show_record(
    directory: Directory,
    ledger: Ledger,
    records: Records,
    log_id: int,
    record_id: str,
    sites: tuple[str, ...] | None = None,
) -> Shown:
    """Return one record with its proof, computed now from what the database holds.

    Raises NotFound, in the very same words for a record that does not exist, that is another organisation's, or that
    is of a site outside `sites`.
    """
    missing = NotFound("No record with this id is among those that you may see.")
    try:
        raw = UUID(record_id).bytes
    except ValueError:
        raise missing from None
    entry, record = ledger.entry(log_id, raw), ledger.record_of(log_id, raw)
    if entry is None or record is None or (sites is not None and record.site_key not in sites):
        raise missing
    what, who = read_part(entry.what), read_part(entry.who)
    site = directory.sites.get(record.site_key)
    live = site.policies.get(str(what.get("policy"))) if site else None
    checkpoint = ledger.last_checkpoint(log_id)
    history: tuple[Listed, ...] = ()
    if record.subject is not None:
        found = records.search(log_id, RecordQuery(subject=record.subject, sites=sites, limit=HISTORY_LIMIT))
        history = tuple(Listed(str(UUID(bytes=one)), other) for one, other in found if one != raw)
    imported = entry.kind == EntryKind.DECISION_IMPORTED
    checks = (
        *_opening_checks(directory, entry, record),
        *(
            [_import_check(record)]
            if imported
            else [_receipt_check(directory, log_id, record, entry), _policy_check(live)]
        ),
        inclusion_check(directory, ledger, log_id, entry),
    )
    return Shown(
        record_id=str(UUID(bytes=raw)),
        record=record,
        what=what,
        who=who,
        live=live,
        checks=checks,
        leaf_hash=leaf_hash(entry.leaf),
        position=entry.position,
        checkpoint=checkpoint,
        history=history,
    )


def _opening_checks(directory: Directory, entry: StoredEntry, record: Record) -> tuple[Check, ...]:
    try:
        leaf = parse_leaf(entry.leaf)
    except MalformedLeaf as error:
        return (Check("commitments", False, f"The ledger's leaf can not be read: {error}"),)
    faults = opens(leaf, what_salt=entry.what_salt, what=entry.what, who_salt=entry.who_salt, who=entry.who)
    if faults:
        said = "The stored content is not what was committed to: " + ", ".join(str(fault) for fault in faults) + "."
        return (Check("commitments", False, said),)
    opened = Check("commitments", True, "What was decided, and by whom, is exactly what was committed to.")
    differing = projected(directory, entry.what or b"", entry.who or b"", record)
    if differing:
        said = f"The search table says something else than the entry: {', '.join(differing)}."
        return (opened, Check("search table", False, said))
    return (opened, Check("search table", True, "The search table says the same as the entry."))


def _receipt_check(directory: Directory, log_id: int, record: Record, entry: StoredEntry) -> Check:
    verifier = TokenVerifier(directory.receipt_ring(log_id), RECEIPT_SALT)
    fault = receipt_fault(receipt_reader(verifier), directory, record, entry.what, leaf_hash(entry.leaf))
    return Check(
        "receipt", fault is None, fault or "The receipt's signature holds, and it says the same as the record."
    )


def _import_check(record: Record) -> Check:
    if record.receipt:
        return Check("import", False, "An imported answer has a receipt, which Askfirst never gave.")
    return Check(
        "import",
        True,
        "The answer was given to another tool and imported. Askfirst did not ask, so that there is no receipt.",
    )


def _policy_check(live: LivePolicy | None) -> Check:
    if live is None:
        return Check("policy", False, "No published policy has the digest that the record names.")
    if policy_digest(live.policy) != live.digest:
        return Check("policy", False, "The stored policy is not the one that was published.")
    return Check("policy", True, f"The texts shown are those of policy {live.policy.number}, unchanged.")


def inclusion_check(directory: Directory, ledger: Ledger, log_id: int, entry: StoredEntry) -> Check:
    """Return whether the entry stands in the tree of the last checkpoint, computed now from the tiles."""
    if entry.position is None:
        return Check("ledger", True, "The entry is stored and takes its place in the ledger within a second.")
    number = f"{entry.position + 1:,}"
    if entry.leaf_hash != leaf_hash(entry.leaf):
        return Check("ledger", False, f"At number {number} the ledger holds another entry's hash.")
    last = ledger.last_checkpoint(log_id)
    if last is None or last.size <= entry.position:
        return Check("ledger", True, f"The entry is number {number} and not under a checkpoint yet.")
    try:
        # What the note says is signed; what stands beside it in the row is not.
        size, signed = _signed_root(directory, log_id, last)
        read = hash_reader(size, lambda level, position: ledger.read_tile(log_id, level, position))
        proof = inclusion_proof(entry.position, size, read)
    except (LedgerFault, ValueError) as error:
        return Check("ledger", False, f"The entry's place in the ledger can not be proven: {error}")
    if not verify_inclusion(entry.position, size, leaf_hash(entry.leaf), proof, signed):
        return Check("ledger", False, f"The entry is not the one that stands at number {number} of the ledger.")
    said = f"This record is entry {number} of the ledger's {size:,} under its last checkpoint."
    return Check("ledger", True, said)


def _signed_root(directory: Directory, log_id: int, last: Checkpoint) -> tuple[int, bytes]:
    keys = [VerifierKey.parse(key.verifier) for key in directory.believed_keys(log_id, CHECKPOINT)]
    body = open_own_checkpoint(last.note.encode(), keys)
    return body.size, body.root
