"""Open the place that the last signed checkpoints are kept in, as the settings name it."""

from askfirst.bucket_settings import bucket_access
from askfirst.settings import Settings
from askfirst.storage.anchor_bucket import AnchorBucket
from askfirst.storage.anchor_files import AnchorFiles
from askfirst.usecases.publish_checkpoint import Anchor


def open_anchors(settings: Settings) -> Anchor:
    """Return the bucket that publishers share, or this machine's folder. Raises ConfigurationFault."""
    if settings.anchors:
        return AnchorBucket(bucket_access(settings, settings.anchors))
    return AnchorFiles(settings.anchors_folder)
