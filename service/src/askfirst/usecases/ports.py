"""What the use cases need from outside, as protocols."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from askfirst.usecases.rows import (
    ApiToken,
    Arrival,
    Build,
    Checkpoint,
    Decision,
    Deed,
    Entry,
    EntryQuery,
    Forgettable,
    FoundDeed,
    Head,
    Hold,
    ListedEntry,
    Moment,
    News,
    Organisation,
    Outcome,
    PictureRow,
    PublicKey,
    PublishedPolicy,
    Record,
    RecordQuery,
    RenderingRow,
    Session,
    SignInLink,
    Site,
    Snapshot,
    StaffMember,
    StoredEntry,
    Tombstone,
    Webhook,
)

# Position, entry id, leaf hash; kind, leaf, parts and salts of the entry; record id and the fields of Record. All that
# belongs to an entry or a record that is not there is None.
ScannedRow = tuple[Any, ...]


class Writer(Protocol):
    """Durable, grouped appends.

    When a call returns, the entry is committed and will survive a crash. A cancelled caller does not cancel its
    entry. Raises Unavailable when the queue is full, the writer has stopped or the database is away; then the
    entry may or may not have been stored, and a retry with the same decision id gets the first answer.
    """

    async def record(self, decision: Decision) -> Outcome:
        """Store a decision, or say what is stored under its id."""
        ...

    async def append(self, entry: Entry) -> None:
        """Store an entry that is no decision."""
        ...


class CatalogueTransaction(Protocol):
    """One change of the catalogue with its ledger entries: all of it is committed, or nothing."""

    def organisations(self) -> tuple[Organisation, ...]:
        """Return every organisation."""
        ...

    def add_organisation(self, organisation: Organisation) -> None:
        """Store a new organisation and its empty tree."""
        ...

    def rename_log(self, organisation: Organisation, origin: str) -> Organisation:
        """Give the organisation's log another name, and return the organisation as it is now."""
        ...

    def site(self, site_key: str) -> Site | None:
        """Return the site with this key."""
        ...

    def add_site(self, site: Site) -> None:
        """Store a new site."""
        ...

    def change_site(self, site: Site) -> None:
        """Store a site's changed name, origins or state."""
        ...

    def latest_policy(self, log_id: int, site_key: str) -> PublishedPolicy | None:
        """Return the site's newest policy."""
        ...

    def add_policy(self, policy: PublishedPolicy) -> None:
        """Store a new policy and mark the one before it as superseded from its `published_at`."""
        ...

    def has_build(self, log_id: int, digest: bytes) -> bool:
        """Tell whether this build's script is kept."""
        ...

    def add_build(self, build: Build) -> None:
        """Keep a build's script."""
        ...

    def add_rendering(self, rendering: RenderingRow, pictures: Sequence[PictureRow]) -> None:
        """Keep the pictures of a policy; those that are kept already are left as they are."""
        ...

    def keys(self, log_id: int) -> tuple[PublicKey, ...]:
        """Return the organisation's keys."""
        ...

    def add_key(self, key: PublicKey) -> None:
        """Store a new key."""
        ...

    def change_key(self, key: PublicKey) -> None:
        """Store a key's changed state."""
        ...

    def append(self, entry: Entry) -> None:
        """Store a ledger entry."""
        ...


class Catalogue(Protocol):
    """Organisations, sites, policies and keys."""

    def transaction(self) -> AbstractContextManager[CatalogueTransaction]:
        """Begin a change. Leaving the block commits it and raises the catalogue's version."""
        ...

    def append(self, entry: Entry) -> None:
        """Store a ledger entry that goes with no change, a look say: the catalogue's version stays."""
        ...

    def version(self) -> int:
        """Return the catalogue's version."""
        ...

    def snapshot(self) -> Snapshot:
        """Return all that a node keeps in memory."""
        ...


