"""Consent that is read from a request with the first question, and what its having been read means for caches."""

from collections.abc import Callable, Iterable
from typing import Any

from .consent import Consent
from .reason import Reason

__all__ = ["Header", "LazyConsent"]

Header = tuple[bytes, bytes]
_MARK = (b"cache-control", b"private, no-cache")


class LazyConsent:
    """A `Consent` that is read from the request with the first question put to it.

    It answers everything that `Consent` answers. Asked for the first time when the response is already on its way with
    headers that let a shared cache keep it, it allows nothing, with the reason `too_late`.
    """

    __slots__ = ("_consent", "_read", "_sent_cacheable", "cached_by_key")

    def __init__(self, read: Callable[[], Consent]) -> None:
        self._read = read
        self._consent: Consent | None = None
        self._sent_cacheable = False
        self.cached_by_key: bool = False

    @property
    def was_read(self) -> bool:
        """Whether anything was asked."""
        return self._consent is not None

    def read(self) -> Consent:
        """Return the consent itself."""
        if self._consent is None:
            self._consent = Consent(reason=Reason.TOO_LATE) if self._sent_cacheable else self._read()
        return self._consent

    def allows(self, purpose: str) -> bool:
        """Say whether this visitor consented to `purpose`."""
        return self.read().allows(purpose)

    def permitted(self, purpose: str) -> bool:
        """Say whether `purpose` may happen: by consent, or by the law of the region."""
        return self.read().permitted(purpose)

    def why(self, purpose: str) -> Reason:
        """Return the reason for what `allows` says."""
        return self.read().why(purpose)

    def cache_key(self, purposes: Iterable[str] | None = None, *, by_law: bool = False) -> str:
        """Return the key under which a cache may keep this page for everybody with the same answers, as
        `Consent.cache_key` makes it, and leave the response's own `Cache-Control` as it is. Whoever calls this has to
        put the key into what the cache goes by, its own key or the URL: never `Vary: Cookie`."""
        self.leave_cache_control()
        return self.read().cache_key(purposes, by_law=by_law)

    def leave_cache_control(self) -> None:
        """Say that the application itself sees to caching: what it sends is stored under a key derived from consent, so
        the response's headers stay as they are."""
        self.cached_by_key = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.read(), name)

    def headers_to_send(self, headers: Iterable[Header]) -> list[Header]:
        """Return the response's headers as they go out: marked if consent was read and they were not strict enough."""
        sent = list(headers)
        if self.cached_by_key or _kept_by_nobody(sent):
            return sent
        if not self.was_read:
            self._sent_cacheable = True
            return sent
        kept = [header for header in sent if header[0].lower() != _MARK[0] and not _tells_cdn(header[0])]
        return [*kept, _MARK]


def _kept_by_nobody(headers: list[Header]) -> bool:
    if any(_tells_cdn(name) for name, _ in headers):
        return False
    values = [value for name, value in headers if name.lower() == b"cache-control"]
    said = {directive.strip().lower() for value in values for directive in value.split(b",")}
    return b"no-store" in said or {b"private", b"no-cache"} <= said


def _tells_cdn(name: bytes) -> bool:
    # RFC 9213: such a header wins over Cache-Control, so none may stay.
    return name.lower() == b"surrogate-control" or name.lower().endswith(b"-cache-control")
