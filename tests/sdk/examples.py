"""The keys, receipts and tokens that the vectors and the tests are made of. The seeds are published: nothing that they
sign is to be believed."""

from typing import Any

from askfirst_sdk.encoding import base64url_encode
from askfirst_sdk.keys import KeyRing
from askfirst_sdk.receipt import Receipt, grant_receipt, receipt_payload, refusal_receipt
from askfirst_sdk.signing import SigningKey
from askfirst_sdk.subject import make_subject
from askfirst_sdk.token import signed_message

SITE = "demo0001"
DAY = 86_400
NOON = 1_781_524_800  # 2026-06-15T12:00:00Z
MIDNIGHT = NOON - DAY // 2
LIFETIME = 182 * DAY

RECEIPTS = SigningKey.from_seed("example.test/log/receipts", b"\x11" * 32)
NEXT = SigningKey.from_seed("example.test/log/receipts", b"\x22" * 32)
STRANGER = SigningKey.from_seed("stranger.test/receipts", b"\x44" * 32)
RING = KeyRing([RECEIPTS.verifier, NEXT.verifier])


def sign(key: SigningKey, payload: bytes, salt: str = "receipt", *, key_id: bytes | None = None) -> str:
    """Return a token as the format describes it, with none of the signer's own checks."""
    text = base64url_encode(payload)
    key_id = key.verifier.key_id if key_id is None else key_id
    return joined(text, key_id + key.sign(signed_message(salt.encode(), key_id, text)))


def joined(payload_text: bytes, signature: bytes) -> str:
    """Return the token of two fields that may not belong together."""
    return (payload_text + b"." + base64url_encode(signature)).decode()


def grant(number: int = 1, **changes: Any) -> Receipt:
    """Return a receipt that grants measurement and refuses marketing, given at NOON."""
    values: dict[str, Any] = {
        "site": SITE,
        "subject": make_subject(NOON * 1000, number),
        "record": f"019ecb1d-0400-7000-8000-{number:012x}",
        "leaf": bytes([number % 256]) * 32,
        "policy16": bytes(range(16)),
        "revision": 2,
        "purposes": {"measurement": True, "marketing": False},
        "method": "custom",
        "gpc": False,
        "given_at": NOON,
        "expires_at": NOON + LIFETIME,
        "rule": "default",
    }
    return grant_receipt(**(values | changes))


def refusal(**changes: Any) -> Receipt:
    """Return the receipt of a full refusal on the day of NOON."""
    values: dict[str, Any] = {
        "site": SITE,
        "policy16": bytes(range(16)),
        "revision": 2,
        "purposes": ["measurement", "marketing"],
        "given_at": NOON,
        "lifetime": LIFETIME,
    }
    return refusal_receipt(**(values | changes))


def signed(receipt: Receipt, key: SigningKey = RECEIPTS) -> str:
    """Return the token of a receipt."""
    return sign(key, receipt_payload(receipt))
