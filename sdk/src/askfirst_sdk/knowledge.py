"""What a process knows of a site: the keys, rules and policies in force, kept fresh in the background."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

from .check import MAX_SKEW, Copy, SiteRules, copy_opener
from .consent import Consent
from .descriptor import Descriptor, verified_descriptor
from .errors import DescriptorFormatError, SdkError
from .fetch import descriptor_url, fetch_descriptor, fetch_policy, read_descriptor_file
from .keys import KeyRing
from .policy_document import PolicyDocument
from .reason import Reason
from .refresh import Refresh
from .token import is_token

__all__ = ["Knowledge", "Loaded"]

_log = logging.getLogger("askfirst_sdk")

# Tokens remembered as verified: at some 500 bytes each about 8 MB when full, at most 30.
_REMEMBERED = 4096
# Forms that were rendered a moment ago may still be answered.
_POLICIES_KEPT = 4


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rules in force with the memory that belongs to them, so that new rules start with an empty one."""

    rules: SiteRules
    open_copy: Callable[[str], Copy]
    descriptor: Descriptor | None


class Knowledge:
    """Written by the refresh thread, read by requests: each attribute is a single reference, replaced as a whole.

    `refresh` is what brings news, None for a server that fetches nothing.
    """

    def __init__(
        self,
        site: str,
        *,
        pinned: KeyRing | None,
        narrowed: frozenset[int] | None,
        gpc: frozenset[str],
        max_stale: float,
    ) -> None:
        """Begin with nothing known; `begin_with_...` says where from."""
        self.site = site
        self.loaded: Loaded | None = None
        self.refresh: Refresh | None = None
        self._pinned = pinned
        self._narrowed = narrowed
        self._extra_gpc = gpc
        self._max_stale = max_stale
        self._service_url: str | None = None
        self._url = self._path = ""
        self._etag: str | None = None
        # Policies that were asked for, the last of them the current one.
        self._policies: dict[str, PolicyDocument] = {}
        self._wants_policy = False
        self._believed_until = float("-inf")
        self._said_not_loaded = False

    def begin_with_service(self, service_url: str, refresh_every: float) -> None:
        """Fetch from the service; raise ConfigurationError for an address that can not be believed."""
        self._url = descriptor_url(service_url, self.site, pinned=self._pinned is not None)
        self._service_url = service_url
        self.refresh = Refresh(self._fetch, refresh_every)

    def begin_with_rules(self, rules: SiteRules) -> None:
        """Believe these rules for ever."""
        self._load(rules, None)
        self._believed_until = float("inf")

    def begin_with_descriptor(self, descriptor: str | os.PathLike[str], refresh_every: float) -> None:
        """Load the descriptor of a text or file now. One that is not believed stops no server: nothing is allowed."""
        try:
            if isinstance(descriptor, str) and is_token(descriptor.strip()):
                self._believed_until = float("inf")
                self._take(descriptor.strip())
            else:
                self._path = os.fspath(descriptor)
                self.refresh = Refresh(self._read_file, refresh_every)
                self._read_file()
        except (OSError, SdkError) as error:
            _log.error("site %s: the descriptor that was given can not be believed: %s", self.site, error)

    @property
    def descriptor(self) -> Descriptor | None:
        """The descriptor in force, or None where there is none (yet)."""
        return None if self.loaded is None else self.loaded.descriptor

    def at(self, now: float) -> Loaded | None:
        """Return what is believed at `now` (seconds), or None where nothing is."""
        loaded = self.loaded
        if loaded is None or time.monotonic() > self._believed_until or _has_expired(loaded.descriptor, now):
            return None
        return loaded

    def nothing_loaded(self) -> Consent:
        """Return the consent of a server that knows nothing, and say so in the log once."""
        if not self._said_not_loaded:
            self._said_not_loaded = True
            _log.warning("site %s: %s Nothing is allowed until they are.", self.site, Reason.KEYS_NOT_LOADED.sentence)
        return Consent(reason=Reason.KEYS_NOT_LOADED)

    def want_policy(self) -> None:
        """Have the refresh bring the current policy too."""
        self._wants_policy = True

    def policy(self, digest: str | None) -> PolicyDocument | None:
        """Return the current policy, or the one of a digest, where it was brought. Never waits."""
        if not self._wants_policy:
            self._wants_policy = True
            if self.refresh is not None:
                self.refresh.nudge()
        wanted = digest or (None if self.descriptor is None else self.descriptor.policy)
        return None if wanted is None else self._policies.get(wanted)

    @contextmanager
    def standing_in(self, other: "Knowledge") -> Iterator[None]:
        """Believe what `other` believes while the block lasts."""
        before = (self.loaded, self._believed_until, self.refresh)
        self.loaded, self._believed_until, self.refresh = other.loaded, float("inf"), None
        try:
            yield
        finally:
            self.loaded, self._believed_until, self.refresh = before

    def _fetch(self) -> None:
        began = time.monotonic()
        # Without an ETag while the one in force has run out: the service then has to answer with a new one.
        fetched = fetch_descriptor(self._url, None if _has_expired(self.descriptor, time.time()) else self._etag)
        if fetched.token is not None:
            self._take(fetched.token)
            self._etag = fetched.etag
        self._believed_until = began + self._max_stale
        self._said_not_loaded = False
        self._bring_policy()

    def _bring_policy(self) -> None:
        current = None if self.descriptor is None else self.descriptor.policy
        if not self._wants_policy or current is None or current in self._policies or self._service_url is None:
            return
        document = fetch_policy(self._service_url, self.site, current)
        kept = list(self._policies.items())[1 - _POLICIES_KEPT :]
        self._policies = dict([*kept, (current, document)])

    def _read_file(self) -> None:
        began = time.monotonic()
        self._take(read_descriptor_file(self._path))
        self._believed_until = began + self._max_stale
        self._said_not_loaded = False

    def _take(self, token: str) -> None:
        """Believe a descriptor; the same one again leaves what was verified under it remembered."""
        descriptor = self._verified(token)
        held = self.descriptor
        if held is not None and descriptor == replace(
            held, issued_at=descriptor.issued_at, expires_at=descriptor.expires_at
        ):
            self.loaded = replace(self.loaded, descriptor=descriptor) if self.loaded is not None else None
        else:
            self._load(self._rules(descriptor), descriptor)

    def _verified(self, token: str) -> Descriptor:
        held = self.descriptor
        descriptor = verified_descriptor(token, self._pinned)
        now = time.time()
        if descriptor.site != self.site:
            raise DescriptorFormatError(f"the descriptor is of site {descriptor.site}, not {self.site}")
        if descriptor.issued_at > now + MAX_SKEW or descriptor.expires_at <= now:
            raise DescriptorFormatError("the descriptor's time is over, or is still to come")
        if held is not None and descriptor.issued_at < held.issued_at:
            raise DescriptorFormatError("the descriptor is older than the one in force")
        return descriptor

    def _rules(self, descriptor: Descriptor) -> SiteRules:
        accepted = frozenset(descriptor.revisions)
        return SiteRules(
            site=self.site,
            ring=descriptor.ring(),
            accepted_revisions=accepted if self._narrowed is None else accepted & self._narrowed,
            purposes=descriptor.purposes,
            gpc=self._extra_gpc.union(descriptor.gpc),
            revoked=descriptor.revoked_ids(),
            regions=descriptor.region_rules(),
        )

    def _load(self, rules: SiteRules, descriptor: Descriptor | None) -> None:
        # lru_cache keeps no exceptions, so forged tokens never push good ones out.
        self.loaded = Loaded(rules, lru_cache(_REMEMBERED)(copy_opener(rules)), descriptor)


def _has_expired(descriptor: Descriptor | None, now: float) -> bool:
    # Asked the way round that a clock which is not a number fails.
    return descriptor is not None and not (isinstance(now, (int, float)) and now < descriptor.expires_at)
