"""The frozen rows that use cases and storage hand each other.

Those that every decision makes anew are named tuples: they are made in a third of a frozen dataclass's time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Entry(NamedTuple):
    """One ledger entry with its opening, ready to be stored."""

    log_id: int
    entry_id: bytes
    kind: str
    leaf: bytes
    leaf_hash: bytes
    what: bytes
    what_salt: bytes
    who: bytes
    who_salt: bytes


class Record(NamedTuple):
    """What searches run over: a projection of a decision's entry."""

    site_key: str
    subject: str | None
    server_time: int
    method: str
    policy_number: int
    language: str
    origin: str
    granted: str
    refused: str
    rule: str
    late: bool
    receipt: str
    account: str | None = None  # a keyed pseudonym


class Deed(NamedTuple):
    """What searches over other entries run over: a projection of both parts. `staff` None: the service itself."""

    kind: str
    site_key: str | None
    staff: str | None
    record_id: bytes | None


class Decision(NamedTuple):
    """A decision ready to be stored: its entry, its record and what makes it idempotent."""

    entry: Entry
    record: Record
    decision_id: bytes
    mac: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """The decision is committed."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The same decision was committed before; this is what was answered then."""

    record_id: bytes
    receipt: str
    late: bool
    granted: str


@dataclass(frozen=True, slots=True)
class Conflicted:
    """Another body was committed under the same decision id."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The decision of this id was erased."""


@dataclass(frozen=True, slots=True)
class Forgettable:
    """A stored decision as far as it has to be known to forget it."""

    record_id: bytes
    site_key: str
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps decisions from being forgotten: those of a subject or an account, or all from `first_record` to
    `before_record` (excluded), of one site or of all. It ends at `until` (ms; None: never by itself) or when it is
    lifted.
    """

    log_id: int
    hold_id: bytes
    subject: str | None
    site_key: str | None
    first_record: bytes
    before_record: bytes
    reason: str
    staff: str | None
    placed_at: int
    until: int | None
    lifted_at: int | None = None
    account: str | None = None

    @property
    def of_person(self) -> bool:
        """Whether it is about a person, and not about a range. Whom it was about is empty once it has ended."""
        return self.subject is not None or self.account is not None

    def holds(self, now: int) -> bool:
        """Say whether it is in force."""
        return self.lifted_at is None and (self.until is None or self.until > now)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a decision that was forgotten: which one, by which entry, and when (ms)."""

    log_id: int
    record_id: bytes
    entry_id: bytes
    site_key: str
    kind: str  # record:erased | record:retained
    forgotten_at: int


Outcome = Stored | Replayed | Conflicted | Gone


@dataclass(frozen=True, slots=True)
class Head:
    """The sequenced tree of a log."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who runs Askfirst: one ledger, its staff and its sites."""

    log_id: int
    slug: str
    name: str
    origin: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Site:
    """One website, with the origins that its pages may have."""

    log_id: int
    site_key: str
    name: str
    origins: tuple[str, ...]
    created_at: int
    disabled_at: int | None = None
    retention_days: int | None = None
    alerts: bool = True


@dataclass(frozen=True, slots=True)
class PublishedPolicy:
    """One immutable policy of a site, with its canonical bytes."""

    log_id: int
    site_key: str
    number: int
    digest: bytes
    revision: int
    canonical: bytes
    published_at: int
    superseded_at: int | None
    reason: str
    staff: str | None


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """What is to become a site's next policy, as far as it was written; `content` is JSON and may break every rule.

    `version` counts its changes from 1. `based_on` is the number of the policy that it began with, 0 for none.
    """

    log_id: int
    site_key: str
    version: int
    based_on: int
    content: bytes
    changed_at: int
    staff: str | None


@dataclass(frozen=True, slots=True)
class Build:
    """The script text of one snippet build."""

    log_id: int
    digest: bytes
    script: bytes
    first_served_at: int


