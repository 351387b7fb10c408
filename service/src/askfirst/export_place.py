"""Open the place that daily exports are kept in, as the settings name it."""

from pathlib import Path

from askfirst.bucket_settings import bucket_access
from askfirst.core.errors import ConfigurationFault
from askfirst.settings import Settings
from askfirst.storage.export_bucket import ExportBucket
from askfirst.storage.export_folder import ExportFolder
from askfirst.usecases.daily_export import ExportPlace
from askfirst.usecases.export_parquet import NEEDED, is_installed


def open_export_place(settings: Settings) -> ExportPlace | None:
    """Return the folder or bucket, or None where there is no daily export. Raises ConfigurationFault."""
    if not settings.daily_export:
        return None
    if settings.daily_export_format == "parquet" and not is_installed():
        raise ConfigurationFault([("ASKFIRST_DAILY_EXPORT_FORMAT", NEEDED)])
    if not settings.daily_export.startswith("s3://"):
        return ExportFolder(Path(settings.daily_export))
    return ExportBucket(bucket_access(settings, settings.daily_export))