class SequencerTransaction(Protocol):
    """One move of entries from the queue into the tree, under the lock of the log's head."""

    def head(self) -> Head:
        """Return the tree as it is."""
        ...

    def place(self, limit: int) -> list[bytes]:
        """Make leaves of at most `limit` pending entries, oldest id first, and return their hashes in order."""
        ...

    def read_tile(self, level: int, position: int) -> bytes:
        """Return a tile's hashes; empty where there is none."""
        ...

    def write(self, tiles: dict[tuple[int, int], bytes], head: Head, now: int) -> None:
        """Store the tiles that changed, the rollups of what was placed, and the new head."""
        ...


class Ledger(Protocol):
    """The tree of each organisation, and its entries."""

    def sequencing(self, log_id: int) -> AbstractContextManager[SequencerTransaction | None]:
        """Begin to sequence, or give None where another node is doing so."""
        ...

    def head(self, log_id: int) -> Head:
        """Return the sequenced tree's size and root."""
        ...

    def waiting(self, log_id: int) -> int:
        """Return how many entries are committed but not sequenced."""
        ...

    def read_tile(self, log_id: int, level: int, position: int) -> bytes:
        """Return a tile's hashes; empty where there is none."""
        ...

    def last_checkpoint(self, log_id: int) -> Checkpoint | None:
        """Return the newest signed checkpoint."""
        ...

    def checkpoints(self, log_id: int) -> Iterator[Checkpoint]:
        """Return every signed checkpoint, smallest first."""
        ...

    def of_kind(self, log_id: int, kind: str) -> list[StoredEntry]:
        """Return the entries of a kind that is no decision, oldest first, also those that wait for their place."""
        ...

    def publishing(self, log_id: int) -> AbstractContextManager[bool]:
        """Begin to publish, or give False where another node is doing so."""
        ...

    def add_checkpoint(self, log_id: int, checkpoint: Checkpoint) -> Checkpoint:
        """Store a signed checkpoint and return the one that is stored for its size: another node's, if it was first."""
        ...

    def entries(self, log_id: int, first: int, limit: int) -> list[StoredEntry]:
        """Return sequenced entries by position."""
        ...

    def scan(self, log_id: int, first: int, end: int) -> Iterable[ScannedRow]:
        """Return what the database holds of the entries from position `first` up to but not including `end`, in order,
        as fast as it can be had: nothing about the values is certain.
        """
        ...

    def scanned(self, row: ScannedRow) -> tuple[StoredEntry, Record | None]:
        """Return the entry and the record in a row of `scan`."""
        ...

    def tiles(self, log_id: int, level: int, first: int, count: int) -> dict[int, bytes]:
        """Return the hashes of `count` tiles of a level from the index `first`, by index; missing ones are left out."""
        ...

    def leaves(self, log_id: int, first: int, limit: int) -> list[bytes]:
        """Return the leaf bytes of the entries from position `first`; fewer where one is missing."""
        ...

    def entry(self, log_id: int, entry_id: bytes) -> StoredEntry | None:
        """Return one entry."""
        ...

    def record_of(self, log_id: int, record_id: bytes) -> Record | None:
        """Return the projection of a decision."""
        ...

    def records_of(self, log_id: int, record_ids: Sequence[bytes]) -> dict[bytes, Record]:
        """Return the projections of several decisions, by record id; those that have none are left out."""
        ...

    def deeds_of(self, log_id: int, entry_ids: Sequence[bytes]) -> dict[bytes, Deed]:
        """Return the projections of several entries that are no decisions, by id; those that have none are left out."""
        ...

    def tombstones_of(self, log_id: int, entry_ids: Sequence[bytes]) -> dict[bytes, list[Tombstone]]:
        """Return the tombstones that each of these entries left, by id; those that have none are left out."""
        ...

    def counts(self, log_id: int) -> dict[str, int]:
        """Return how many rows leaf, entry, pending and record hold for this log, the head's size as `head`, as `stray`
        the records that have no decision's entry, as `stray deeds` the deeds without an entry of their kind, and as
        `stray tombstones` those without an entry that forgets; `tiles` and `tile bytes` of the tree.
        """
        ...

    def moment(self, log_id: int, first: int) -> Moment:
        """Return what the tables beside the ledger say, to be held against its entries, and the entries from the place
        `first` on as they are at that very moment, also those that wait.
        """
        ...


