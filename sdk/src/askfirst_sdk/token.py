"""Signed tokens, read side: one text for one payload, one key look-up and one verification whatever is sent."""

import re
from typing import NoReturn

from itsdangerous import Signer
from itsdangerous.signer import SigningAlgorithm

from .encoding import base64url_decode
from .errors import BadSignature, CannotSign, TokenError, TokenMalformed, TokenTooLong, UnknownKey
from .keys import KeyRing

__all__ = [
    "DESCRIPTOR_SALT",
    "MAX_DESCRIPTOR_LENGTH",
    "MAX_TOKEN_LENGTH",
    "RECEIPT_SALT",
    "BadSignature",
    "CannotSign",
    "TokenError",
    "TokenMalformed",
    "TokenTooLong",
    "TokenVerifier",
    "UnknownKey",
    "claimed_payload",
    "is_token",
    "max_length",
    "signed_message",
    "token_length",
]

# A receipt lives in a cookie.
MAX_TOKEN_LENGTH = 3800
# A descriptor carries the region rules of a policy, which has at most 2 MiB itself.
MAX_DESCRIPTOR_LENGTH = 4_194_304
RECEIPT_SALT = "receipt"
DESCRIPTOR_SALT = "descriptor"

_LABEL = b"askfirst-token-v1\x00"
_KEY_ID_LENGTH = 4
# 68 bytes (key id and Ed25519 signature) are 91 characters of base64url.
_SIGNATURE_TEXT_LENGTH = 91
_TOKEN = re.compile(rb"([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]{91})")


def signed_message(salt: bytes, key_id: bytes, payload_text: bytes) -> bytes:
    """Return the bytes that a signature is over (formats.md, 2). The salt and the key id are in them, so that a token
    of one kind or key can not be passed off as another's."""
    return _LABEL + len(salt).to_bytes(2, "big") + salt + key_id + payload_text


def is_token(value: str | bytes) -> bool:
    """Say whether `value` has the form of a token, and no other name or path has; whether it is to be believed is
    another question."""
    end = value[-1 - _SIGNATURE_TEXT_LENGTH : -_SIGNATURE_TEXT_LENGTH]
    return end in (".", b".") and _TOKEN.fullmatch(_ascii(value)) is not None


def max_length(salt: str | bytes) -> int:
    """Return how many bytes a token of this salt may have (formats.md, 2)."""
    return MAX_DESCRIPTOR_LENGTH if salt in (DESCRIPTOR_SALT, DESCRIPTOR_SALT.encode()) else MAX_TOKEN_LENGTH


def token_length(payload: bytes) -> int:
    """Return how many bytes the token of this payload has."""
    return -(-len(payload) * 4 // 3) + 1 + _SIGNATURE_TEXT_LENGTH


class _NoAlgorithm(SigningAlgorithm):
    """Fills the base class's slot: with key look-up in the ring there is no one key to hand to an algorithm."""

    def get_signature(self, key: bytes, value: bytes) -> NoReturn:  # noqa: ARG002
        raise CannotSign

    def verify_signature(self, key: bytes, value: bytes, sig: bytes) -> bool:  # noqa: ARG002
        return False


class TokenVerifier(Signer):
    """Reads tokens of one salt signed by any key of a ring. It holds no secret and can not sign.

    Every inherited way in is replaced: those of `itsdangerous.Signer` accept several texts for one signature, try
    each key in turn, and with `key_derivation="none"` ignore the salt.
    """

    def __init__(self, ring: KeyRing, salt: str) -> None:
        super().__init__(b"", salt=salt, sep=b".", key_derivation="none", algorithm=_NoAlgorithm())
        self.secret_keys: list[bytes] = []
        self._ring = ring
        self._limit = max_length(salt)

    def payload(self, token: str | bytes) -> bytes:
        """Return the payload that was signed; raise one of the classes under `TokenError` for anything that is not
        exactly such a token, whatever its type."""
        return _decoded(self._believed(token))

    def unsign(self, signed_value: str | bytes) -> bytes:
        """Return the token's payload still as base64url text; raise like `payload`."""
        text = self._believed(signed_value)
        _decoded(text)
        return text

    def validate(self, signed_value: str | bytes) -> bool:
        """Say whether `payload` would return."""
        try:
            self.payload(signed_value)
        except TokenError:
            return False
        return True

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        """Say whether `value`, a dot and `sig` together are a token that `payload` would return from."""
        try:
            token = _text_bytes(value) + b"." + _text_bytes(sig)
        except TokenMalformed:
            return False
        return self.validate(token)

    def get_signature(self, value: str | bytes) -> bytes:  # noqa: ARG002
        """Raise CannotSign."""
        raise CannotSign

    def sign(self, value: str | bytes) -> bytes:  # noqa: ARG002
        """Raise CannotSign."""
        raise CannotSign

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:  # noqa: ARG002
        """Raise CannotSign: there is no secret to derive from."""
        raise CannotSign

    @property
    def secret_key(self) -> bytes:
        """Raise CannotSign: there is none."""
        raise CannotSign

    def _believed(self, token: object) -> bytes:
        """Return the payload text of a token whose signature holds."""
        text, signature_text = _fields(token, self._limit)
        try:
            signature = base64url_decode(signature_text)
        except ValueError:
            raise TokenMalformed("the signature is not canonical base64url") from None
        key_id = signature[:_KEY_ID_LENGTH]
        key = self._ring.get(key_id)
        if key is None:
            raise UnknownKey(key_id)
        if not key.signed(signature[_KEY_ID_LENGTH:], signed_message(self.salt, key_id, text)):
            raise BadSignature(key_id)
        return text


def claimed_payload(token: str | bytes, salt: str = RECEIPT_SALT) -> bytes:
    """Return what a token of this salt says without asking whether it is true: only to learn which key is to be asked
    for. Raise TokenTooLong or TokenMalformed."""
    return _decoded(_fields(token, max_length(salt))[0])


def _fields(token: object, limit: int) -> tuple[bytes, bytes]:
    if isinstance(token, (str, bytes)) and len(token) > limit:
        raise TokenTooLong(len(token), limit)
    match = _TOKEN.fullmatch(_text_bytes(token))
    if match is None:
        raise TokenMalformed("a token is two base64url fields joined by a dot, the second of 91 characters")
    return match[1], match[2]


def _ascii(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _text_bytes(text: object) -> bytes:
    if isinstance(text, bytes):
        return text
    try:
        return str.encode(text, "ascii")  # type: ignore[arg-type]  # what is no text is refused here
    except (TypeError, UnicodeEncodeError):
        raise TokenMalformed("a token is ASCII text") from None


def _decoded(payload_text: bytes) -> bytes:
    try:
        return base64url_decode(payload_text)
    except ValueError:
        raise TokenMalformed("the payload is not canonical base64url") from None
