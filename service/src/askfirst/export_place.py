"""Open the place that daily exports are kept in, as the settings name it."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from askfirst.core.errors import ConfigurationFault
from askfirst.settings import Settings
from askfirst.storage.export_bucket import BucketAccess, ExportBucket
from askfirst.storage.export_folder import ExportFolder
from askfirst.usecases.daily_export import ExportPlace
from askfirst.usecases.export_parquet import NEEDED, is_installed

_SETTING: Final = "ASKFIRST_S3_SECRET_FILE"


def open_export_place(settings: Settings) -> ExportPlace | None:
    """Return the folder or bucket, or None where there is no daily export. Raises ConfigurationFault."""
    if not settings.daily_export:
        return None
    if settings.daily_export_format == "parquet" and not is_installed():
        raise ConfigurationFault([("ASKFIRST_DAILY_EXPORT_FORMAT", NEEDED)])
    if not settings.daily_export.startswith("s3://"):
        return ExportFolder(Path(settings.daily_export))
    named = urlsplit(settings.daily_export)
    return ExportBucket(
        BucketAccess(
            bucket=named.netloc,
            prefix=named.path.strip("/"),
            endpoint=settings.s3_endpoint,
            region=settings.s3_region,
            key_id=settings.s3_key_id,
            secret=_secret(settings.s3_secret_file),
        )
    )


def _secret(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "is not a text in UTF-8"
        raise ConfigurationFault([(_SETTING, f"can not be read: {said}")]) from None
