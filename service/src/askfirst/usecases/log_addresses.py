"""Under which name a log is found, at /log/NAME/: one name stands for one log for ever, whatever any cache has kept."""

from collections.abc import Iterable

from askfirst.core.errors import NameTaken
from askfirst.core.proof_document import RECEIPTS
from askfirst.usecases.keys import CHECKPOINT, KeyChest
from askfirst.usecases.ports import CatalogueTransaction
from askfirst.usecases.rows import Organisation, PublicKey


def log_name(origin: str) -> str:
    """Return the last part of a log's origin."""
    return origin.rpartition("/")[2]


def log_names(log_id: int, keys: Iterable[PublicKey]) -> frozenset[str]:
    """Return the last part of the origin of every log that an organisation ever had: each has keys of its own."""
    origins = (_name(key) for key in keys if key.log_id == log_id and key.use == CHECKPOINT)
    return frozenset(map(log_name, origins))


def _name(key: PublicKey) -> str:
    return key.verifier.partition("+")[0]


def own_name(organisation: Organisation, keys: Iterable[PublicKey]) -> str:
    """Return the name under which files of the organisation's log are found, as it is now.

    The first log has the organisation's; one that took over, that of its own origin.
    """
    first = log_names(organisation.log_id, keys) <= {log_name(organisation.origin)}
    return organisation.slug if first else log_name(organisation.origin)


def require_free(transaction: CatalogueTransaction, name: str) -> None:
    """Raise NameTaken if a log is or was found under this name."""
    for other in transaction.organisations():
        if name == other.slug or name in log_names(other.log_id, transaction.keys(other.log_id)):
            raise NameTaken("log address", f"/log/{name}/")


def require_not_succeeded(transaction: CatalogueTransaction, name: str) -> None:
    """Raise NameTaken if this is the last part of an origin of logs that took over from each other.

    First logs may share it: each of them has its organisation's name for an address.
    """
    for other in transaction.organisations():
        names = log_names(other.log_id, transaction.keys(other.log_id))
        if len(names) > 1 and name in names:
            raise NameTaken("log address", f"/log/{name}/")


def require_unused(transaction: CatalogueTransaction, chest: KeyChest, origin: str, name: str, remedy: str) -> None:
    """Raise NameTaken if the chest has a key of this origin, or of another one that ends in `name`, which no log of the
    database ever had: a database that was restored or begun anew does not know all that was signed.
    """
    logs = transaction.organisations()
    known = {_name(key) for log in logs for key in transaction.keys(log.log_id)}
    for unknown in sorted(chest.names() - known):
        if unknown.endswith(RECEIPTS):
            continue
        said = f"The folder of keys has a key named {unknown}, of a log that this database does not know. {remedy}"
        if unknown == origin:
            raise NameTaken("log origin", origin, said)
        if log_name(unknown) == name:
            raise NameTaken("log address", f"/log/{name}/", said)
