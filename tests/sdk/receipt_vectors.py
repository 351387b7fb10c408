"""The vectors of receipts (formats.md, 3)."""

import json
from collections.abc import Iterator
from typing import Any

from askfirst_sdk.encoding import json_encode
from askfirst_sdk.receipt import Receipt, receipt_payload
from askfirst_sdk.subject import consent_id
from sdk.examples import DAY, MIDNIGHT, RECEIPTS, RING, grant, refusal, sign, signed


def receipts() -> dict[str, Any]:
    """Return the examples of formats.md, 3."""
    many = {f"purpose_{number}": number % 2 == 0 for number in range(40)}
    accepts = [
        ("custom", grant()),
        ("accept all", grant(2, purposes={"measurement": True, "marketing": True}, method="accept_all")),
        ("by the API, with the signal on, under a region rule", grant(3, method="api", gpc=True, rule="us-ca.2026")),
        ("forty purposes", grant(4, purposes=many)),
        ("the longest names", grant(5, site="z" * 32, purposes={"p" + "_" * 31: True}, rule="r" * 64)),
        ("the largest numbers", grant(6, revision=2**53 - 1, given_at=2**53 - 2, expires_at=2**53 - 1)),
        ("full refusal", refusal()),
        ("the same refusal, a second before midnight", refusal(given_at=MIDNIGHT + DAY - 1)),
    ]
    return _file(accepts, _receipt_rejects())


def receipts_2() -> dict[str, Any]:
    """Return the examples of version 2: a signal that leaves other grants standing."""
    accepts = [
        ("a signal that leaves a grant standing", by_signal()),
        ("under a region rule", by_signal(2, rule="us-ca.2026")),
        ("several grants stand", by_signal(3, purposes={"measurement": True, "embeds": True, "marketing": False})),
        ("version 1 beside it", grant(4)),
        ("a full refusal stays of version 1", refusal()),
    ]
    return _file(accepts, _receipt_2_rejects())


def by_signal(number: int = 1, **changes: Any) -> Receipt:
    """Return the receipt of a signal that refuses marketing and leaves measurement granted."""
    return grant(number, **({"method": "signal", "gpc": True} | changes))


def _receipt_2_rejects() -> Iterator[tuple[str, str]]:
    base: dict[str, Any] = json.loads(receipt_payload(by_signal()))
    refused: dict[str, Any] = json.loads(receipt_payload(refusal()))

    def changed(members: dict[str, Any], **changes: Any) -> str:
        return json_encode({m: v for m, v in (members | changes).items() if v is not ...}).decode()

    for version in (0, 1, 3, True, "2", None):
        yield f"v is {json.dumps(version)}", changed(base, v=version)
    for method in ("custom", "accept_all", "api", "Signal", "withdraw", "", None):
        yield f"m is {json.dumps(method)}", changed(base, m=method)
    yield "a signal that was not on", changed(base, gpc=False)
    yield "a signal that leaves no grant standing", changed(base, p={"measurement": False, "marketing": False})
    yield "a full refusal of version 2", changed(refused, v=2)
    for member in base:
        yield f"without {member}", changed(base, **{member: ...})
    yield "unknown member", changed(base, extra=1)


def _file(accepts: list[tuple[str, Receipt]], rejects: Iterator[tuple[str, str]]) -> dict[str, Any]:
    return {
        "about": "formats.md, 3. Every token here is well signed, the refused ones too: only the payload decides.",
        "ring": [key.text for key in RING],
        "accepts": [
            {
                "what": what,
                "payload": receipt_payload(receipt).decode(),
                "token": signed(receipt),
                "parsed": {
                    "site": receipt.site,
                    "subject": receipt.subject,
                    "consent_id": None if receipt.subject is None else consent_id(receipt.subject),
                    "record": receipt.record,
                    "leaf_hex": None if receipt.leaf is None else receipt.leaf.hex(),
                    "policy16_hex": receipt.policy16.hex(),
                    "revision": receipt.revision,
                    "purposes": dict(receipt.purposes),
                    "method": receipt.method,
                    "gpc": receipt.gpc,
                    "given_at": receipt.given_at,
                    "expires_at": receipt.expires_at,
                    "rule": receipt.rule,
                    "anonymous": receipt.anonymous,
                    "order_key": receipt.order_key,
                },
            }
            for what, receipt in accepts
        ],
        "rejects": [
            {"what": what, "payload": payload, "token": sign(RECEIPTS, payload.encode())} for what, payload in rejects
        ],
    }


