"""How often one address may answer, kept in memory only: no address is stored, and the key to its hash dies with us."""

import hashlib
import ipaddress
import secrets

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

_V6_PREFIX = 64  # one household or host has a whole /64 and could otherwise count as many


class AddressLimit:
    """A sliding window for each address and site."""

    def __init__(self, per_minute: int) -> None:
        """Allow `per_minute` requests a minute; 0: no limit."""
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._key = secrets.token_bytes(32)

    def wait(self, client: tuple[str, int] | None, site_key: str) -> int:
        """Count one request and return 0, or the seconds after which another may come."""
        if self._item is None:
            return 0
        address = self._pseudonym(client[0] if client else "")
        if self._limiter.hit(self._item, site_key, address):
            return 0
        return 60

    def _pseudonym(self, address: str) -> str:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            parsed = None
        if isinstance(parsed, ipaddress.IPv6Address):
            mapped = parsed.ipv4_mapped
            address = str(mapped or ipaddress.ip_network((parsed, _V6_PREFIX), strict=False).network_address)
        return hashlib.blake2b(address.encode(), key=self._key, digest_size=16).hexdigest()
