"""Checking proofs of the ledger without the ledger: all that it takes is a checkpoint (RFC 9162, 2.1.3 and 2.1.4)."""

import hmac
from collections.abc import Sequence

from askfirst.core.tree import HASH_BYTES, node_hash


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether the proof leads from this leaf, at this index, to the root of a tree of this size."""
    if not 0 <= index < size or not _are_hashes(leaf_hash, root, *proof):
        return False
    node, last, found = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hmac.compare_digest(found, root)


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that the tree of `size1` is a beginning of that of `size2`.

    Every proof from size 0 is rejected: an empty tree is a beginning of each, and a caller says so before asking.
    """
    if not 0 < size1 <= size2:
        return False
    if size1 == size2:
        return not proof and hmac.compare_digest(root1, root2)
    if not _are_hashes(root1, root2, *proof):
        return False
    # A complete old tree is itself the first hash; it is not sent, since the verifier has it.
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hmac.compare_digest(old, root1) and hmac.compare_digest(new, root2)


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
