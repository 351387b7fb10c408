"""How often one address may answer: no address is stored, and the key to its hash dies with us or within the hour."""

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

_MINUTE_S: Final = 60
_LEAST_FLOOD: Final = 60
_NODES: Final = 8  # as many can each stay just under what they tell, and not exceed the limit together
_V6_PREFIX = 64  # one household or host has a whole /64 and could otherwise count as many


class _Pseudonyms:
    """Names for addresses that nobody can turn back, and that are others in the next process."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def of_client(self, client: tuple[str, int] | None) -> str:
        address = client[0] if client else ""
        if ":" in address:
            try:
                parsed = ipaddress.IPv6Address(address)
            except ValueError:
                return self.of_text(address)
            mapped = parsed.ipv4_mapped
            address = str(mapped or ipaddress.ip_network((parsed, _V6_PREFIX), strict=False).network_address)
        return self.of_text(address)

    def of_text(self, text: str) -> str:
        return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), key=self._key, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Flood:
    """So many requests of a site were refused within a minute, from so many addresses or networks."""

    site_key: str
    refused: int
    addresses: int


class LimitStore(Protocol):
    """What nodes share of the addresses that are busy: hashes with counts, for two minutes."""

    def add(self, minute: int, counts: Mapping[tuple[str, bytes], int]) -> dict[tuple[str, bytes], int]:
        """Add to what all nodes counted for (site key, hash) in a minute since 1970, and return the sums."""
        ...


class AddressLimit:
    """A sliding window for each address and site: this minute's requests, and the share of the last one's that is not
    a minute ago yet.

    Every decision passes here, so it is written out: the same window of `limits` took a tenth of a decision's time.
    What is counted is forgotten after two minutes. Where nodes share it, each request still costs a look into memory
    alone: `exchange` tells the others once a second of those addresses that are busy, and hears of them.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        *,
        secret: bytes | None = None,
    ) -> None:
        """Allow `per_minute` requests a minute; 0: no limit. `clock` returns seconds that never go back.

        With the `secret` that all nodes have, `clock` has to be the time since 1970: then they count alike, under names
        whose key is another one every hour.
        """
        self._per_minute = per_minute
        self._clock = clock
        self._secret = secret
        self._hour = -1
        self._pseudonyms = _Pseudonyms()
        # Only an address that is this busy on one node is told to the others: who answers now and then is nowhere.
        self._busy = max(1, per_minute // _NODES)
        # Set by `exchange` alone, as a whole: what other nodes counted in the present minute.
        self._others: dict[tuple[str, str], int] = {}
        self._told: dict[tuple[str, str], int] = {}
        self._told_minute = -1
        self._minute = 0
        self._counts: dict[tuple[str, str], int] = {}
        self._before: dict[tuple[str, str], int] = {}
        self._refused: dict[tuple[str, str], int] = {}
        self._flooding: dict[tuple[str, str], int] = {}

    def wait(self, client: tuple[str, int] | None, site_key: str) -> int:
        """Count one request and return 0, or the seconds after which another may come; that one is not counted."""
        if not self._per_minute:
            return 0
        minute, passed = divmod(self._clock(), _MINUTE_S)
        if minute != self._minute:
            self._turn(int(minute))
        key = (site_key, self._pseudonyms.of_client(client))
        count = self._counts.get(key, 0)
        if self._others:
            count += self._others.get(key, 0)
        if count + self._before.get(key, 0) * (1 - passed / _MINUTE_S) >= self._per_minute:
            self._refuse(key)
            return _MINUTE_S
        self._counts[key] = self._counts.get(key, 0) + 1
        return 0

    def exchange(self, store: LimitStore) -> None:
        """Tell other nodes what was counted here, and take over what they counted; in another thread than `wait`.

        On any error of the store this node goes on with what it counts by itself.
        """
        others: dict[tuple[str, str], int] = {}
        try:
            minute = int(self._clock() // _MINUTE_S)
            if minute != self._minute:
                return
            if minute != self._told_minute:
                self._told, self._told_minute = {}, minute
            busy = {key: count for key, count in dict(self._counts).items() if count >= self._busy}
            if not busy:
                return
            added = {key: count - self._told.get(key, 0) for key, count in busy.items()}
            sums = store.add(minute, {(site, bytes.fromhex(name)): more for (site, name), more in added.items()})
            self._told |= busy
            others = {(site, name.hex()): total - busy[site, name.hex()] for (site, name), total in sums.items()}
        finally:
            self._others = {key: count for key, count in others.items() if count > 0}

    def _turn(self, minute: int) -> None:
        """Begin another minute, and every hour other names."""
        before: dict[tuple[str, str], int] = {}
        if minute == self._minute + 1:
            before = self._counts
            for key, count in self._others.items():
                before[key] = before.get(key, 0) + count
        self._before, self._minute, self._counts = before, minute, {}
        self._refused, self._others = {}, {}
        if self._secret is not None and minute // 60 != self._hour:
            self._hour = minute // 60
            of_hour = hmac.digest(self._secret, b"askfirst-limits-v1\0%d" % self._hour, "sha256")
            self._pseudonyms = _Pseudonyms(of_hour)

    def take_floods(self) -> list[Flood]:
        """Return, by site, what was refused of addresses that went on for a minute's worth; each is told once.

        Which addresses they are is told to nobody: they are known by pseudonyms here, and those stay in memory.
        """
        # Another thread may ask: who is refused in this very moment is counted, or told with the next.
        taken, self._flooding = self._flooding, {}
        sites: dict[str, list[int]] = {}
        for (site_key, _pseudonym), refused in taken.items():
            sites.setdefault(site_key, []).append(refused)
        return [Flood(site_key, sum(refused), len(refused)) for site_key, refused in sorted(sites.items())]

    def _refuse(self, key: tuple[str, str]) -> None:
        refused = self._refused[key] = self._refused.get(key, 0) + 1
        if refused >= max(self._per_minute, _LEAST_FLOOD):
            self._flooding[key] = refused


class TextLimit:
    """A sliding window for each text, whatever address it comes from."""

    def __init__(self, per_minute: int) -> None:
        """Allow each text `per_minute` times a minute."""
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._pseudonyms = _Pseudonyms()

    def take(self, text: str) -> bool:
        """Count one use and tell whether it was allowed."""
        return self._limiter.hit(self._item, self._pseudonyms.of_text(text))


class SignInLimit:
    """How often somebody may try to sign in: by address, by address and account, and by account from anywhere.

    The last one is wide: it slows a guesser with many addresses, and is hard to use for locking somebody out.
    """

    BY_BOTH: Final = RateLimitItemPerMinute(5, 5)  # 5 in 5 minutes
    BY_ADDRESS: Final = RateLimitItemPerMinute(20, 5)
    BY_ACCOUNT: Final = RateLimitItemPerMinute(50, 30)

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._pseudonyms = _Pseudonyms()

    def wait(self, client: tuple[str, int] | None, account: str | None) -> int:
        """Count one attempt and return 0, or the seconds after which another may come; that one is not counted.

        A sign-in link names no `account`.
        """
        address = self._pseudonyms.of_client(client)
        windows: list[tuple[RateLimitItemPerMinute, tuple[str, ...]]] = [(self.BY_ADDRESS, (address,))]
        if account is not None:
            name = self._pseudonyms.of_text(account)
            windows += [(self.BY_BOTH, (address, name)), (self.BY_ACCOUNT, (name,))]
        for window, keys in windows:
            if not self._limiter.test(window, *keys):
                return window.get_expiry()
        for window, keys in windows:
            self._limiter.hit(window, *keys)
        return 0
