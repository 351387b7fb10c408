"""Checkpoints of C2SP tlog-checkpoint, against a real log's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.base64_text import b64
from askfirst.core.checkpoint import (
    MAX_SIZE,
    Checkpoint,
    checkpoint_body,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from askfirst.core.errors import MalformedCheckpoint, UntrustedNote
from askfirst.core.frontier import Frontier, grow
from askfirst.core.tree import EMPTY_ROOT, consistency_proof, leaf_hash
from askfirst.core.tree_proofs import verify_consistency
from askfirst_sdk.keys import VerifierKey
from core.examples import CHECKPOINTS, LOG, STRANGER
from core.test_tree import MERKLE

ROOT = bytes(range(32))


def test_a_real_logs_checkpoints_open_and_agree_with_its_entries():
    """All 16 checkpoints of tessera's test log are signed, and commit to the roots that we compute."""
    log = MERKLE["tlog_tiles_log"]
    key = VerifierKey.parse(log["verifier_key"])
    hashes = [leaf_hash(text.encode()) for text in log["entries"]]

    found = [open_checkpoint(note.encode(), key.name, [key]) for note in log["checkpoints_by_size"]]

    assert [
        Checkpoint(key.name, size, grow(Frontier(), hashes[:size]).frontier.root) for size in range(len(hashes) + 1)
    ] == found


def test_a_real_logs_checkpoints_are_consistent():
    """Each checkpoint extends every earlier one but the empty one."""
    log = MERKLE["tlog_tiles_log"]
    hashes = [leaf_hash(text.encode()) for text in log["entries"]]
    roots = [grow(Frontier(), hashes[:size]).frontier.root for size in range(len(hashes) + 1)]

    def read(level: int, index: int) -> bytes:
        return grow(Frontier(), hashes[index << level : (index + 1) << level]).frontier.root

    for new in range(1, len(hashes) + 1):
        for old in range(1, new + 1):
            assert verify_consistency(old, new, roots[old], roots[new], consistency_proof(old, new, read))


@given(st.integers(1, MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_leads_back(size, root):
    """What is signed is read."""
    if root == EMPTY_ROOT:
        return
    checkpoint = Checkpoint(LOG, size, root)
    note = sign_checkpoint(checkpoint, CHECKPOINTS.verifier, CHECKPOINTS.sign)

    assert checkpoint == open_checkpoint(note, LOG, [CHECKPOINTS.verifier])
    assert note.startswith(f"{LOG}\n{size}\n{b64(root)}\n\n— {LOG} ".encode())


def test_extension_lines_are_passed_over():
    """Other logs may write them; they change nothing of ours."""
    assert Checkpoint(LOG, 5, ROOT) == parse_checkpoint(checkpoint_body(LOG, 5, ROOT) + "extension\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        f"{LOG}\n5\n",
        f"{LOG}\n5\n{b64(ROOT)}",
        f"{LOG}\n5\n{b64(ROOT)}\n\n",
        f"\n5\n{b64(ROOT)}\n",
        f"two words\n5\n{b64(ROOT)}\n",
        f"a+b\n5\n{b64(ROOT)}\n",
        f"{LOG}\n05\n{b64(ROOT)}\n",
        f"{LOG}\n-5\n{b64(ROOT)}\n",
        f"{LOG}\n+5\n{b64(ROOT)}\n",
        f"{LOG}\n5.0\n{b64(ROOT)}\n",
        f"{LOG}\n٥\n{b64(ROOT)}\n",
        f"{LOG}\n{MAX_SIZE + 1}\n{b64(ROOT)}\n",
        f"{LOG}\n5\n{b64(ROOT)[:-1]}\n",
        f"{LOG}\n5\n{b64(ROOT)[:-2]}9=\n",
        f"{LOG}\n5\n{b64(ROOT + ROOT)}\n",
        f"{LOG}\n5\n{b64(ROOT).replace('/', '_').replace('+', '-')}é\n",
        f"{LOG}\n0\n{b64(ROOT)}\n",
        f"{LOG}\n5\n{b64(EMPTY_ROOT)}\n",
    ],
    ids=repr,
)
def test_a_malformed_checkpoint_is_refused(text):
    """A size or root in another spelling, or one that can not be, is no checkpoint."""
    with pytest.raises(MalformedCheckpoint):
        parse_checkpoint(text)


@given(st.text(max_size=80) | st.text("ab1\n= +/", max_size=80))
def test_arbitrary_text_never_raises_anything_else(text):
    """Nothing but a checkpoint is read as one."""
    with pytest.raises(MalformedCheckpoint):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, ROOT), ("a b", 1, ROOT), (LOG, -1, ROOT), (LOG, 1, ROOT[:-1]), (LOG, 0, ROOT), (f"{LOG}\n9", 1, ROOT)],
)
def test_what_could_not_be_read_is_not_written(origin, size, root):
    """Nothing is signed that nobody can open, or that says more than one thing."""
    with pytest.raises(MalformedCheckpoint):
        checkpoint_body(origin, size, root)


def test_a_checkpoint_of_another_log_is_refused():
    """One key may sign for several logs: the origin decides."""
    note = sign_checkpoint(Checkpoint("other.test/log", 5, ROOT), CHECKPOINTS.verifier, CHECKPOINTS.sign)

    with pytest.raises(MalformedCheckpoint, match=r"other\.test/log"):
        open_checkpoint(note, LOG, [CHECKPOINTS.verifier])


def test_a_checkpoint_by_another_key_is_refused():
    """A log rebuilt with another key is not this log."""
    note = sign_checkpoint(Checkpoint(LOG, 5, ROOT), STRANGER.verifier, STRANGER.sign)

    with pytest.raises(UntrustedNote):
        open_checkpoint(note, LOG, [CHECKPOINTS.verifier])
