"""An organisation's signing keys: made by command, kept outside the database, published from one table."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from askfirst.core.errors import BadName, MissingKey
from askfirst.core.kinds import EntryKind
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.names import check_words
from askfirst.usecases.ports import Acting, Catalogue, CatalogueTransaction
from askfirst.usecases.rows import Organisation, PublicKey
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.signing import SigningKey

RECEIPT = "receipt"
CHECKPOINT = "checkpoint"


class Keeper(Protocol):
    """Who stores private keys."""

    def keep(self, key: SigningKey) -> None:
        """Store a private key. Refuses to overwrite one."""
        ...


class KeyChest(Keeper, Protocol):
    """Where private keys lie: files or the environment, never the database."""

    def take_away(self, verifier: VerifierKey) -> None:
        """Remove the private key that belongs to a public one, if it is here."""
        ...

    def find(self, verifier: VerifierKey) -> SigningKey | None:
        """Return the private key that belongs to a public one, or None."""
        ...

    def of_id(self, key_id: bytes) -> SigningKey | None:
        """Return the private key with this 4-byte id, or None."""
        ...

    def names(self) -> frozenset[str]:
        """Return the names of all private keys, also of those that a restored database knows nothing of."""
        ...


def key_name(organisation: Organisation, use: str) -> str:
    """Return the name that a new key gets (formats.md, 1.2)."""
    return organisation.origin if use == CHECKPOINT else f"{organisation.origin}/receipts"


class _Made:
    """Keeps keys in a chest, and knows which they were."""

    def __init__(self, chest: KeyChest) -> None:
        self._chest = chest
        self.verifiers: list[VerifierKey] = []

    def keep(self, key: SigningKey) -> None:
        self._chest.keep(key)
        self.verifiers.append(key.verifier)


@contextmanager
def change_with_keys(catalogue: Catalogue, chest: KeyChest) -> Iterator[tuple[CatalogueTransaction, Keeper]]:
    """Begin a change that makes keys under a new name, and give who keeps them: where the change is not committed, they
    are taken away again, so that the name is not burnt.
    """
    made = _Made(chest)
    try:
        with catalogue.transaction() as transaction:
            yield transaction, made
    except BaseException:
        if made.verifiers:
            _take_away_unpublished(catalogue, chest, made.verifiers)
        raise


def _take_away_unpublished(catalogue: Catalogue, chest: KeyChest, made: Iterable[VerifierKey]) -> None:
    # A commit that nobody heard the answer of may have been made all the same. A second change waits for the end of the
    # first; where the database can not be asked, the keys stay.
    with catalogue.transaction() as transaction:
        logs = [organisation.log_id for organisation in transaction.organisations()]
        published = {key.verifier for log_id in logs for key in transaction.keys(log_id)}
        for verifier in made:
            if verifier.text not in published:
                chest.take_away(verifier)


def make_key(
    transaction: CatalogueTransaction,
    chest: Keeper,
    organisation: Organisation,
    use: str,
    *,
    now: int,
    by: Acting,
    kind: EntryKind = EntryKind.KEY_CREATED,
) -> PublicKey:
    """Make, keep and publish a new key inside a running change: active, or announced where `kind` says so.

    The private half is kept before the public one is committed: a crash between the two leaves a file that nobody
    refers to, and never a published key that nobody holds.
    """
    signing = SigningKey.generate(key_name(organisation, use))
    chest.keep(signing)
    verifier = signing.verifier
    state = "announced" if kind is EntryKind.KEY_ANNOUNCED else "active"
    public = PublicKey(organisation.log_id, verifier.key_id, use, verifier.text, state, now, now)
    transaction.add_key(public)
    transaction.append(
        staff_entry(
            organisation.log_id,
            kind,
            {"use": f"{use}s", "key": verifier.text},
            now=now,
            by=by,
        )
    )
    return public


def rotate_key(
    catalogue: Catalogue,
    chest: KeyChest,
    organisation: Organisation,
    use: str,
    *,
    by: Acting,
) -> PublicKey:
    """Make a new key that signs at once, and retire the ones before it; retired keys still verify.

    Whoever has not heard of the new key yet can not check what it signs: `announce_key` avoids that.
    """
    with catalogue.transaction() as transaction:
        now = by.clock()
        for old in transaction.keys(organisation.log_id):
            if old.use == use and old.state == "active":
                change_state(transaction, old, "retired", EntryKind.KEY_RETIRED, reason=None, now=now, by=by)
        return make_key(transaction, chest, organisation, use, now=now, by=by)


def announce_key(
    catalogue: Catalogue, chest: KeyChest, organisation: Organisation, use: str, *, by: Acting
) -> PublicKey:
    """Publish a new key that does not sign yet; `take_over` lets it, once everybody has had time to fetch it."""
    with catalogue.transaction() as transaction:
        return make_key(transaction, chest, organisation, use, now=by.clock(), by=by, kind=EntryKind.KEY_ANNOUNCED)


def due_keys(
    organisations: Iterable[Organisation], keys: Sequence[PublicKey], wait_ms: int, now: int
) -> tuple[PublicKey, ...]:
    """Return the announced keys that were published `wait_ms` ago or longer, oldest first.

    A checkpoint key of a log that was closed is never due: it can not sign for the log that took over.
    """
    origins = {organisation.log_id: organisation.origin for organisation in organisations}
    waiting = (
        key
        for key in keys
        if key.state == "announced"
        and key.created_at + wait_ms <= now
        and (key.use != CHECKPOINT or VerifierKey.parse(key.verifier).name == origins.get(key.log_id))
    )
    return tuple(sorted(waiting, key=lambda key: key.created_at))


def take_over(catalogue: Catalogue, chest: KeyChest, log_id: int, *, wait_ms: int, by: Acting) -> None:
    """Let announced keys sign whose time has come, and retire those before them, where the private half is at hand."""
    with catalogue.transaction() as transaction:
        now = by.clock()
        for key in due_keys(transaction.organisations(), transaction.keys(log_id), wait_ms, now):
            if chest.find(VerifierKey.parse(key.verifier)) is None:
                continue
            for old in transaction.keys(log_id):
                if old.use == key.use and old.state == "active":
                    change_state(transaction, old, "retired", EntryKind.KEY_RETIRED, reason=None, now=now, by=by)
            change_state(transaction, key, "active", EntryKind.KEY_ACTIVATED, reason=None, now=now, by=by)


def revoke_key(
    catalogue: Catalogue, chest: KeyChest, organisation: Organisation, key_id: str, *, reason: str, by: Acting
) -> PublicKey | None:
    """Let nobody believe a key any more; what it signed is refused from now on. Return the new key, if it signed.

    `key_id` is its 8 hex characters. Raises BadName where the organisation has no such key, or it is revoked already,
    and for a reason that is none.
    """
    check_words("reason", reason)
    with catalogue.transaction() as transaction:
        now = by.clock()
        found = next((key for key in transaction.keys(organisation.log_id) if key.key_id.hex() == key_id), None)
        if found is None or found.state == "revoked":
            raise BadName("key", key_id, "the id of a key of this organisation that is not revoked yet")
        change_state(transaction, found, "revoked", EntryKind.KEY_REVOKED, reason=reason, now=now, by=by)
        if found.state != "active":
            return None
        return make_key(transaction, chest, organisation, found.use, now=now, by=by)


def change_state(
    transaction: CatalogueTransaction,
    key: PublicKey,
    state: str,
    kind: EntryKind,
    *,
    reason: str | None,
    now: int,
    by: Acting,
) -> None:
    """Give a key another state, with its entry."""
    transaction.change_key(PublicKey(key.log_id, key.key_id, key.use, key.verifier, state, key.created_at, now))
    members: dict[str, object] = {"key": key.verifier}
    if kind is not EntryKind.KEY_ACTIVATED:
        members["reason"] = reason
    transaction.append(staff_entry(key.log_id, kind, members, now=now, by=by))


def active_key(keys: tuple[PublicKey, ...], chest: KeyChest, log_id: int, use: str) -> SigningKey:
    """Return the private key to sign with: the newest active one of this use that the chest holds."""
    active = [key for key in keys if key.log_id == log_id and key.use == use and key.state == "active"]
    for key in sorted(active, key=lambda one: one.created_at, reverse=True):
        found = chest.find(VerifierKey.parse(key.verifier))
        if found is not None:
            return found
    raise MissingKey(use=use, verifiers=tuple(key.verifier for key in active))