def _receipt_rejects() -> Iterator[tuple[str, str]]:
    base: dict[str, Any] = json.loads(receipt_payload(grant()))
    text = receipt_payload(grant()).decode()
    refused: dict[str, Any] = json.loads(receipt_payload(refusal()))

    def changed(members: dict[str, Any], **changes: Any) -> str:
        return json_encode({m: v for m, v in (members | changes).items() if v is not ...}).decode()

    yield "empty", ""
    yield "no JSON", "hello"
    for value in ("null", "true", "1", '"receipt"', "[]", "{}", f"[{text}]"):
        yield f"no receipt object: {value[:12]}", value
    yield "white space", text.replace(":", ": ", 1)
    yield "line end", text + "\n"
    yield "byte order mark", "\ufeff" + text
    yield "members out of order", json.dumps(dict(reversed(base.items())), separators=(",", ":"))
    yield "escaped letter", text.replace("measurement", "\\u006deasurement")
    yield "repeated member", text.replace('"rev":2', '"rev":2,"rev":2')
    yield "repeated purpose", text.replace('"marketing":false', '"marketing":false,"marketing":false')
    yield "number with a fraction", text.replace('"rev":2', '"rev":2.0')
    yield "number with an exponent", text.replace('"rev":2', '"rev":2e0')
    yield "number with a leading zero", text.replace('"rev":2', '"rev":02')
    yield "not a number", text.replace('"rev":2', '"rev":NaN')
    yield "infinity", text.replace('"rev":2', '"rev":Infinity')
    yield "single quotes", text.replace('"', "'")
    yield "something behind", text + "{}"
    for member in base:
        yield f"without {member}", changed(base, **{member: ...})
    for member in refused:
        yield f"refusal without {member}", changed(refused, **{member: ...})
    yield "unknown member", changed(base, extra=1)
    yield "subject written as a consent id", changed(base, sub=consent_id(base["sub"]))
    yield "refusal with an unknown member", changed(refused, extra=1)
    for member in ("rec", "leaf", "m", "gpc", "rule", "sub"):
        yield f"refusal with {member}", changed(refused, **{member: base[member]})
        yield f"refusal with {member} null", changed(refused, **{member: None})
    wrong: dict[str, list[Any]] = {
        "v": [0, 2, True, "1", None],
        "site": ["", "abc", "a" * 33, "Demo0001", "demo-0001", "demo0001 ", 1, None],
        "sub": ["", base["sub"][:-1], base["sub"] + "0", base["sub"].lower(), "0" * 20 + "1", 1, None, True],
        "rec": ["", base["rec"].upper(), base["rec"].replace("-", ""), base["rec"].replace("-7", "-4", 1), 1, None],
        "leaf": ["", base["leaf"] + "=", base["leaf"][:-1], base["leaf"] + "A", base["leaf"][:-1] + "F", 1, None],
        "pol": ["", base["pol"] + "==", base["pol"][:-2], base["pol"] + "AA", base["pol"][:-1] + "x", 1, None],
        "rev": [0, -1, 2**53, True, "2", None, [2]],
        "p": [
            *({}, [], None, True, {"measurement": 1}, {"measurement": "true"}, {"measurement": None}),
            *({purpose: True} for purpose in ("Measurement", "", "m" * 33, "1m", "m-m", "mé")),
            *({"measurement": False, "marketing": False}, {"measurement": {"measurement": True}}),
        ],
        "m": ["", "reject_all", "withdraw", "signal", "Custom", 1, None, True],
        "gpc": [0, 1, "false", None],
        "iat": [-1, True, "0", None, 2**53, base["exp"], base["exp"] + 1],
        "exp": [0, True, "0", None, 2**53, base["iat"], base["iat"] - 1],
        "rule": ["", "r" * 65, "EU", "eu/de", "eu de", 1, None],
    }
    for member, values in wrong.items():
        for value in values:
            yield f"{member} is {json.dumps(value)[:48]}", changed(base, **{member: value})
    yield "a number beyond every size", text.replace('"rev":2', '"rev":' + "9" * 2000)
    yield "nested deep", "[" * 1300 + "]" * 1300
    yield "purposes nested deep", changed(base, p=...)[:-1] + ',"zz":' + '{"a":' * 300 + "1" + "}" * 301
    yield "refusal that grants", changed(refused, p={"measurement": True, "marketing": False})
    yield "refusal with the time of day", changed(refused, iat=refused["iat"] + 1)
    yield "refusal without purposes", changed(refused, p={})
    yield "lone surrogate", text.replace("default", "\\ud800")
