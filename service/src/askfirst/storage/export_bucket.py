"""A bucket that daily exports are kept in (an `ExportPlace` of usecases.daily_export)."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from askfirst.core.errors import ExportFailed
from askfirst.storage.bucket import Bucket, BucketAccess, BucketFailed

_PART: Final = 8 * 1024 * 1024


class ExportBucket:
    """Objects that appear whole or not at all: S3 shows nothing of an upload before it is complete."""

    def __init__(self, access: BucketAccess, *, seconds: float = 20.0) -> None:
        """Take the access, and how long one request may take. Nothing is asked yet. Raises ConfigurationFault."""
        # The export itself is tried again, too, after longer and longer pauses.
        self._bucket = Bucket(access, "ASKFIRST_DAILY_EXPORT", seconds=seconds)

    def read(self, name: str) -> bytes | None:
        """Return a small object, or None where there is none. Raises ExportFailed."""
        try:
            found = self._bucket.read(name)
        except BucketFailed as failed:
            raise ExportFailed(str(failed)) from failed
        return None if found is None else found[0]

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Keep an object; until it is whole nobody sees anything of it. Raises ExportFailed."""
        going = iter(parts)
        first = _some(going)
        try:
            if len(first) < _PART:
                self._bucket.write(name, first)
            else:
                self._bucket.write_parts(name, chain([first], going), _PART)
        except BucketFailed as failed:
            raise ExportFailed(str(failed)) from failed


def _some(parts: Iterator[bytes]) -> bytes:
    """Return the first parts together, up to what is worth an upload in parts."""
    held = bytearray()
    for part in parts:
        held += part
        if len(held) >= _PART:
            break
    return bytes(held)
