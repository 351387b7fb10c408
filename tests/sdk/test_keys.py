"""Keys: one text for each, and no text that can be taken for another's."""

import base64
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst_sdk.keys import KeyFormatError, KeyRing, VerifierKey
from askfirst_sdk.signing import SigningKey
from sdk.examples import NEXT, RECEIPTS

# golang/mod sumdb/note, note_test.go: a published example key pair, and keys that its own tests refuse.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_SIGNED = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def is_refused(text: str) -> bool:
    try:
        VerifierKey.parse(text)
    except KeyFormatError:
        return True
    return False


def test_the_published_key_pair_of_the_note_format_belongs_together() -> None:
    """Our keys are C2SP keys: Go's own example reads, and signs the same bytes."""
    key = SigningKey.parse(PETER_SECRET)

    assert PETER == key.verifier.text
    assert base64.b64decode(PETER_SIGNATURE) == key.verifier.key_id + key.sign(PETER_SIGNED)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", id="key length"),
        pytest.param("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", id="unknown algorithm"),
    ],
)
def test_keys_that_go_refuses_are_refused(text: str) -> None:
    """The examples of golang/mod: a key id that fits does not excuse the rest."""
    assert is_refused(text)


def test_no_part_of_a_key_is_a_key() -> None:
    """Every proper substring is refused."""
    pieces = [
        PETER[start:end]
        for start in range(len(PETER))
        for end in range(start + 1, len(PETER) + 1)
        if end - start < len(PETER)
    ]

    assert [] == [piece for piece in pieces if not is_refused(piece)]


def test_a_key_with_one_other_character_is_refused() -> None:
    """Every change of one byte to any other value is refused, and so is one dropped or doubled."""
    accepted = []
    for position, character in enumerate(PETER):
        changed = [
            PETER[:position] + chr(code) + PETER[position + 1 :] for code in range(256) if chr(code) != character
        ]
        dropped = PETER[:position] + PETER[position + 1 :]
        doubled = PETER[:position] + character + PETER[position:]
        accepted += [text for text in (*changed, dropped, doubled) if not is_refused(text)]

    assert [] == accepted


@given(st.text() | st.binary() | st.none() | st.integers() | st.lists(st.text()))
def test_whatever_is_no_key_is_refused(value: object) -> None:
    """Nothing but KeyFormatError comes out, whatever goes in."""
    for parse in (VerifierKey.parse, SigningKey.parse, VerifierKey.from_jwk):
        with pytest.raises(KeyFormatError):
            parse(value)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["", "two words", "tab\t", "a+b", "line\n", "nbsp\u00a0", "\ud800"])
def test_a_name_that_could_be_misread_is_refused(name: str) -> None:
    """A key name has no white space and no plus sign (C2SP signed-note)."""
    with pytest.raises(KeyFormatError):
        SigningKey.generate(name)


@pytest.mark.parametrize("seed", [b"", b"x" * 31, b"x" * 33, "x" * 32, None])
def test_a_seed_has_32_bytes(seed: bytes) -> None:
    """A seed of another length or type is refused."""
    with pytest.raises(KeyFormatError):
        SigningKey.from_seed("example.test", seed)


def test_a_ring_finds_keys_by_their_id() -> None:
    """A ring of two keys finds each, and None for a stranger."""
    ring = KeyRing.parse([RECEIPTS.verifier.text, NEXT.verifier.text, NEXT.verifier.text])

    assert 2 == len(ring)
    assert NEXT.verifier == ring.get(NEXT.verifier.key_id)
    assert ring.get(b"\0\0\0\0") is None
    assert [RECEIPTS.verifier] == list(ring.without([NEXT.verifier.key_id]))


def test_two_keys_with_one_id_are_refused() -> None:
    """Four bytes can collide: a ring in which an id means two keys would leave open which one is meant."""
    twin = VerifierKey("example.test/other", RECEIPTS.verifier.key_id, NEXT.verifier.public)

    with pytest.raises(KeyFormatError):
        KeyRing([RECEIPTS.verifier, twin])


def test_one_text_in_the_place_of_a_list_is_refused() -> None:
    """A string is a list of characters to Python; as a ring it is a mistake."""
    with pytest.raises(KeyFormatError):
        KeyRing.parse(RECEIPTS.verifier.text)


def test_a_signing_key_does_not_show_its_seed() -> None:
    """Neither repr nor str nor pickle gives the seed away by accident."""
    secret = RECEIPTS.text.rsplit("+", 1)[-1]

    assert secret not in repr(RECEIPTS)
    assert secret not in str(RECEIPTS)
    with pytest.raises(TypeError):
        pickle.dumps(RECEIPTS)


def test_a_generated_key_is_a_new_one() -> None:
    """Two keys under one name differ, and both survive their text."""
    one, other = SigningKey.generate("example.test"), SigningKey.generate("example.test")

    assert one.verifier != other.verifier
    assert one.verifier == SigningKey.parse(one.text).verifier


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",  # the neutral element
    "0000000000000000000000000000000000000000000000000000000000000000",  # of order 4
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # of order 2
]


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_key_that_everybody_can_sign_for_signs_nothing(point: str) -> None:
    """With a key of small order, the neutral element and nought are a signature of any message (or of every second):
    RFC 8032 lets it pass, and OpenSSL does."""
    weak = VerifierKey.make("example.test/weak", bytes.fromhex(point))
    anybodys = bytes.fromhex(SMALL_ORDER[0]) + bytes(32)

    assert not any(weak.signed(anybodys, str(number).encode()) for number in range(64))


def test_a_signature_has_one_spelling() -> None:
    """S plus the order of the group, which naive readers take for the same signature, is refused (RFC 8032, 5.1.7)."""
    order = 2**252 + 27742317777372353535851937790883648493
    signature = RECEIPTS.sign(b"message")
    twin = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")

    assert RECEIPTS.verifier.signed(signature, b"message")
    assert not RECEIPTS.verifier.signed(twin, b"message")


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_of_every_kind_are_checked(kind: Callable[[bytes], bytes]) -> None:
    """What was cut out of a buffer is no reason to raise."""
    signature = RECEIPTS.sign(b"message")

    assert RECEIPTS.verifier.signed(kind(signature), kind(b"message"))
    assert not RECEIPTS.verifier.signed(kind(signature), kind(b""))


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_none(length: int) -> None:
    """No length makes the check raise."""
    assert not RECEIPTS.verifier.signed(bytes(length), b"message")
