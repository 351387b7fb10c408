"""What the use cases need from outside, as protocols."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from askfirst.usecases.rows import (
    ApiToken,
    Build,
    Checkpoint,
    Decision,
    Entry,
    Head,
    Organisation,
    Outcome,
    PublicKey,
    PublishedPolicy,
    Record,
    RecordQuery,
    Site,
    Snapshot,
    StoredEntry,
)


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

    def keys(self, log_id: int) -> tuple[PublicKey, ...]:
        """Return the organisation's keys."""
        ...

    def add_key(self, key: PublicKey) -> None:
        """Store a new key."""
        ...

    def change_key(self, key: PublicKey) -> None:
        """Store a key's changed state."""
        ...

    def add_token(self, token: ApiToken) -> None:
        """Store a new token."""
        ...

    def append(self, entry: Entry) -> None:
        """Store a ledger entry."""
        ...


class Catalogue(Protocol):
    """Organisations, sites, policies, keys and tokens."""

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

    def token(self, secret_hash: bytes) -> ApiToken | None:
        """Return the token with this secret."""
        ...


class SequencerTransaction(Protocol):
    """One move of entries from the queue into the tree, under the lock of the log's head."""

    def head(self) -> Head:
        """Return the tree as it is."""
        ...

    def take_pending(self, limit: int) -> list[tuple[bytes, bytes]]:
        """Delete at most `limit` pending entries and return (entry id, leaf hash), oldest id first."""
        ...

    def read_tile(self, level: int, position: int) -> bytes:
        """Return a tile's hashes; empty where there is none."""
        ...

    def write(
        self,
        first: int,
        entries: Sequence[tuple[bytes, bytes]],
        tiles: dict[tuple[int, int], bytes],
        head: Head,
        now: int,
    ) -> None:
        """Store leaves from position `first`, the tiles that changed, the rollups and the new head."""
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

    def add_checkpoint(self, log_id: int, checkpoint: Checkpoint) -> None:
        """Store a signed checkpoint."""
        ...

    def entries(self, log_id: int, first: int, limit: int) -> list[StoredEntry]:
        """Return sequenced entries by position."""
        ...

    def entry(self, log_id: int, entry_id: bytes) -> StoredEntry | None:
        """Return one entry."""
        ...

    def record_of(self, log_id: int, record_id: bytes) -> Record | None:
        """Return the projection of a decision."""
        ...

    def counts(self, log_id: int) -> dict[str, int]:
        """Return how many rows leaf, entry, pending and record hold for this log, the head's size as `head`, and as
        `stray` the records that have no decision's entry.
        """
        ...


class Records(Protocol):
    """Searches over decisions."""

    def search(self, log_id: int, query: RecordQuery) -> list[tuple[bytes, Record]]:
        """Return (record id, record), newest first."""
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
