"""A bucket that speaks S3, which daily exports are kept in (an `ExportPlace` of usecases.daily_export).

The library is an extra: pip install 'askfirst[s3]'.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any, Final

from askfirst.core.errors import ConfigurationFault, ExportFailed

_PART: Final = 8 * 1024 * 1024
_STATUS: Final = re.compile(r"status code: (\d{3}[A-Za-z ]*)")
_CODE: Final = re.compile(r"<Code>([A-Za-z]{1,64})</Code>")


@dataclass(frozen=True, slots=True)
class BucketAccess:
    """Which bucket, and who comes. Without `key_id`, as AWS's own settings say; without `endpoint`, AWS itself."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    key_id: str
    secret: str = field(repr=False)


class ExportBucket:
    """Objects that appear whole or not at all: S3 shows nothing of an upload before it is complete."""

    def __init__(self, access: BucketAccess, *, seconds: float = 20.0) -> None:
        """Take the access, and how long one request may take. Nothing is asked yet. Raises ConfigurationFault."""
        try:
            import obstore  # noqa: PLC0415 - an extra that a folder needs nothing of
        except ModuleNotFoundError:
            said = "needs a library that is not installed: pip install 'askfirst[s3]'"
            raise ConfigurationFault([("ASKFIRST_DAILY_EXPORT", said)]) from None
        given: dict[str, Any] = {"prefix": access.prefix or None, "region": access.region}
        if access.key_id:
            given |= {"access_key_id": access.key_id, "secret_access_key": access.secret}
        if access.endpoint:
            given |= {"endpoint": access.endpoint, "virtual_hosted_style_request": False}
        patience = timedelta(seconds=seconds)
        self._library, self._bucket, self._seconds = obstore, access.bucket, seconds
        self._store: Any = obstore.store.S3Store(
            access.bucket,
            client_options={
                "allow_http": access.endpoint.startswith("http://"),
                "timeout": patience,
                "connect_timeout": min(patience, timedelta(seconds=10)),
            },
            # The export itself is tried again, after longer and longer pauses.
            retry_config={"max_retries": 1, "retry_timeout": patience},
            **given,
        )

    def read(self, name: str) -> bytes | None:
        """Return a small object, or None where there is none. Raises ExportFailed."""
        try:
            return bytes(self._store.get(name).bytes())
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise self._failed(error) from error
            return None
        except (self._library.exceptions.BaseError, OSError) as error:
            raise self._failed(error) from error

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Keep an object; until it is whole nobody sees anything of it. Raises ExportFailed."""
        going = iter(parts)
        first = _some(going)
        try:
            if len(first) < _PART:
                self._store.put(name, first, use_multipart=False)
            else:
                # One part at a time: what waits for the bucket is not piled up in memory.
                whole = chain([first], going)
                self._store.put(name, whole, use_multipart=True, chunk_size=_PART, max_concurrency=1)
        except (self._library.exceptions.BaseError, OSError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> ExportFailed:
        """Return what went wrong in few words: what the library says is long, and may hold what nobody should log."""
        said = str(error)
        status, code = _STATUS.search(said), _CODE.search(said)
        if status is None:
            slow = f"the bucket {self._bucket} can not be reached, or did not answer within {self._seconds:g} seconds"
            return ExportFailed(slow)
        which = f" ({code[1]})" if code else ""
        hint = "; redirects are not followed" if status[1].startswith("3") else ""
        return ExportFailed(f"the bucket {self._bucket} answered {status[1].strip()}{which}{hint}")


def _some(parts: Iterator[bytes]) -> bytes:
    """Return the first parts together, up to what is worth an upload in parts."""
    held = bytearray()
    for part in parts:
        held += part
        if len(held) >= _PART:
            break
    return bytes(held)