class Records(Protocol):
    """Searches over decisions."""

    def search(self, log_id: int, query: RecordQuery, *, not_below: bytes | None = None) -> list[tuple[bytes, Record]]:
        """Return (record id, record), newest first; none whose id is smaller than `not_below`."""
        ...

    def horizon(self, log_id: int, query: RecordQuery, rows: int) -> bytes | None:
        """Return the id that is so many rows down the index that a search would go along, or None at its end."""
        ...

    def count(self, log_id: int, query: RecordQuery, most: int) -> int:
        """Return how many records a search with an index finds, counted up to `most`."""
        ...

    def deeds(self, log_id: int, query: EntryQuery) -> list[FoundDeed]:
        """Return entries that are no decisions, newest first."""
        ...

    def count_deeds(self, log_id: int, query: EntryQuery, most: int) -> int:
        """Return how many entries that are no decisions a search finds, counted up to `most`."""
        ...

    def by_day(
        self,
        log_id: int,
        sites: tuple[str, ...] | None,
        dimensions: Sequence[str],
        first_hour: int,
        before_hour: int,
        offset: int,
    ) -> list[tuple[int, str, str, int]]:
        """Return (day from 1970, dimension, value, decisions) of hours since 1970; days begin `offset` before UTC's."""
        ...

    def decided(
        self, log_id: int, sites: tuple[str, ...] | None, dimension: str, first_hour: int, before_hour: int
    ) -> dict[str, int]:
        """Return how many decisions of these sites, or of all, some hours since 1970 had, by a dimension's value."""
        ...


class Lookups(Protocol):
    """Look-ups by a key, which cost little where many ask at once.

    Raises Unavailable when too many wait, or the database does not answer. A cancelled caller cancels nobody else's.
    """

    async def token(self, secret_hash: bytes) -> ApiToken | None:
        """Return the API token with this secret."""
        ...

    async def of_subject(self, log_id: int, subject: str, after: bytes | None, most: int) -> list[tuple[bytes, Record]]:
        """Return (record id, record) of a subject, newest first, those before the id `after`."""
        ...


class WebhookRoom(Protocol):
    """Who is told of new entries, and how far each of them is."""

    def webhooks(self, log_id: int) -> tuple[Webhook, ...]:
        """Return an organisation's webhooks, oldest first."""
        ...

    def add(self, webhook: Webhook, entry: Entry) -> None:
        """Store a new webhook with its entry."""
        ...

    def remove(self, log_id: int, webhook_id: bytes, entry: Entry) -> bool:
        """Take a webhook away with its entry, and say whether it was there."""
        ...

    def paused(self, webhook: Webhook, at: int | None, entry: Entry) -> bool:
        """Store with its entry since when a webhook is paused, or that it goes on (None); say whether it is there."""
        ...

    def lease(self, webhook: Webhook, now: int, until: int) -> bool:
        """Take a webhook for this node, unless another node has it or it is paused."""
        ...

    def moved(self, webhook: Webhook) -> None:
        """Store how far a webhook is, and give it back."""
        ...

    def news(self, log_id: int, position: int, limit: int) -> list[News]:
        """Return sequenced entries from a position on."""
        ...


