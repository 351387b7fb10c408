"""Ids and salts of the running service (the `Randomness` of usecases.ports) and its clock."""

import os
import threading
import time

import uuid_utils

_POOL_BYTES = 8192


class SystemRandomness:
    """Randomness from the operating system."""

    def __init__(self) -> None:
        """Begin with an empty pool."""
        # One call of the operating system for many salts: each call gives up the interpreter lock. A child process
        # must not repeat its parent's salts, so it begins with an empty pool too.
        self._pool = b""
        self._at = 0
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._empty)

    def _empty(self) -> None:
        self._pool = b""
        self._at = 0
        self._lock = threading.Lock()

    def _take(self, length: int) -> bytes:
        with self._lock:
            if self._at + length > len(self._pool):
                self._pool = os.urandom(_POOL_BYTES)
                self._at = 0
            taken = self._pool[self._at : self._at + length]
            self._at += length
            return taken

    def entry_id(self, now: int) -> bytes:
        """Return the 16 bytes of a new UUIDv7 of the millisecond `now`."""
        return uuid_utils.uuid7(nanoseconds=now * 1_000_000).bytes

    def salt(self) -> bytes:
        """Return 32 random bytes."""
        return self._take(32)

    def subject_bits(self) -> int:
        """Return 58 random bits."""
        return int.from_bytes(self._take(8), "big") >> 6


def system_clock() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
