"""The vectors of tokens (formats.md, 2)."""

from collections.abc import Iterator
from typing import Any

from askfirst_sdk.encoding import base64url_decode, base64url_encode
from askfirst_sdk.token import signed_message
from sdk.examples import NEXT, RECEIPTS, RING, STRANGER, joined, sign

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def tokens() -> dict[str, Any]:
    """Return the examples of formats.md, 2."""
    accepts = [
        ("text", RECEIPTS, "receipt", b"hello"),
        ("the same under another salt", RECEIPTS, "descriptor", b"hello"),
        ("the same by another key of the ring", NEXT, "receipt", b"hello"),
        ("nothing", RECEIPTS, "receipt", b""),
        ("every byte", RECEIPTS, "receipt", bytes(range(256))),
        ("the longest that is read: 3,800 bytes", RECEIPTS, "receipt", b"x" * 2781),
    ]
    return {
        "about": "formats.md, 2. The ring is what the reader believes. Payloads are hexadecimal, and text where ASCII.",
        "ring": [key.text for key in RING],
        "accepts": [
            {
                "what": what,
                "salt": salt,
                "key": key.verifier.text,
                "payload_hex": payload.hex(),
                **({"payload": payload.decode()} if payload.isascii() else {}),
                "token": sign(key, payload, salt),
            }
            for what, key, salt, payload in accepts
        ],
        "rejects": [
            {"what": what, "salt": "receipt", "token": token, "reason": reason}
            for what, token, reason in _token_rejects()
        ],
    }


def _token_rejects() -> Iterator[tuple[str, str, str]]:
    good = sign(RECEIPTS, b"hello")
    text, signature_text = good.split(".")
    signature = base64url_decode(signature_text.encode())
    rest = signature[4:]
    yield "empty", "", "malformed"
    yield "a dot", ".", "malformed"
    yield "no dot", text + signature_text, "malformed"
    yield "no signature", f"{text}.", "malformed"
    yield "two dots", f"{text}..{signature_text}", "malformed"
    yield "three fields", f"{text}.{text}.{signature_text}", "malformed"
    yield "one character of the signature missing", good[:-1], "malformed"
    yield "one character of the signature more", good + "A", "malformed"
    yield "bare signature without a key id", joined(text.encode(), rest), "malformed"
    yield "padding behind the signature", good + "=", "malformed"
    yield "padding behind the payload", f"{text}=.{signature_text}", "malformed"
    # The last of 91 characters carries four bits and two that have to be zero.
    index = _ALPHABET.index(good[-1])
    for trailing in (1, 2, 3):
        yield f"trailing bits {trailing} in the signature", good[:-1] + _ALPHABET[index + trailing], "malformed"
    loose = _loose_payload(text)
    yield "trailing bits in the payload", f"{loose}.{signature_text}", "bad_signature"
    resigned = RECEIPTS.sign(signed_message(b"receipt", RECEIPTS.verifier.key_id, loose.encode()))
    yield (
        "trailing bits in the payload, signed so",
        joined(loose.encode(), RECEIPTS.verifier.key_id + resigned),
        "malformed",
    )
    for what, space in (("space", " "), ("line end", "\n"), ("tab", "\t"), ("NUL", "\0"), ("no-break space", "\u00a0")):
        yield f"{what} behind", good + space, "malformed"
        yield f"{what} before", space + good, "malformed"
    yield "plus sign, of the other alphabet", f"+{text[1:]}.{signature_text}", "malformed"
    yield "slash, of the other alphabet", f"/{text[1:]}.{signature_text}", "malformed"
    yield "Cyrillic letter", f"\u0430{text[1:]}.{signature_text}", "malformed"
    yield "fullwidth letter", f"\uff41{text[1:]}.{signature_text}", "malformed"
    yield "fullwidth full stop", f"{text}\uff0e{signature_text}", "malformed"
    yield "other payload", f"{base64url_encode(b'hellp').decode()}.{signature_text}", "bad_signature"
    yield "made under another salt", sign(RECEIPTS, b"hello", "descriptor"), "bad_signature"
    yield "made without a salt", sign(RECEIPTS, b"hello", ""), "bad_signature"
    yield "salt and payload shifted", sign(RECEIPTS, b"hello", "receip"), "bad_signature"
    yield "key id of another key of the ring", joined(text.encode(), NEXT.verifier.key_id + rest), "bad_signature"
    yield (
        "signed by another key of the ring under this one's id",
        sign(NEXT, b"hello", key_id=RECEIPTS.verifier.key_id),
        "bad_signature",
    )
    yield "key id that the ring does not hold", joined(text.encode(), b"\0\0\0\0" + rest), "unknown_key"
    yield "key that the ring does not hold", sign(STRANGER, b"hello"), "unknown_key"
    yield "payload signed bare, without label, salt and key id", _bare(text.encode()), "bad_signature"
    order = 2**252 + 27742317777372353535851937790883648493
    malleable = rest[:32] + (int.from_bytes(rest[32:], "little") + order).to_bytes(32, "little")
    yield "the other S of the same signature", joined(text.encode(), signature[:4] + malleable), "bad_signature"
    yield "one byte more than is read", sign(RECEIPTS, b"x" * 2782), "too_long"
    yield "far too long", "A" * 4000, "too_long"


def _loose_payload(text: str) -> str:
    """Return another spelling of a base64url text whose last character has unused bits."""
    return text[:-1] + _ALPHABET[_ALPHABET.index(text[-1]) + 1]


def _bare(text: bytes) -> str:
    return joined(text, RECEIPTS.verifier.key_id + RECEIPTS.sign(text))