class ForgettingTransaction(Protocol):
    """One step of forgetting decisions with its ledger entries: all of it is committed, or nothing."""

    def of_subject(self, log_id: int, subject: str, sites: tuple[str, ...] | None) -> list[Forgettable]:
        """Return every decision of a subject, and of the accounts that it is tied to, oldest first, and keep others
        from forgetting it meanwhile."""
        ...

    def of_account(self, log_id: int, account: str, sites: tuple[str, ...] | None) -> list[Forgettable]:
        """Return every decision that is tied to an account, oldest first, as `of_subject` does."""
        ...

    def of_record(self, log_id: int, record_id: bytes, sites: tuple[str, ...] | None) -> Forgettable | None:
        """Return one decision, and keep others from forgetting it meanwhile."""
        ...

    def older_than(self, log_id: int, site_key: str, before: int, limit: int, now: int) -> list[Forgettable]:
        """Return at most `limit` decisions of a site from before a time (ms), oldest first; none that is held now."""
        ...

    def holding(self, log_id: int, record_ids: Sequence[bytes], now: int) -> list[bytes]:
        """Return the ids of the holds that keep one of these records now."""
        ...

    def person_of(self, log_id: int, record_id: bytes, sites: tuple[str, ...] | None) -> tuple[str | None, str | None]:
        """Return the subject and the account of a record; None for each that it has not, or where there is none."""
        ...

    def newest_of(self, log_id: int, subject: str, sites: tuple[str, ...] | None) -> bytes | None:
        """Return the newest record of a subject."""
        ...

    def hold(self, log_id: int, hold_id: bytes) -> Hold | None:
        """Return one hold."""
        ...

    def put_hold(self, hold: Hold) -> None:
        """Store a new or changed hold."""
        ...

    def tombstone(self, log_id: int, record_id: bytes, sites: tuple[str, ...] | None) -> Tombstone | None:
        """Return when and how a record was forgotten."""
        ...

    def forget(self, found: Forgettable, tombstone: Tombstone, entry: Entry) -> None:
        """Take a decision's content away, leave its tombstone, and store the entry that says so."""
        ...

    def prune_seen(self, log_id: int, before: int, limit: int) -> int:
        """Drop at most `limit` decision ids from before a time (ms), and return how many."""
        ...

    def append(self, entry: Entry) -> None:
        """Store a ledger entry."""
        ...


class Forgetting(Protocol):
    """Erasure and retention of decisions."""

    def transaction(self) -> AbstractContextManager[ForgettingTransaction]:
        """Begin to forget. Leaving the block commits it; an exception undoes it."""
        ...

    def overwrite(self) -> None:
        """Overwrite what was forgotten wherever the database still holds it, as far as nobody has to wait for that."""
        ...

    def overwrite_rest(self) -> None:
        """Do what the last `overwrite` left, if it left anything."""
        ...

    def holds(self, log_id: int, sites: tuple[str, ...] | None = None) -> tuple[Hold, ...]:
        """Return all holds that ever were, newest first; of these sites, or of who has a record there, or all."""
        ...

    def due(self, log_id: int, site_key: str, before: int, most: int, now: int) -> tuple[int, int]:
        """Return how many decisions of a site are from before a time (ms), counted up to `most`, and how many of these
        are held now.
        """
        ...

    def tombstone(self, log_id: int, record_id: bytes) -> Tombstone | None:
        """Return when and how a record was forgotten."""
        ...

    def tombstones(
        self, log_id: int, sites: tuple[str, ...] | None, after: bytes | None, limit: int
    ) -> list[Tombstone]:
        """Return what was forgotten, in the order of the ledger: what stands after the entry `after`, or all. Neither
        what waits for its place is told yet, nor anything after an entry that waits itself.
        """
        ...


class StaffTransaction(Protocol):
    """One change among staff with its ledger entries: all of it is committed, or nothing. Changes follow each other."""

    def organisations(self) -> tuple[int, ...]:
        """Return the log ids of all organisations, smallest first."""
        ...

    def site_keys(self, log_id: int) -> tuple[str, ...]:
        """Return the keys of an organisation's sites."""
        ...

    def member(self, log_id: int, staff_id: bytes) -> StaffMember | None:
        """Return one member."""
        ...

    def named(self, login: str) -> StaffMember | None:
        """Return the member who signs in with this name."""
        ...

    def identified(self, log_id: int, identity: str) -> StaffMember | None:
        """Return the member whom the identity provider knows by this."""
        ...

    def members(self, log_id: int) -> tuple[StaffMember, ...]:
        """Return all members of an organisation, oldest first."""
        ...

    def put_member(self, member: StaffMember) -> None:
        """Store a new or changed member."""
        ...

    def add_session(self, session: Session) -> None:
        """Store a new session."""
        ...

    def end_session(self, secret_hash: bytes) -> None:
        """Forget one session."""
        ...

    def end_sessions(self, log_id: int, staff_id: bytes, *, but: bytes | None = None) -> int:
        """Forget all sessions of a member but one, and return how many there were."""
        ...

    def add_link(self, link: SignInLink) -> None:
        """Store a new sign-in link."""
        ...

    def link(self, secret_hash: bytes) -> SignInLink | None:
        """Return the link with this secret."""
        ...

    def use_link(self, secret_hash: bytes, now: int) -> None:
        """Mark a link as used."""
        ...

    def drop_links(self, log_id: int, staff_id: bytes) -> None:
        """Forget all links of a member that were not used."""
        ...

    def tokens(self, log_id: int) -> tuple[ApiToken, ...]:
        """Return all API tokens of an organisation, newest first."""
        ...

    def put_token(self, token: ApiToken) -> None:
        """Store a new or changed API token."""
        ...

    def prune(self, now: int) -> None:
        """Forget sessions and links that ended before `now`."""
        ...

    def append(self, entry: Entry) -> None:
        """Store a ledger entry."""
        ...


