"""A bucket that speaks S3. The library is an extra: pip install 'askfirst[s3]'."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from askfirst.core.errors import ConfigurationFault

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


class BucketFailed(Exception):  # noqa: N818 - what it was to be used for says what went wrong
    """The bucket did not do what it was asked; says why, as a clause without anything that nobody should log."""


class Bucket:
    """Objects by their names below a prefix. Each appears whole or not at all."""

    def __init__(self, access: BucketAccess, setting: str, *, seconds: float = 20.0, tries: int = 2) -> None:
        """Take the access, the setting that named it, how long one request may take, and how often it is tried. Nothing
        is asked yet. Raises ConfigurationFault where the library is not installed.
        """
        try:
            import obstore  # noqa: PLC0415 - an extra that a folder needs nothing of
        except ModuleNotFoundError:
            said = "needs a library that is not installed: pip install 'askfirst[s3]'"
            raise ConfigurationFault([(setting, said)]) from None
        given: dict[str, Any] = {"prefix": access.prefix or None, "region": access.region}
        if access.key_id:
            given |= {"access_key_id": access.key_id, "secret_access_key": access.secret}
        if access.endpoint:
            given |= {"endpoint": access.endpoint, "virtual_hosted_style_request": False}
        patience = timedelta(seconds=seconds)
        self._errors = (obstore.exceptions.BaseError, OSError)
        self._taken = (obstore.exceptions.AlreadyExistsError, obstore.exceptions.PreconditionError)
        self._bucket, self._seconds = access.bucket, seconds
        self._store: Any = obstore.store.S3Store(
            access.bucket,
            client_options={
                "allow_http": access.endpoint.startswith("http://"),
                "timeout": patience,
                "connect_timeout": min(patience, timedelta(seconds=10)),
            },
            retry_config={"max_retries": tries - 1, "retry_timeout": patience},
            **given,
        )

    def read(self, name: str) -> tuple[bytes, str] | None:
        """Return a small object and its version (empty where the bucket tells none), or None where there is none.

        Raises BucketFailed.
        """
        try:
            found = self._store.get(name)
            content, version = bytes(found.bytes()), found.meta["e_tag"]
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise self._failed(error) from error
            return None
        except self._errors as error:
            raise self._failed(error) from error
        return content, version or ""

    def write(self, name: str, content: bytes) -> None:
        """Keep a small object, whatever is there. Raises BucketFailed."""
        try:
            self._store.put(name, content, use_multipart=False)
        except self._errors as error:
            raise self._failed(error) from error

    def write_parts(self, name: str, parts: Iterable[bytes], part_bytes: int) -> None:
        """Keep a large object, one part at a time: what waits for the bucket is not piled up. Raises BucketFailed."""
        try:
            self._store.put(name, parts, use_multipart=True, chunk_size=part_bytes, max_concurrency=1)
        except self._errors as error:
            raise self._failed(error) from error

    def replace(self, name: str, content: bytes, version: str | None) -> str | None:
        """Keep a small object in place of that version of it (None: where there is none), and return the new version;
        None where another one is there, and nothing was kept. Raises BucketFailed.
        """
        mode: Any = "create" if version is None else {"e_tag": version}
        try:
            return str(self._store.put(name, content, mode=mode, use_multipart=False)["e_tag"])
        except self._taken:
            return None
        except self._errors as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> BucketFailed:
        """Return what went wrong in few words: what the library says is long, and may hold what nobody should log."""
        said = str(error)
        status, code = _STATUS.search(said), _CODE.search(said)
        if status is None:
            slow = f"the bucket {self._bucket} can not be reached, or did not answer within {self._seconds:g} seconds"
            return BucketFailed(slow)
        which = f" ({code[1]})" if code else ""
        hint = "; redirects are not followed" if status[1].startswith("3") else ""
        return BucketFailed(f"the bucket {self._bucket} answered {status[1].strip()}{which}{hint}")
