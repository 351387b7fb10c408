"""Who comes to a bucket, as the settings say it."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from askfirst.core.errors import ConfigurationFault
from askfirst.settings import Settings
from askfirst.storage.bucket import BucketAccess

_SETTING: Final = "ASKFIRST_S3_SECRET_FILE"


def bucket_access(settings: Settings, url: str) -> BucketAccess:
    """Return access to the bucket of an address `s3://bucket/prefix`. Raises ConfigurationFault."""
    named = urlsplit(url)
    return BucketAccess(
        bucket=named.netloc,
        prefix=named.path.strip("/"),
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        key_id=settings.s3_key_id,
        secret=_secret(settings.s3_secret_file),
    )


def _secret(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "is not a text in UTF-8"
        raise ConfigurationFault([(_SETTING, f"can not be read: {said}")]) from None