@dataclass(frozen=True, slots=True)
class RenderingRow:
    """The pictures of one policy, by one build and browser; `manifest` says which, and `digest` is its own."""

    log_id: int
    digest: bytes
    site_key: str
    policy: bytes
    manifest: bytes
    rendered_at: int


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One picture, a PNG, under its digest."""

    log_id: int
    digest: bytes
    image: bytes


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of an organisation, as everybody may know it."""

    log_id: int
    key_id: bytes
    use: str  # receipt | checkpoint
    verifier: str
    state: str  # announced | active | retired | revoked
    created_at: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A bearer token of staff or a program. Only a hash of its secret is kept."""

    log_id: int
    token_id: bytes
    name: str
    secret_hash: bytes
    role: str
    sites: tuple[str, ...] | None
    created_at: int
    expires_at: int
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a node keeps in memory, as of one version of the catalogue."""

    version: int
    organisations: tuple[Organisation, ...]
    sites: tuple[Site, ...]
    policies: tuple[PublishedPolicy, ...]
    builds: tuple[Build, ...]
    keys: tuple[PublicKey, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed head."""

    size: int
    root: bytes
    note: str
    signed_at: int


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the database holds it now: parts and salts are None once erased."""

    position: int | None
    entry_id: bytes
    leaf_hash: bytes | None
    kind: str
    leaf: bytes
    what: bytes | None
    what_salt: bytes | None
    who: bytes | None
    who_salt: bytes | None


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """A search over records. Times are ms, `before` excluded; `after_id` is a cursor: older records follow."""

    sites: tuple[str, ...] | None = None
    site: str | None = None
    subject: str | None = None
    account: str | None = None
    record_id: bytes | None = None
    since: int | None = None
    before: int | None = None
    method: str | None = None
    granted: str | None = None
    refused: str | None = None
    policy_number: int | None = None
    language: str | None = None
    origin: str | None = None
    rule: str | None = None
    after_id: bytes | None = None
    limit: int = 50
    asked: bool | None = None  # True: none that was imported

    @property
    def scans(self) -> bool:
        """Whether it asks for something that no index helps with, so that it has to be bounded by time."""
        unhelped = (
            self.method,
            self.granted,
            self.refused,
            self.policy_number,
            self.language,
            self.origin,
            self.rule,
            self.asked,
        )
        return any(one is not None for one in unhelped) and self.subject is None and self.record_id is None


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """A search over entries that are no decisions; `sites` None: those of the whole organisation too."""

    sites: tuple[str, ...] | None = None
    site: str | None = None
    kind: str | None = None
    staff: str | None = None
    record_id: bytes | None = None
    since: int | None = None
    before: int | None = None
    after_id: bytes | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class FoundDeed:
    """An entry that is no decision, as a search finds it."""

    entry_id: bytes
    deed: Deed
    what: bytes | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who is told of new entries: `events` of `sites` (None: all) from the entry at `position` on. Times in ms."""

    log_id: int
    webhook_id: bytes
    url: str
    events: tuple[str, ...]
    sites: tuple[str, ...] | None
    created_at: int
    position: int
    failures: int = 0
    next_at: int = 0
    leased_until: int = 0
    said: str = ""
    paused_at: int | None = None


@dataclass(frozen=True, slots=True)
class DailyState:
    """How far an organisation's daily export is: the oldest day that is not written (days since 1970). Times in ms."""

    log_id: int
    next_day: int
    failures: int = 0
    next_at: int = 0
    leased_until: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """What staff should look at: `rule` of a site, or of the whole organisation (`site_key` empty). Times in ms."""

    log_id: int
    alert_id: bytes
    rule: str
    site_key: str
    facts: dict[str, object]
    raised_at: int
    seen_at: int
    ended_at: int | None = None
    acknowledged_at: int | None = None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True)
class News:
    """A sequenced entry for webhooks: a decision has its record, as long as it is not forgotten."""

    position: int
    entry_id: bytes
    kind: str
    what: bytes | None
    record: Record | None


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who may sign in. `sites` None: the role is for the whole organisation.

    `language` is what the console speaks to them; None: what their browser prefers. `identity` is who they are to the
    identity provider that they sign in with; None: they sign in here.
    """

    log_id: int
    staff_id: bytes
    login: str
    name: str
    role: str
    sites: tuple[str, ...] | None
    password_hash: str | None
    created_at: int
    disabled_at: int | None = None
    language: str | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. Only a hash of its secret is kept."""

    log_id: int
    secret_hash: bytes
    staff_id: bytes
    created_at: int
    seen_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class SignInLink:
    """A link that lets one person in once."""

    log_id: int
    secret_hash: bytes
    staff_id: bytes
    created_at: int
    expires_at: int
    used_at: int | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A decision with the place that it took in the ledger."""

    position: int
    record_id: bytes
    record: Record


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """One entry as a list of the ledger shows it; `position` is None while it waits, parts are None once erased."""

    position: int | None
    entry_id: bytes
    kind: str
    what: bytes | None
    who: bytes | None


class Admission(NamedTuple):
    """A session or sign-in link that is stored, with its digest as entries name it; times in ms."""

    what: str  # "session" or "link"
    account: str
    digest: str
    given: int
    used: int | None


@dataclass(frozen=True, slots=True)
class Registers:
    """The tables beside the ledger, as `ledger verify` compares them with its entries."""

    # By register and id as entries name them: what each row says, in the words of its entries.
    rows: Mapping[tuple[str, str], Mapping[str, object]]
    # By the digest of their list: of which site and policy pictures are, of what time, and as `fault` what is wrong
    # with them, or empty.
    pictures: Mapping[str, Mapping[str, object]]
    admissions: Sequence[Admission]
    loose_pictures: int = 0  # that no list names


@dataclass(frozen=True, slots=True)
class Tallies:
    """The decisions of one moment counted twice, by (site, hour since 1970, dimension, value), and how many each site
    has forgotten.
    """

    counted: Mapping[tuple[str, int, str, str], int]  # from the records
    stored: Mapping[tuple[str, int, str, str], int]  # by the sequencer, as they came
    forgotten: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Moment:
    """What stands beside a log's entries, all of it at one moment, with what came to the log until that moment."""

    counts: Mapping[str, int]
    catalogue: Snapshot
    registers: Registers
    tallies: Tallies
    # Those from a place on, and then those that wait; of decisions only those without content.
    later: tuple[StoredEntry, ...]
    nobodys: tuple[str, ...]  # tables that have rows of a log that no organisation has
