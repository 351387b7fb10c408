"""Standard base64 as the transparency formats write it: with padding, and in one spelling (RFC 4648, 4)."""

import base64
import binascii


def b64(data: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def b64_decode(text: str) -> bytes:
    """Return the bytes behind canonical standard base64; ValueError for any other spelling of them."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except binascii.Error as error:
        raise ValueError("not standard base64") from error
    if b64(data) != text:
        raise ValueError("not canonical base64")
    return data
