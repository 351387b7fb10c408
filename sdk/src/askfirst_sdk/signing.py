"""Private keys and the making of tokens. Only the service imports this: a web server that reads receipts never does."""

import base64
import re
from typing import Self

from nacl.signing import SigningKey as Seed

from .encoding import base64url_decode, base64url_encode
from .errors import KeyFormatError, TokenMalformed, TokenTooLong
from .keys import ED25519, KeyRing, VerifierKey, check_name, decode_key
from .token import TokenVerifier, signed_message

__all__ = ["SigningKey", "TokenSigner"]

_SEED_LENGTH = 32
_SIGNER_TEXT = re.compile(r"PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)")


class SigningKey:
    """A named Ed25519 private key. Its `repr` shows only the public half; it can not be pickled by accident."""

    __slots__ = ("_seed", "verifier")

    def __init__(self, name: str, seed: Seed) -> None:
        self._seed = seed
        self.verifier: VerifierKey = VerifierKey.make(name, bytes(seed.verify_key))

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a new key; raise KeyFormatError if the name can not name a key."""
        return cls(check_name(name), Seed.generate())

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Self:
        """Return the key of a 32-byte seed (RFC 8032, 5.1.5); raise KeyFormatError if either is malformed."""
        if not isinstance(seed, bytes) or len(seed) != _SEED_LENGTH:
            raise KeyFormatError("an Ed25519 seed has 32 bytes")
        return cls(check_name(name), Seed(seed))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key of a C2SP signer key string, `PRIVATE+KEY+...`; raise KeyFormatError for any other text. No
        message repeats any of it."""
        match = _SIGNER_TEXT.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise KeyFormatError("a signer key reads PRIVATE+KEY+<name>+<key id>+<seed>")
        name, written_id, encoded = match.groups()
        key = cls.from_seed(name, decode_key(encoded))
        if written_id != key.verifier.key_id.hex():
            raise KeyFormatError("the key id of the signer key does not fit its seed")
        return key

    @property
    def text(self) -> str:
        """The C2SP signer key string. It is the secret itself."""
        seed = base64.b64encode(ED25519 + bytes(self._seed)).decode()
        return f"PRIVATE+KEY+{self.verifier.kid}+{seed}"

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `message`."""
        return self._seed.sign(message).signature

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a signing key is not pickled; hand its text to the place that may know it")

    def __repr__(self) -> str:
        return f"SigningKey({self.verifier.kid!r})"


class TokenSigner(TokenVerifier):
    """Makes tokens of one salt with one key, and reads its own."""

    def __init__(self, key: SigningKey, salt: str) -> None:
        super().__init__(KeyRing([key.verifier]), salt)
        self._key = key

    def token(self, payload: bytes) -> str:
        """Return the token of `payload`; raise TokenTooLong if readers would refuse its length. The same payload gives
        the same token, always (RFC 8032: Ed25519 is deterministic)."""
        text = base64url_encode(payload)
        return self._token(text, self._signature(text)).decode()

    def sign(self, value: str | bytes) -> bytes:
        """Return the token whose payload text is `value`; raise TokenMalformed unless it is canonical base64url."""
        text = value.encode() if isinstance(value, str) else value
        return self._token(text, self.get_signature(text))

    def _token(self, text: bytes, signature: bytes) -> bytes:
        token = text + b"." + signature
        if len(token) > self._limit:
            raise TokenTooLong(len(token), self._limit)
        return token

    def get_signature(self, value: str | bytes) -> bytes:
        """Return the signature field for the payload text `value`; raise TokenMalformed unless it is canonical
        base64url."""
        text = value.encode() if isinstance(value, str) else value
        try:
            base64url_decode(text)
        except ValueError:
            raise TokenMalformed("the payload is not canonical base64url") from None
        return self._signature(text)

    def _signature(self, text: bytes) -> bytes:
        key_id = self._key.verifier.key_id
        return base64url_encode(key_id + self._key.sign(signed_message(self.salt, key_id, text)))
