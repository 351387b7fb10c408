"""The tree of RFC 6962 as its own words define it, recursively: slow, and written without a look at the service's."""

import hashlib


def mth(entries: list[bytes]) -> bytes:
    """Return the Merkle Tree Hash (2.1)."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = largest_power_below(len(entries))
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """Return the audit path of entry m (2.1.1)."""
    if len(entries) == 1:
        return []
    k = largest_power_below(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: list[bytes]) -> list[bytes]:
    """Return the consistency proof from the first m entries (2.1.2)."""
    return _subproof(m, entries, complete=True)


def _subproof(m: int, entries: list[bytes], *, complete: bool) -> list[bytes]:
    if m == len(entries):
        return [] if complete else [mth(entries)]
    k = largest_power_below(len(entries))
    if m <= k:
        return [*_subproof(m, entries[:k], complete=complete), mth(entries[k:])]
    return [*_subproof(m - k, entries[k:], complete=False), mth(entries[:k])]


def largest_power_below(n: int) -> int:
    """Return the largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k
