"""Who comes to a bucket, as the settings say it."""

from typing import Final
from urllib.parse import urlsplit

from askfirst.secret_files import read_secret
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
        secret=read_secret(settings.s3_secret_file, _SETTING) if settings.s3_secret_file else "",
    )
