"""A folder of static files that appear whole or not at all (the `Folder` of usecases.export_tiles)."""

import os
from pathlib import Path

from askfirst.storage.folders import sync_folder


class TileFolder:
    """A mirror's folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, making it if need be."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None where there is none."""
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, path: str, data: bytes) -> None:
        """Write a file in one step."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.new")
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
        sync_folder(target.parent)
