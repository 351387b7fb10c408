"""The proof file of C2SP tlog-proof: what is accepted, refused, and proven."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.checkpoint import Checkpoint, sign_checkpoint
from askfirst.core.errors import LedgerFault, MalformedProof, ProofMismatch, UntrustedNote
from askfirst.core.proof import Proof, check_proof, format_proof, parse_proof
from askfirst.core.tiles import hash_reader
from askfirst.core.tree import inclusion_proof, leaf_hash
from core.examples import CHECKPOINTS, LOG, STRANGER
from core.logs import a_log
from core.test_tree import MERKLE

SIZE = 300
TREE = a_log(SIZE)
HEAD = Checkpoint(LOG, SIZE, TREE.frontier.root)
NOTE = sign_checkpoint(HEAD, CHECKPOINTS.verifier, CHECKPOINTS.sign)
KEYS = [CHECKPOINTS.verifier]


def a_proof(index: int) -> Proof:
    return Proof(index, tuple(inclusion_proof(index, SIZE, hash_reader(SIZE, TREE.read_tile))), NOTE)


@pytest.mark.parametrize("text", MERKLE["tlog_proof_format"]["accepts"])
def test_the_published_proof_is_read(text):
    """What transparency-dev/formats reads is read, and written back to the byte."""
    assert text.encode() == format_proof(parse_proof(text.encode()))


@pytest.mark.parametrize("case", MERKLE["tlog_proof_format"]["rejects"], ids=lambda case: case["why"])
def test_the_published_bad_proofs_are_refused(case):
    """What transparency-dev/formats refuses is refused."""
    with pytest.raises(MalformedProof):
        parse_proof(case["text"].encode())


@given(st.integers(0, SIZE - 1), st.none() | st.binary(max_size=40))
def test_a_proof_leads_back_and_proves_its_entry(index, extra):
    """A written proof is read again, and shows the entry under the checkpoint with the public key alone."""
    plain = a_proof(index)
    proof = parse_proof(format_proof(Proof(index, plain.hashes, NOTE, extra)))

    assert Proof(index, plain.hashes, NOTE, extra) == proof
    assert HEAD == check_proof(proof, leaf_hash(TREE.entries[index]), LOG, KEYS)


@given(st.integers(0, SIZE - 1), st.integers(0), st.integers(0, 7))
def test_a_proof_with_one_bit_changed_proves_nothing(index, at, bit):
    """Any change of the file is malformed, unsigned, or leads elsewhere."""
    altered = bytearray(format_proof(a_proof(index)))
    altered[at % len(altered)] ^= 1 << bit

    with pytest.raises(LedgerFault):
        check_proof(parse_proof(bytes(altered)), leaf_hash(TREE.entries[index]), LOG, KEYS)


@given(st.lists(st.integers(0, SIZE - 1), min_size=2, max_size=2, unique=True))
def test_a_proof_of_one_entry_does_not_prove_another(indexes):
    """An altered entry has no proof."""
    proven, shown = indexes

    with pytest.raises(ProofMismatch, match=f"number {proven} of the {SIZE}"):
        check_proof(a_proof(proven), leaf_hash(TREE.entries[shown]), LOG, KEYS)


def test_a_proof_under_an_unknown_key_proves_nothing():
    """Somebody else's checkpoint commits nobody."""
    with pytest.raises(UntrustedNote):
        check_proof(a_proof(0), leaf_hash(TREE.entries[0]), LOG, [STRANGER.verifier])


_GOOD = format_proof(a_proof(7))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\nindex 0\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n",
        b"c2sp.org/tlog-proof@v1\nindex 00\n\ncheckpoint\n",
        b"c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\ncheckpoint\n",
        b"c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\ncheckpoint\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\ncheckpoint\n",
        b"c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 0\n\ncheckpoint\n",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\ncheckpoint\n",
        b" " + _GOOD,
        _GOOD.replace(b"index 7", b"index  7"),
        b"c2sp.org/tlog-proof@v1\nindex 0\n"
        + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64
        + b"\ncheckpoint\n",
        b"x" * 2_000_001,
    ],
    ids=lambda data: repr(data[:60]),
)
def test_a_malformed_proof_is_refused(data):
    """Another spelling is no proof."""
    with pytest.raises(MalformedProof):
        parse_proof(data)


@given(st.binary(max_size=120) | st.binary(max_size=60).map(lambda data: b"c2sp.org/tlog-proof@v1\nindex 1\n" + data))
def test_arbitrary_bytes_never_raise_anything_else(data):
    """Whatever is read is written back as it was; everything else is a malformed proof."""
    try:
        proof = parse_proof(data)
    except LedgerFault as fault:
        assert isinstance(fault, MalformedProof)  # noqa: PT017
        return
    assert data == format_proof(proof)


def test_a_proof_that_could_not_be_read_is_not_written():
    """A negative index or a short hash gets no file."""
    for bad in (Proof(-1, (), NOTE), Proof(0, (b"short",), NOTE), Proof(0, (), b"")):
        with pytest.raises(MalformedProof):
            format_proof(bad)
