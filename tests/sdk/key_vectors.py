"""The vectors of keys and subjects (formats.md, 1)."""

import base64
import hashlib
from typing import Any

from askfirst_sdk.signing import SigningKey
from askfirst_sdk.subject import consent_id, make_subject
from sdk.examples import NEXT, NOON, RECEIPTS, STRANGER

CHECKPOINTS = SigningKey.from_seed("example.test/log", b"\x33" * 32)
UNICODE = SigningKey.from_seed("πλοίο.example/log", b"\x55" * 32)
SEEDS = (
    (RECEIPTS, b"\x11" * 32),
    (NEXT, b"\x22" * 32),
    (CHECKPOINTS, b"\x33" * 32),
    (STRANGER, b"\x44" * 32),
    (UNICODE, b"\x55" * 32),
)


def keys() -> dict[str, Any]:
    """Return the examples of formats.md, 1.2."""
    good = RECEIPTS.verifier
    name, key_id, encoded = good.text.split("+", 2)
    raw = b"\x01" + good.public_bytes
    return {
        "about": "formats.md, 1.2. The seeds are published test values.",
        "keys": [
            {
                "name": key.verifier.name,
                "seed_hex": seed.hex(),
                "signer_key": key.text,
                "verifier_key": key.verifier.text,
                "key_id": key.verifier.key_id.hex(),
                "public_hex": key.verifier.public_bytes.hex(),
                "jwk": key.verifier.jwk(),
            }
            for key, seed in SEEDS
        ],
        "verifier_key_rejects": [
            {"text": "", "why": "empty"},
            {"text": name, "why": "a name alone"},
            {"text": f"{name}+{key_id}", "why": "no key"},
            {"text": f"+{key_id}+{encoded}", "why": "no name"},
            {"text": f"{name}+{key_id.upper()}+{encoded}", "why": "key id in upper case"},
            {"text": f"{name}+0x{key_id[2:]}+{encoded}", "why": "key id is no hexadecimal"},
            {"text": f"{name}+00000000+{encoded}", "why": "key id of another key"},
            {"text": f"{name}2+{key_id}+{encoded}", "why": "key id of another name"},
            {"text": f"{name[:4]} {name[4:]}+{key_id}+{encoded}", "why": "space in the name"},
            {"text": _key_text(name, b"\x02" + raw[1:]), "why": "another algorithm"},
            {"text": _key_text(name, raw[:-1]), "why": "31 bytes of key"},
            {"text": _key_text(name, raw + b"\x00"), "why": "33 bytes of key"},
            {"text": _key_text(name, raw[1:]), "why": "no algorithm byte"},
            {"text": good.text + "\n", "why": "line end"},
            {"text": f"{name}+{key_id}+ {encoded}", "why": "space before the key"},
            {"text": good.text + "=", "why": "padding that base64 does not need here"},
            {"text": _base64url(NEXT.verifier.text), "why": "base64url"},
            {"text": base64.b64encode(good.public_bytes).decode(), "why": "32 bare bytes"},
            {"text": RECEIPTS.text, "why": "a signer key"},
            {"text": f"{good.text}+more", "why": "one field too many"},
        ],
        "signer_key_rejects": [
            {"text": good.text, "why": "a verifier key"},
            {"text": RECEIPTS.text[8:], "why": "without PRIVATE"},
            {"text": RECEIPTS.text.replace(key_id, "00000000"), "why": "key id of another key"},
            {"text": RECEIPTS.text[:-4], "why": "cut off"},
            {"text": RECEIPTS.text + "\n", "why": "line end"},
            {"text": f"PRIVATE+KEY+{name}+{key_id}+{encoded}", "why": "the public key in the place of the seed"},
        ],
        "jwk_rejects": [
            {"jwk": good.jwk() | {"kty": "EC"}, "why": "another key type"},
            {"jwk": good.jwk() | {"crv": "X25519"}, "why": "another curve"},
            {"jwk": good.jwk() | {"x": good.jwk()["x"] + "="}, "why": "padding"},
            {"jwk": good.jwk() | {"x": NEXT.verifier.jwk()["x"]}, "why": "kid of another key"},
            {"jwk": good.jwk() | {"kid": key_id}, "why": "kid without the name"},
            {"jwk": good.jwk() | {"x": 5}, "why": "wrong type"},
            {"jwk": good.jwk() | {"d": good.jwk()["x"]}, "why": "a private part"},
            {"jwk": {m: v for m, v in good.jwk().items() if m != "kid"}, "why": "no kid"},
        ],
    }


def _base64url(text: str) -> str:
    name, key_id, encoded = text.split("+", 2)
    return f"{name}+{key_id}+{encoded.translate(str.maketrans('+/', '-_'))}"


def _key_text(name: str, raw: bytes) -> str:
    """Return a key string whose key id fits whatever `raw` is, so that only `raw` is wrong."""
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex()
    return f"{name}+{key_id}+{base64.b64encode(raw).decode()}"


def subjects() -> dict[str, Any]:
    """Return the examples of formats.md, 1.1."""
    made = [(0, 0), (0, 1), (1, 0), (NOON * 1000, 0x123456789ABCDE), (NOON * 1000, 2**58 - 1), (2**42 - 1, 2**58 - 1)]
    subject = make_subject(NOON * 1000, 0x123456789ABCDE)
    shown = consent_id(subject)
    wrong_check = subject[:-1] + ("0" if subject[-1] != "0" else "1")
    ones = make_subject(0, 1 << 10 | 1 << 35)
    return {
        "about": "formats.md, 1.1. random58 is decimal text, since it is over 2^53.",
        "made": [
            {
                "ms": ms,
                "random58": str(random58),
                "subject": make_subject(ms, random58),
                "consent_id": consent_id(make_subject(ms, random58)),
            }
            for ms, random58 in made
        ],
        "typed": [
            {"text": text, "subject": expected}
            for text, expected in (
                (shown, subject),
                (subject, subject),
                (shown.lower(), subject),
                (shown.replace("-", " "), subject),
                (f"  {shown} ", subject),
                ("-".join(subject), subject),
                (ones.replace("1", "I").replace("0", "O"), ones),
                (ones.replace("1", "l").replace("0", "o"), ones),
                ("", None),
                (subject[:-1], None),
                (subject + "0", None),
                (wrong_check, None),
                (subject[1] + subject[0] + subject[2:], None),
                ("U" + subject[1:], None),
                (shown.replace("-", "_"), None),
                (shown.replace("-", "‐"), None),
                (shown.replace("0", "０"), None),
                (shown + "\n", None),
            )
        ],
    }
