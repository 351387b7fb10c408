"""An organisation's signing keys: made by command, kept outside the database, published from one table."""

from typing import Protocol

from askfirst.core.errors import MissingKey
from askfirst.core.kinds import EntryKind
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.ports import Acting, Catalogue, CatalogueTransaction
from askfirst.usecases.rows import Organisation, PublicKey
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.signing import SigningKey

RECEIPT = "receipt"
CHECKPOINT = "checkpoint"


class KeyChest(Protocol):
    """Where private keys lie: files or the environment, never the database."""

    def keep(self, key: SigningKey) -> None:
        """Store a private key. Refuses to overwrite one."""
        ...

    def find(self, verifier: VerifierKey) -> SigningKey | None:
        """Return the private key that belongs to a public one, or None."""
        ...


def key_name(organisation: Organisation, use: str) -> str:
    """Return the name that a new key gets (formats.md, 1.2)."""
    return organisation.origin if use == CHECKPOINT else f"{organisation.origin}/receipts"


def make_key(
    transaction: CatalogueTransaction,
    chest: KeyChest,
    organisation: Organisation,
    use: str,
    *,
    now: int,
    by: Acting,
) -> PublicKey:
    """Make, keep and announce a new active key inside a running change.

    The private half is kept before the public one is committed: a crash between the two leaves a file that nobody
    refers to, and never a published key that nobody holds.
    """
    signing = SigningKey.generate(key_name(organisation, use))
    chest.keep(signing)
    verifier = signing.verifier
    public = PublicKey(organisation.log_id, verifier.key_id, use, verifier.text, "active", now, now)
    transaction.add_key(public)
    transaction.append(
        staff_entry(
            organisation.log_id,
            EntryKind.KEY_CREATED,
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
    """Make a new active key and retire the ones before it; retired keys still verify."""
    with catalogue.transaction() as transaction:
        now = by.clock()
        for old in transaction.keys(organisation.log_id):
            if old.use == use and old.state == "active":
                change_state(transaction, old, "retired", EntryKind.KEY_RETIRED, reason=None, now=now, by=by)
        return make_key(transaction, chest, organisation, use, now=now, by=by)


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
    members = {"key": key.verifier, "reason": reason}
    transaction.append(staff_entry(key.log_id, kind, members, now=now, by=by))


def active_key(keys: tuple[PublicKey, ...], chest: KeyChest, log_id: int, use: str) -> SigningKey:
    """Return the private key to sign with: the newest active one of this use that the chest holds."""
    active = [key for key in keys if key.log_id == log_id and key.use == use and key.state == "active"]
    for key in sorted(active, key=lambda one: one.created_at, reverse=True):
        found = chest.find(VerifierKey.parse(key.verifier))
        if found is not None:
            return found
    raise MissingKey(use=use, verifiers=tuple(key.verifier for key in active))
