"""A folder that daily exports are kept in (an `ExportPlace` of usecases.daily_export)."""

import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from askfirst.core.errors import ExportFailed
from askfirst.storage.folders import sync_folder

# Records name people by their consent ids: for the group of who collects them, and nobody else.
_MODE: Final = 0o640


class ExportFolder:
    """Files that appear whole or not at all."""

    def __init__(self, folder: Path) -> None:
        """Take the folder. It is not made: one that should be mounted and is not must not be taken for empty."""
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """Return a small file, or None where there is none. Raises ExportFailed."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            self._require_folder()
            return None
        except OSError as error:
            raise _failed(error, self._folder / name) from error

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Keep a file durably; until it is whole nobody sees anything under its name. Raises ExportFailed."""
        self._require_folder()
        target = self._folder / name
        try:
            target.parent.mkdir(exist_ok=True)
            # What a node left that was killed while it wrote.
            for old in target.parent.glob(f".{target.name}.*.part"):
                old.unlink(missing_ok=True)
            descriptor, fresh = mkstemp(".part", f".{target.name}.", target.parent)
        except OSError as error:
            raise _failed(error, target) from error
        try:
            with os.fdopen(descriptor, "wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fchmod(file.fileno(), _MODE)
                os.fsync(file.fileno())
            Path(fresh).replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise _failed(error, target) from error
        finally:
            Path(fresh).unlink(missing_ok=True)

    def _require_folder(self) -> None:
        if not self._folder.is_dir():
            raise ExportFailed(f"the folder {self._folder} is not there")


def _failed(error: OSError, path: Path) -> ExportFailed:
    return ExportFailed(f"{path}: {error.strerror or type(error).__name__}")
