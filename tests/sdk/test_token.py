"""Tokens: what was signed and nothing else, through every way in that the base class has."""

import itsdangerous
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst_sdk.keys import KeyRing
from askfirst_sdk.receipt import receipt_payload
from askfirst_sdk.signing import SigningKey, TokenSigner
from askfirst_sdk.token import (
    MAX_TOKEN_LENGTH,
    CannotSign,
    TokenError,
    TokenMalformed,
    TokenTooLong,
    TokenVerifier,
    UnknownKey,
    signed_message,
)
from sdk.examples import NEXT, RECEIPTS, RING, grant, sign, signed

GOOD = signed(grant())
VERIFIER = TokenVerifier(RING, "receipt")
# One of each kind that could be taken for something harmless: both alphabets of base64, padding, separators, white
# space, control and high bytes.
SUBSTITUTES = b"A-_+/=.,; \t\n\r\0a0\x7f\x80\xff"


def believed(token: str | bytes) -> bool:
    """Ask every way in; they have to agree."""
    raw = token.encode() if isinstance(token, str) else token
    head, _, tail = raw.rpartition(b".")
    answers = {VERIFIER.validate(token), VERIFIER.verify_signature(head, tail)}
    for way in (VERIFIER.payload, VERIFIER.unsign):
        try:
            way(token)
        except TokenError:
            answers.add(False)
        else:
            answers.add(True)
    assert 1 == len(answers)
    return answers.pop()


def test_the_token_itself_is_believed() -> None:
    """Without this the tests below would prove nothing."""
    assert believed(GOOD)
    assert receipt_payload(grant()) == VERIFIER.payload(GOOD)
    assert GOOD.split(".")[0].encode() == VERIFIER.unsign(GOOD)


def test_no_token_with_one_byte_changed_is_believed() -> None:
    """Every position, with every single bit flipped and with each substitute."""
    good = GOOD.encode()
    accepted = []
    for position, byte in enumerate(good):
        for other in {byte ^ 1 << bit for bit in range(8)} | set(SUBSTITUTES) - {byte}:
            token = good[:position] + bytes([other]) + good[position + 1 :]
            if token != good and VERIFIER.validate(token):
                accepted.append(token)

    assert [] == accepted


def test_no_token_with_a_byte_dropped_doubled_or_inserted_is_believed() -> None:
    """Every position, and each substitute as what is inserted."""
    good = GOOD.encode()
    changed = set()
    for position in range(len(good) + 1):
        changed.add(good[:position] + good[position + 1 :])
        changed.add(good[:position] + good[position : position + 1] + good[position:])
        changed |= {good[:position] + bytes([byte]) + good[position:] for byte in SUBSTITUTES}
    changed.discard(good)

    assert [] == [token for token in changed if VERIFIER.validate(token)]


def test_no_token_with_two_neighbours_exchanged_is_believed() -> None:
    """Every position."""
    swapped = {GOOD[:at] + GOOD[at + 1] + GOOD[at] + GOOD[at + 2 :] for at in range(len(GOOD) - 1)} - {GOOD}

    assert [] == [token for token in swapped if believed(token)]


EDITS = st.lists(
    st.tuples(st.sampled_from(["set", "drop", "insert", "double", "cut", "move"]), st.integers(0, 600), st.binary()),
    min_size=1,
    max_size=6,
)


@settings(max_examples=400)
@given(EDITS)
def test_no_combination_of_edits_is_believed(edits: list[tuple[str, int, bytes]]) -> None:
    """Several edits at once do not cancel each other out."""
    token = GOOD.encode()
    for kind, where, what in edits:
        at = where % (len(token) + 1)
        if kind == "set":
            token = token[:at] + what + token[at + len(what) :]
        elif kind == "drop":
            token = token[:at] + token[at + 1 + len(what) :]
        elif kind == "insert":
            token = token[:at] + what + token[at:]
        elif kind == "double":
            token = token[:at] + token[max(0, at - 1 - len(what)) :]
        elif kind == "cut":
            token = token[:at]
        else:
            token = token[at:] + token[:at]
    if token != GOOD.encode():
        assert not believed(token)


@given(st.binary(max_size=5000) | st.text(max_size=5000))
def test_arbitrary_input_is_refused(token: str | bytes) -> None:
    """Bytes and text out of nowhere are refused with the SDK's own error."""
    with pytest.raises(TokenError):
        VERIFIER.payload(token)


@pytest.mark.parametrize("value", [None, 5, 1.5, True, [], {}, object(), bytearray(b"x"), memoryview(b"x")])
def test_what_is_no_text_is_refused(value: object) -> None:
    """Wrong types are malformed tokens, not exceptions of Python."""
    with pytest.raises(TokenMalformed):
        VERIFIER.payload(value)  # type: ignore[arg-type]
    with pytest.raises(TokenMalformed):
        VERIFIER.unsign(value)  # type: ignore[arg-type]
    assert not VERIFIER.verify_signature(value, value)  # type: ignore[arg-type]


