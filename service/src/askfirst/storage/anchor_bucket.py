"""The last signed checkpoint in a bucket that all publishers share (the `Anchor` of usecases.publish_checkpoint)."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from askfirst.core.errors import AnchorAway, AnchorMoved
from askfirst.storage.bucket import Bucket, BucketAccess, BucketFailed

_SETTING: Final = "ASKFIRST_ANCHORS"
_PROBE: Final = "conditions"
_PROBED: Final = b"Written only where it is not there, or where this version of it is.\n"
_NO_ETAG: Final = "the bucket tells no version (ETag) of what is there"
_NO_VERSION: Final = '"00000000000000000000000000000000"'


class AnchorBucket:
    """One object a log, which a publisher replaces only where nobody else did since it was read.

    A log that does not grow is not asked for each second: what was read or written holds for some seconds. Who trusts
    it for longer than it is true is told so when writing, and reads it again.
    """

    def __init__(
        self,
        access: BucketAccess,
        *,
        seconds: float = 5.0,
        holds_s: float = 10.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Take the access, how long one request may take, and for how many seconds an answer holds. Nothing is asked
        yet. Raises ConfigurationFault."""
        self._bucket = Bucket(access, _SETTING, seconds=seconds, tries=1)
        self._holds_s, self._clock = holds_s, clock
        self._known: dict[int, tuple[float, str | None, str | None]] = {}  # since when, note, version
        self._conditional = False

    def read(self, log_id: int) -> str | None:
        """Return the last signed note, or None before the first. Raises AnchorAway."""
        known = self._known.get(log_id)
        if known is not None and self._clock() - known[0] < self._holds_s:
            return known[1]
        try:
            found = self._bucket.read(_name(log_id))
        except BucketFailed as failed:
            self._known.pop(log_id, None)
            raise AnchorAway(str(failed)) from failed
        if found is not None and not found[1]:
            raise AnchorAway(_NO_ETAG)
        # What is no text is no note either, and is refused as one that nobody signed.
        note, version = (None, None) if found is None else (found[0].decode("utf-8", "replace"), found[1])
        self._known[log_id] = self._clock(), note, version
        return note

    def write(self, log_id: int, note: str) -> None:
        """Keep a signed note in place of the one that was read last.

        Raises AnchorMoved where another one is there by now, or none was read, and AnchorAway; then `read` asks again.
        """
        if log_id not in self._known:
            raise AnchorMoved
        _, _, version = self._known.pop(log_id)
        try:
            self._require_conditions()
            written = self._bucket.replace(_name(log_id), note.encode(), version)
        except BucketFailed as failed:
            raise AnchorAway(str(failed)) from failed
        if written is None:
            raise AnchorMoved
        self._known[log_id] = self._clock(), note, written

    def prepare(self, log_id: int) -> None:
        """Ask for the last note, unless what was heard still holds; the first time, see that the bucket keeps to
        conditions: in one that ignores them any publisher could overwrite another's. Raises AnchorAway."""
        try:
            self._require_conditions()
        except BucketFailed as failed:
            raise AnchorAway(str(failed)) from failed
        self.read(log_id)

    def _require_conditions(self) -> None:
        if self._conditional:
            return
        self._bucket.replace(_PROBE, _PROBED, None)
        twice = self._bucket.replace(_PROBE, b"", None)
        other = self._bucket.replace(_PROBE, b"", _NO_VERSION)
        if twice is not None or other is not None:
            raise AnchorAway("the bucket writes without regard to what is there (no If-Match and If-None-Match)")
        found = self._bucket.read(_PROBE)
        # Two nodes may be at it: what the other one wrote has the same content, and most often the same version.
        if found is None or not found[1]:
            raise AnchorAway(_NO_ETAG)
        if self._bucket.replace(_PROBE, _PROBED, found[1]) is None:
            raise AnchorAway("the bucket does not know the version (ETag) that it told, as where a proxy changes it")
        self._conditional = True


def _name(log_id: int) -> str:
    return f"log-{log_id}.checkpoint"
