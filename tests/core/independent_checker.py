"""A second reader of proof documents, from the formats' words alone: the standard library, and Ed25519 itself.

It uses none of our own code, so that what it believes does not rest on what it checks.
"""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """The document does not hold."""


def check(document: bytes) -> dict[str, Any]:
    """Return the `what` part that a document proves (formats.md 10); raise Refused."""
    try:
        return _check(json.loads(document))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, InvalidSignature) as error:
        raise Refused(repr(error)) from error


def _check(document: dict[str, Any]) -> dict[str, Any]:
    _require(document["format"] == "askfirst/bundle/1", "format")
    _require(
        sorted(document) == ["format", "key", "policy", "proof", "receipt", "receipt_keys", "signature", "statement"],
        "members",
    )
    name, key_id, public = _key(document["key"])
    _require(not name.endswith("/receipts"), "log's key")
    head, _, note = document["proof"].partition("\n\n")
    _header, extra, index_line, *path = head.split("\n")
    _require(_header == "c2sp.org/tlog-proof@v1", "header")
    index = int(index_line.removeprefix("index "))
    opening = json.loads(base64.b64decode(extra.removeprefix("extra "), validate=True))
    leaf, what, who = _leaf(opening)
    # The signed note: the text up to the blank line, then a line with key id and signature.
    text, _, signature_line = note.partition("\n\n")
    dash, signer, encoded = signature_line.rstrip("\n").split(" ")
    field = base64.b64decode(encoded, validate=True)
    _require((dash, signer, field[:4]) == ("—", name, key_id), "signer")
    public.verify(field[4:], f"{text}\n".encode())
    origin, size, root = text.split("\n")
    _require(origin == name, "origin")
    _require(_root(index, int(size), leaf, [base64.b64decode(one) for one in path]) == base64.b64decode(root), "place")
    policy = document["policy"].encode()
    _require(hashlib.sha256(policy).hexdigest() == what["policy"], "policy")
    keys = {}
    for one in document["receipt_keys"]:
        of, receipt_id, receipt_key = _key(one)
        _require(of.endswith("/receipts"), "receipt key")
        keys[receipt_id] = receipt_key
    used = {_decode(document[one].partition(".")[2])[:4] for one in ("receipt", "signature")}
    _require(used == set(keys) and len(keys) == len(document["receipt_keys"]), "receipt keys")
    receipt = json.loads(_token(document["receipt"], "receipt", keys))
    _require(receipt["p"] == what["purposes"] and receipt["site"] == what["site"], "receipt")
    if "sub" in receipt:
        _require((receipt["rec"], receipt["sub"]) == (what["record"], who["subject"]), "receipt")
        _require(_decode(receipt["leaf"]) == leaf, "receipt")
    signed = json.loads(_token(document["signature"], "statement", keys))
    statement = json.dumps(document["statement"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    _require(signed == {"v": 1, "record": what["record"], "digest": hashlib.sha256(statement).hexdigest()}, "statement")
    return what


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Refused(what)


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _key(text: str) -> tuple[str, bytes, Ed25519PublicKey]:
    name, written, encoded = text.split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    _require(key_id.hex() == written and raw[:1] == b"\x01", "key")
    return name, key_id, Ed25519PublicKey.from_public_bytes(raw[1:])


def _leaf(opening: dict[str, Any]) -> tuple[bytes, dict[str, Any], dict[str, Any]]:
    parts = {}
    for part in ("what", "who"):
        label = f"askfirst-{part}-v1".encode() + b"\x00"
        digest = hmac.new(_decode(opening[f"{part}_salt"]), label + _decode(opening[part]), hashlib.sha256).digest()
        parts[part] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    what, who = json.loads(_decode(opening["what"])), json.loads(_decode(opening["who"]))
    _require(what["record"] == who["record"], "parts")
    leaf = f'{{"kind":"{what["kind"]}","v":1,"what":"{parts["what"]}","who":"{parts["who"]}"}}'
    return hashlib.sha256(b"\x00" + leaf.encode()).digest(), what, who


def _root(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """Return the root by the definition of the audit path (RFC 6962, 2.1.1), from the top down."""
    _require(0 <= index < size, "index")
    if size == 1:
        _require(not path, "path")
        return leaf
    split = 1 << (size - 1).bit_length() - 1
    *rest, last = path
    if index < split:
        left, right = _root(index, split, leaf, rest), last
    else:
        left, right = last, _root(index - split, size - split, leaf, rest)
    return hashlib.sha256(b"\x01" + left + right).digest()


def _token(token: str, salt: str, keys: dict[bytes, Ed25519PublicKey]) -> bytes:
    payload, _, signature = token.partition(".")
    field = _decode(signature)
    message = b"askfirst-token-v1\x00" + len(salt).to_bytes(2, "big") + salt.encode() + field[:4] + payload.encode()
    keys[field[:4]].verify(field[4:], message)
    return _decode(payload)
