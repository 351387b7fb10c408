"""The RFC 6962 tree hash that makes a later edit of the ledger visible."""

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_BYTES = 32
# Two prefixes (RFC 6962, 2.1): no entry can be crafted so that its hash passes for an inner node.
_LEAF = b"\x00"
_NODE = b"\x01"
EMPTY_ROOT = hashlib.sha256(b"").digest()

# read(level, index) returns the hash of the complete subtree of 2^level leaves that begins at leaf index * 2^level.
HashReader = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte hash of one entry's canonical bytes (RFC 6962, 2.1)."""
    return hashlib.sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node (RFC 6962, 2.1)."""
    return hashlib.sha256(_NODE + left + right).digest()


def parents(row: Sequence[bytes]) -> list[bytes]:
    """Return the hash of the inner node over each pair of an even number of neighbours."""
    sha256, node = hashlib.sha256, _NODE  # written out: most of the time of a verification goes here
    return [sha256(node + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over these leaf hashes, in order; of none, the hash of nothing (RFC 6962, 2.1)."""
    row = list(leaf_hashes)
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:
        # A last hash without a partner moves up as it is: that is the RFC's largest power of two on the left.
        paired = len(row) // 2 * 2
        row = parents(row[:paired]) + row[paired:]
    return row[0]


def peak_sizes(size: int) -> list[int]:
    """Return the sizes of the complete subtrees that make up a tree, from left to right: its binary digits."""
    return [1 << bit for bit in reversed(range(size.bit_length())) if size >> bit & 1]


def peaks_root(peaks: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of a tree's complete subtrees, from left to right."""
    if not peaks:
        return EMPTY_ROOT
    *rest, found = peaks
    for peak in reversed(rest):
        found = node_hash(peak, found)
    return found


def range_root(start: int, end: int, read: HashReader) -> bytes:
    """Return the root over the leaves from `start` up to but not including `end`, as they stand in a larger tree.

    `start` is a multiple of the least power of two that is not below the length, as in all ranges of RFC 6962.
    """
    peaks = []
    for width in peak_sizes(end - start):
        peaks.append(read(width.bit_length() - 1, start // width))
        start += width
    return peaks_root(peaks)


def inclusion_proof(index: int, size: int, read: HashReader) -> list[bytes]:
    """Return the audit path of a leaf in the tree of its first `size` leaves (RFC 6962, 2.1.1), nearest hash first.

    Raises ValueError if the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of size {size} has no leaf {index}")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, read))
            end = middle
        else:
            path.append(range_root(start, middle, read))
            start = middle
    return path[::-1]


def consistency_proof(size1: int, size2: int, read: HashReader) -> list[bytes]:
    """Return the proof that the tree of the first `size1` leaves is a beginning of that of `size2` (RFC 6962, 2.1.2).

    Raises ValueError unless 0 < size1 <= size2: of an empty tree there is nothing to prove.
    """
    if not 0 < size1 <= size2:
        raise ValueError(f"there is no consistency proof from size {size1} to size {size2}")
    path = []
    start, end = 0, size2
    # While the old tree's edge runs along a complete subtree, the verifier knows that subtree's hash already.
    while end > size1:
        middle = start + _split(end - start)
        if size1 <= middle:
            path.append(range_root(middle, end, read))
            end = middle
        else:
            path.append(range_root(start, middle, read))
            start = middle
    if start > 0:
        path.append(range_root(start, end, read))
    return path[::-1]


def _split(length: int) -> int:
    """Return the largest power of two below a length of at least 2."""
    return 1 << ((length - 1).bit_length() - 1)
