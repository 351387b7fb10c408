"""Public keys as people hand them around: C2SP key strings that name themselves and can not be mistaken for a seed."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from .encoding import base64url_decode, base64url_encode
from .errors import KeyFormatError

__all__ = ["ED25519", "KeyFormatError", "KeyRing", "VerifierKey", "check_name", "decode_key", "key_id"]

# The algorithm byte of Ed25519 in C2SP signed notes.
ED25519 = b"\x01"

_KEY_LENGTH = 32
_SIGNATURE_LENGTH = 64
_HASH = re.compile(r"[0-9a-f]{8}")


def check_name(name: str) -> str:
    """Return `name` if it can name a key: not empty, no white space, no plus sign, real Unicode; else raise
    KeyFormatError (C2SP signed-note)."""
    if not isinstance(name, str) or not name or "+" in name or any(character.isspace() for character in name):
        raise KeyFormatError("a key name is not empty and has no white space and no plus sign")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise KeyFormatError("a key name is Unicode text") from None
    return name


def key_id(name: str, public: bytes) -> bytes:
    """Return the 4-byte id of the 32-byte Ed25519 public key `public` under `name` (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def decode_key(text: str) -> bytes:
    """Return the 32 bytes behind the algorithm byte in the last field of a key string; raise KeyFormatError unless it
    is canonical standard base64 of exactly an Ed25519 key."""
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise KeyFormatError("the key is not standard base64") from None
    if value[:1] != ED25519 or len(value) != 1 + _KEY_LENGTH:
        raise KeyFormatError("the key is not 32 bytes of Ed25519")
    if base64.b64encode(value).decode() != text:
        raise KeyFormatError("the key is not canonical base64")
    return value[1:]


@dataclass(frozen=True, slots=True, eq=False)
class VerifierKey:
    """A named Ed25519 public key. Two are equal if their key strings are."""

    name: str
    key_id: bytes
    public: VerifyKey

    @classmethod
    def make(cls, name: str, public_bytes: bytes) -> Self:
        """Return the key of 32 raw `public_bytes` under `name`; raise KeyFormatError if either is malformed."""
        check_name(name)
        if not isinstance(public_bytes, bytes) or len(public_bytes) != _KEY_LENGTH:
            raise KeyFormatError("an Ed25519 public key has 32 bytes")
        return cls(name, key_id(name, public_bytes), VerifyKey(public_bytes))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key of a C2SP verifier key string; raise KeyFormatError for every other text."""
        fields = text.split("+", 2) if isinstance(text, str) else []
        if len(fields) != 3:
            raise KeyFormatError("a verifier key reads <name>+<key id>+<key>")
        name, written_id, encoded = fields
        key = cls.make(name, decode_key(encoded))
        if not _HASH.fullmatch(written_id) or written_id != key.key_id.hex():
            raise KeyFormatError(f"the key id of {name} does not fit the key")
        return key

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object]) -> Self:
        """Return the key of a JWK (RFC 8037) as `jwk()` writes it; raise KeyFormatError for any other, also for one
        with a private part. Members that say nothing about the key are ignored (RFC 7517, 4)."""
        if not isinstance(jwk, Mapping) or (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
            raise KeyFormatError("not an Ed25519 JWK")
        if "d" in jwk:
            raise KeyFormatError("a JWK with a private part does not belong here")
        kid, encoded = jwk.get("kid"), jwk.get("x")
        if not isinstance(kid, str) or not isinstance(encoded, str):
            raise KeyFormatError("the JWK has no kid or no x")
        try:
            public_bytes = base64url_decode(encoded.encode("ascii"))
        except ValueError:
            raise KeyFormatError("x of the JWK is not canonical base64url") from None
        key = cls.make(kid.partition("+")[0], public_bytes)
        if kid != key.kid:
            raise KeyFormatError("the kid of the JWK does not fit the key")
        return key

    @property
    def public_bytes(self) -> bytes:
        """The 32 raw bytes of the public key."""
        return bytes(self.public)

    def signed(self, signature: bytes, message: bytes) -> bool:
        """Say whether `signature` is this key's Ed25519 signature of `message` (RFC 8032, 5.1.7)."""
        if len(signature) != _SIGNATURE_LENGTH:
            return False
        try:
            self.public.verify(bytes(message), bytes(signature))
        except BadSignatureError:
            return False
        return True

    @property
    def kid(self) -> str:
        """Name and key id, `<name>+<key id>`."""
        return f"{self.name}+{self.key_id.hex()}"

    @property
    def text(self) -> str:
        """The C2SP verifier key string."""
        return f"{self.kid}+{base64.b64encode(ED25519 + self.public_bytes).decode()}"

    def jwk(self) -> dict[str, str]:
        """Return the key as a JWK (RFC 8037)."""
        x = base64url_encode(self.public_bytes).decode()
        return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": x}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifierKey) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"VerifierKey({self.text!r})"


class KeyRing:
    """The public keys that one reader believes, found by key id. It never changes."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[VerifierKey] = ()) -> None:
        """Hold `keys`; raise KeyFormatError where two different ones have the same key id, since a token could then be
        meant for either."""
        self._keys: dict[bytes, VerifierKey] = {}
        for key in keys:
            if self._keys.setdefault(key.key_id, key) != key:
                raise KeyFormatError(f"two different keys have the key id {key.key_id.hex()}")

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """Return the ring of these verifier key strings; raise KeyFormatError if one is malformed."""
        if isinstance(texts, str):
            raise KeyFormatError("a ring is made of several key strings, not of one text")
        return cls(VerifierKey.parse(text) for text in texts)

    def get(self, key_id: bytes) -> VerifierKey | None:
        """Return the key with this 4-byte id, or None."""
        return self._keys.get(key_id)

    def without(self, key_ids: Iterable[bytes]) -> "KeyRing":
        """Return a ring that lacks the keys with these ids."""
        gone = frozenset(key_ids)
        return KeyRing(key for key in self if key.key_id not in gone)

    def __iter__(self) -> Iterator[VerifierKey]:
        return iter(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"KeyRing({[key.text for key in self]!r})"
