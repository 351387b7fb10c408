"""Ids and salts of the running service (the `Randomness` of usecases.ports) and its clock."""

import secrets
import time

import uuid_utils


class SystemRandomness:
    """Randomness from the operating system."""

    def entry_id(self, now: int) -> bytes:
        """Return the 16 bytes of a new UUIDv7 of the millisecond `now`."""
        return uuid_utils.uuid7(nanoseconds=now * 1_000_000).bytes

    def salt(self) -> bytes:
        """Return 32 random bytes."""
        return secrets.token_bytes(32)

    def subject_bits(self) -> int:
        """Return 58 random bits."""
        return secrets.randbits(58)


def system_clock() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
