"""The last signed checkpoint, kept outside the database (the `Anchor` of usecases.publish_checkpoint)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from askfirst.core.errors import AnchorAway
from askfirst.storage.folders import sync_folder


class AnchorFiles:
    """One file a log in a folder that is not the database's: a restored database does not restore it."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, making it if need be."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def prepare(self, log_id: int) -> None:
        """Do nothing: a file is read at once."""

    def read(self, log_id: int) -> str | None:
        """Return the last signed note, or None before the first. Raises AnchorAway."""
        path = self._path(log_id)
        with _within_reach(path):
            try:
                # What is no text is no note either, and is refused as one that nobody signed.
                return path.read_text(encoding="utf-8", errors="replace")
            except FileNotFoundError:
                return None

    def write(self, log_id: int, note: str) -> None:
        """Keep a signed note durably; it replaces the one before in one step. Raises AnchorAway."""
        path = self._path(log_id)
        fresh = path.with_suffix(".new")
        with _within_reach(path):
            with fresh.open("w", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            sync_folder(self._folder)

    def _path(self, log_id: int) -> Path:
        return self._folder / f"log-{log_id}.checkpoint"


@contextmanager
def _within_reach(path: Path) -> Iterator[None]:
    """Raise AnchorAway for what a disk or a file system refuses: it is one log's trouble, and is told as such."""
    try:
        yield
    except OSError as error:
        helps = "the service needs to read and write this file and its folder, on a disk with room"
        raise AnchorAway(f"{error.filename or path}: {error.strerror or error}; {helps}") from error
