"""Write a log as static files that anybody can mirror, and check the log with."""

from collections.abc import Callable, Sequence
from typing import Protocol

from askfirst.core.checkpoint import Checkpoint, open_checkpoint, open_own_checkpoint
from askfirst.core.errors import LedgerFault, NotFound
from askfirst.core.tiles import TILE_WIDTH, TileAddress, tile_path
from askfirst.usecases.log_files import all_files, read_file
from askfirst.usecases.ports import Ledger
from askfirst.usecases.publish_checkpoint import require_extension
from askfirst.usecases.rows import Head, Organisation
from askfirst_sdk.keys import VerifierKey


class Folder(Protocol):
    """Where the files go."""

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None where there is none."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Write a file in one step."""
        ...


def export_tiles(
    ledger: Ledger,
    organisation: Organisation,
    folder: Folder,
    keys: Sequence[VerifierKey],
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> tuple[int, int]:
    """Write the files of the last checkpoint and return its size and how many were written. Full ones are kept.

    The checkpoint is written last, so that a mirror never promises what it does not have. Raises NotFound before the
    first checkpoint, CheckpointRefused where the folder holds a checkpoint that the log does not continue, and
    LedgerFault for what is no checkpoint of this log, or for a log that does not hold together.
    """
    log_id = organisation.log_id
    last = ledger.last_checkpoint(log_id)
    if last is None:
        raise NotFound("No checkpoint is signed yet; the first comes a second after the first entry.")
    signed = open_own_checkpoint(last.note.encode(), keys)
    before = folder.read("checkpoint")
    if before is not None:
        known = _known(before, organisation.origin, keys)
        head = Head(signed.size, signed.root)
        require_extension(lambda level, at: ledger.read_tile(log_id, level, at), head, known.size, known.root)
    files = list(all_files(signed.size))
    written = 0
    for done, address in enumerate(files, start=1):
        written += _keep(ledger, log_id, folder, address, signed.size)
        progress(done, len(files))
    folder.write("checkpoint", last.note.encode())
    return signed.size, written + 1


def _known(note: bytes, origin: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    try:
        return open_checkpoint(note, origin, keys)
    except LedgerFault as error:
        raise LedgerFault(
            f"The folder's checkpoint is none of this log: {error} Name another folder, or one that is new."
        ) from error


def _keep(ledger: Ledger, log_id: int, folder: Folder, address: TileAddress, size: int) -> bool:
    path = tile_path(address)
    kept = folder.read(path)
    if kept is not None and address.width == TILE_WIDTH:
        if kept != read_file(ledger, log_id, address, size):
            raise LedgerFault(f"The folder's {path} is not what the log has there; it is another log's, or was altered")
        return False
    folder.write(path, read_file(ledger, log_id, address, size))
    return True