class StaffRoom(Protocol):
    """Staff, their sessions, links and API tokens."""

    def transaction(self) -> AbstractContextManager[StaffTransaction]:
        """Begin a change. Leaving the block commits it; an exception undoes it."""
        ...

    def session(self, secret_hash: bytes) -> tuple[Session, StaffMember] | None:
        """Return the session with this secret and its member."""
        ...

    def touch(self, secret_hash: bytes, now: int) -> None:
        """Note that a session was used."""
        ...

    def named(self, login: str) -> StaffMember | None:
        """Return the member who signs in with this name."""
        ...

    def link(self, secret_hash: bytes) -> tuple[SignInLink, StaffMember] | None:
        """Return the sign-in link with this secret and its member."""
        ...

    def members(self, log_id: int) -> tuple[StaffMember, ...]:
        """Return all members of an organisation, oldest first."""
        ...

    def sessions(self, log_id: int) -> tuple[Session, ...]:
        """Return all sessions of an organisation, the one used last first."""
        ...

    def tokens(self, log_id: int) -> tuple[ApiToken, ...]:
        """Return all API tokens of an organisation, newest first."""
        ...

    def token(self, secret_hash: bytes) -> ApiToken | None:
        """Return the API token with this secret."""
        ...


class Passwords(Protocol):
    """How passwords are kept: slow hashes only."""

    def hashed(self, password: str) -> str:
        """Return what is kept of a password."""
        ...

    def holds(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one; takes as long where nothing is kept, and is then False."""
        ...

    def is_old(self, kept: str) -> bool:
        """Tell whether a password should be hashed again, since the parameters rose."""
        ...


class Overview(Protocol):
    """What the console shows of an organisation at a glance; nothing here grows with the number of records."""

    def size(self, log_id: int) -> int:
        """Return how many entries have their place, as far as this database knows."""
        ...

    def arrivals(self, log_id: int, sites: tuple[str, ...] | None, first: int, before: int) -> list[Arrival]:
        """Return the decisions of these sites among the entries at positions `first` to `before` (excluded)."""
        ...

    def latest_entries(
        self, log_id: int, kind: str | None, limit: int, before: bytes | None = None
    ) -> list[ListedEntry]:
        """Return the newest entries, of one kind or of all, older than the id `before`."""
        ...


class Clock(Protocol):
    """The service's clock."""

    def __call__(self) -> int:
        """Return Unix time in milliseconds."""
        ...


class Randomness(Protocol):
    """Where ids and salts come from."""

    def entry_id(self, now: int) -> bytes:
        """Return the 16 bytes of a new UUIDv7 of the millisecond `now`."""
        ...

    def salt(self) -> bytes:
        """Return 32 random bytes."""
        ...

    def subject_bits(self) -> int:
        """Return 58 random bits."""
        ...


@dataclass(frozen=True, slots=True)
class Acting:
    """In whose name something is done (None: the service's own), by which clock, with which randomness."""

    staff: str | None
    clock: Clock
    random: Randomness
