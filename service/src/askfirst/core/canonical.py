"""Canonical JSON and digests, since what is hashed and signed has to be the same bytes everywhere."""

import hashlib
import json

import rfc8785

from askfirst_sdk.encoding import MAX_NUMBER, base64url_decode, base64url_encode

__all__ = ["MAX_NUMBER", "b64url", "b64url_decode", "canonical_json", "digest_hex"]

# Deeper than any format of ours; a deeper value is a mistake or an attack on the stack.
_MAX_DEPTH = 32

_PLAIN = frozenset({str, bool, type(None)})

_encoder = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)


def canonical_json(value: object) -> bytes:
    """Return the RFC 8785 form of a value made of dict, list, tuple, str, bool, None and whole numbers.

    Raises ValueError for what the formats do not have: fractions, negative numbers, numbers above 2^53 - 1, keys that
    are not strings, lone surrogates, other types, and values nested more than 32 deep.
    """
    try:
        if _sorts_alike(value, _MAX_DEPTH):
            return _encoder.encode(value).encode("utf-8")
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    except UnicodeEncodeError as error:
        raise ValueError("canonical JSON has no lone surrogates") from error


def _sorts_alike(value: object, depth: int) -> bool:
    """Check a value, and return whether its keys sort the same by code point as by UTF-16 (RFC 8785, 3.2.3).

    They do when all are ASCII, and then the C encoder of `json` gives the very same bytes: it escapes what the RFC
    escapes, in the same way.
    """
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        if not 0 <= value <= MAX_NUMBER:
            raise ValueError(f"canonical JSON has whole numbers from 0 to 2^53 - 1 only, not {value}")
        return True
    if depth == 0:
        raise ValueError(f"canonical JSON is at most {_MAX_DEPTH} levels deep")
    alike = True
    if isinstance(value, dict):
        for key, member in value.items():
            if not isinstance(key, str):
                raise ValueError("canonical JSON has only strings as keys")
            # Most members are plain ones, which need no call of their own: this is on the way of every decision.
            plain = type(member) in _PLAIN or (type(member) is int and 0 <= member <= MAX_NUMBER)
            alike = (plain or _sorts_alike(member, depth - 1)) and key.isascii() and alike
        return alike
    if isinstance(value, list | tuple):
        for item in value:
            alike = _sorts_alike(item, depth - 1) and alike
        return alike
    raise ValueError(f"canonical JSON has no {type(value).__name__}")


def digest_hex(data: bytes) -> str:
    """Return the SHA-256 of the bytes as 64 lower-case hexadecimal characters."""
    return hashlib.sha256(data).hexdigest()


def b64url(data: bytes) -> str:
    """Return base64url without padding (RFC 4648, 5)."""
    return base64url_encode(data).decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Return the bytes behind canonical base64url without padding; ValueError for any other spelling of them."""
    return base64url_decode(text.encode("ascii"))
