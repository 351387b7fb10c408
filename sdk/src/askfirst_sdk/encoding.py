"""The two encodings of the wire formats, each with exactly one text for each value."""

import binascii
import json

# Largest whole number that every JSON reader keeps exact (RFC 8785, 3.2.2.3).
MAX_NUMBER = 2**53 - 1

_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_", b"+/")


def base64url_encode(value: bytes) -> bytes:
    """Return the unpadded base64url text of `value` (RFC 4648, 5)."""
    return binascii.b2a_base64(value, newline=False).translate(_URL_SAFE, b"=")


def base64url_decode(text: bytes) -> bytes:
    """Return the bytes of canonical base64url `text`; raise ValueError for any other spelling of them."""
    value = binascii.a2b_base64(text.translate(_STANDARD) + b"=" * (-len(text) % 4))
    # Several texts decode to one value (other alphabets, characters that are passed over, unused bits of the last one):
    # only the one we would write counts.
    if base64url_encode(value) != text:
        raise ValueError("not canonical base64url")
    return value


def json_encode(value: object) -> bytes:
    """Return the canonical JSON of `value` (RFC 8785) for what our formats hold: objects with ASCII member names,
    arrays, strings, whole numbers, booleans and null. Raise ValueError for what no JSON text can hold."""
    return _encoder.encode(value).encode()


def json_decode(text: bytes) -> object:
    """Return the value of canonical JSON `text`; raise ValueError for any other spelling of it.

    Re-encoding and comparing refuses in one step repeated members, white space, other escapes, other number forms and
    members out of order. Fractions that survive it are left to the reader of the field.
    """
    try:
        value: object = json.loads(text.decode())
        if json_encode(value) != text:
            raise ValueError("not canonical JSON")
    except RecursionError:
        raise ValueError("JSON nested too deep") from None
    return value
