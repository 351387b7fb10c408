"""A clock that the test moves, and ids and salts that come in order: the same run gives the same bytes."""

import hashlib
import itertools
import threading

NOON = 1_781_524_800_000  # 2026-06-15T12:00:00Z, ms
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class HandClock:
    """The `Clock` of usecases.ports. It stands still until it is moved, or set going."""

    def __init__(self, now: int = NOON) -> None:
        self._now, self._step = now, 0

    def __call__(self) -> int:
        self._now += self._step
        return self._now

    def go_on(self) -> None:
        """Have each look give another time, as every real clock does."""
        self._step = 1

    def forward(self, ms: int) -> None:
        """Let time pass."""
        assert ms >= 0, "time does not go back"
        self._now += ms

    def back(self, ms: int) -> None:
        """Set it back, as whoever sets a machine's clock right does."""
        self._now -= ms


class CountedRandomness:
    """The `Randomness` of usecases.ports: UUIDv7 that rise with every call, and salts that never repeat."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._counter = itertools.count(1)
        self._lock = threading.Lock()

    def _next(self) -> int:
        with self._lock:
            return next(self._counter)

    def entry_id(self, now: int) -> bytes:
        assert 0 <= now < 2**48, "a UUIDv7 has 48 bits of milliseconds"
        tail = self._next() if not self._seed else self._next() | int(self._digest()[:4], 16) << 40
        return now.to_bytes(6, "big") + b"\x70\x00" + (0x8000000000000000 | tail).to_bytes(8, "big")

    def salt(self) -> bytes:
        return hashlib.sha256(f"{self._seed} salt {self._next()}".encode()).digest()

    def subject_bits(self) -> int:
        return int(hashlib.sha256(f"{self._seed} subject {self._next()}".encode()).hexdigest(), 16) % 2**58

    def _digest(self) -> str:
        return hashlib.sha256(self._seed.encode()).hexdigest()