@pytest.mark.parametrize("salt", ["descriptor", "", "receip", "receipt ", "Receipt", "receiptt"])
def test_a_token_does_not_verify_under_another_salt(salt: str) -> None:
    """The salt is in what was signed, whatever its length."""
    assert not TokenVerifier(RING, salt).validate(GOOD)


PARTS = st.tuples(st.binary(max_size=6), st.binary(min_size=4, max_size=4), st.binary(max_size=6))


@given(PARTS, PARTS)
def test_no_two_tokens_have_one_signed_message(one: tuple[bytes, ...], other: tuple[bytes, ...]) -> None:
    """Salt, key id and payload can not trade bytes: another split of the same bytes is another message."""
    assert (one == other) == (signed_message(*one) == signed_message(*other))


def test_bytes_moved_from_the_payload_to_the_salt_are_noticed() -> None:
    """The narrow case of the rule above, where a message without lengths would be the same."""
    assert signed_message(b"receipt", b"aaaa", b"aaaab") != signed_message(b"receiptaaaa", b"aaaa", b"b")


def test_a_ring_without_the_key_verifies_nothing() -> None:
    """The error names the key, so that an operator can see which one is missing."""
    with pytest.raises(UnknownKey) as caught:
        TokenVerifier(KeyRing([NEXT.verifier]), "receipt").payload(GOOD)

    assert RECEIPTS.verifier.key_id == caught.value.key_id


def test_one_verification_whatever_the_size_of_the_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged token costs one verification, not one for each key: a ring of many keys is no lever."""
    asked = []

    class Counting:
        def verify(self, signature: bytes, message: bytes) -> None:
            asked.append(signature)

    ring = KeyRing(SigningKey.from_seed(f"example.test/{number}", bytes([number]) * 32).verifier for number in range(9))
    chosen = next(iter(ring))
    for key in ring:
        object.__setattr__(key, "public", Counting())
    forged = sign(RECEIPTS, b"x", key_id=chosen.key_id)

    TokenVerifier(ring, "receipt").payload(forged)

    assert 1 == len(asked)


def test_the_length_is_judged_before_anything_else() -> None:
    """A megabyte of dots is refused for its length, without a look."""
    with pytest.raises(TokenTooLong) as caught:
        VERIFIER.payload("." * 1_000_000)

    assert (1_000_000, MAX_TOKEN_LENGTH) == (caught.value.length, caught.value.limit)


def test_a_verifier_can_not_sign_through_any_inherited_method() -> None:
    """A hacked web server holds nothing to make a receipt with."""
    for attempt in (
        lambda: VERIFIER.sign("x"),
        lambda: VERIFIER.get_signature("x"),
        VERIFIER.derive_key,
        lambda: VERIFIER.derive_key("secret"),
        lambda: VERIFIER.secret_key,
        lambda: VERIFIER.algorithm.get_signature(b"", b"x"),
    ):
        with pytest.raises(CannotSign):
            attempt()
    assert not VERIFIER.algorithm.verify_signature(b"", b"x", b"")
    assert [] == VERIFIER.secret_keys


def test_every_public_method_of_the_base_class_is_replaced() -> None:
    """A later itsdangerous with a new way in is noticed here."""
    inherited = {
        name
        for name in dir(itsdangerous.Signer)
        if not name.startswith("_") and callable(getattr(itsdangerous.Signer, name))
    } | {"secret_key"}
    harmless = {"default_digest_method"}

    assert inherited - harmless == {name for name in vars(TokenVerifier) if name in inherited}


def test_an_application_that_catches_itsdangerous_catches_ours() -> None:
    """Code written for itsdangerous keeps working."""
    with pytest.raises(itsdangerous.BadSignature):
        VERIFIER.payload("nothing")


def test_a_signer_reads_its_own_tokens_and_no_one_elses() -> None:
    """It is a verifier with a ring of one."""
    signer = TokenSigner(RECEIPTS, "receipt")

    assert b"hello" == signer.payload(signer.token(b"hello"))
    assert signer.token(b"hello").encode() == signer.sign(b"aGVsbG8")
    assert not signer.validate(sign(NEXT, b"hello"))


def test_a_signer_refuses_what_no_reader_would_read() -> None:
    """Too long a payload, and a payload text that is not canonical, are never signed."""
    signer = TokenSigner(RECEIPTS, "receipt")

    with pytest.raises(TokenTooLong):
        signer.token(b"x" * 2782)
    for text in ("aGVsbG9", "aGVsbG8=", "a b", "a.b", "é", "+/"):
        with pytest.raises(TokenMalformed):
            signer.sign(text)
