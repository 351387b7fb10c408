"""The examples of decision requests: bodies that are taken, and bodies that are refused, each with its problem."""

import json
from typing import Any

from askfirst.core.policy import policy_digest
from core.examples import BUILD, NOON, body, decision, policy

HOUR = 3_600_000
NONE = {"measurement": False, "embeds": False, "marketing": False}
SOME = {"measurement": True, "embeds": False, "marketing": False}


def decisions() -> dict[str, Any]:
    """Return the content of decision.json."""
    return {
        "about": "formats.md, 6.1. All answer the second policy of policy.json, published as number 1, revision 1. "
        "A body that is no text is given as `body_hex`. `refused` says the problem's code and its extra members.",
        "policy": policy_digest(policy()),
        "accepts": [{"what": what, "body": sent.decode(), "parsed": json.loads(sent)} for what, sent in accepted()],
        "refused": [_refused(*case) for case in refused()],
        "late": [
            {"what": what, "at": at, "superseded_at": superseded_at, "now": NOON, "late": late}
            for what, at, superseded_at, late in _LATE
        ],
    }


def accepted() -> list[tuple[str, bytes]]:
    """Return bodies that are taken."""
    return [
        ("accept all", body()),
        ("reject all", body(purposes=NONE, method="reject_all")),
        ("custom", body(purposes=SOME, method="custom", rule="us-ca", language="ar")),
        ("custom, all refused", body(purposes=NONE, method="custom")),
        ("withdrawn with the receipt", body(purposes=NONE, method="withdraw", receipt="e30.AAAA")),
        ("a signal", body(purposes=NONE, method="signal", gpc=True)),
        ("with the signal on, an own choice", body(purposes=SOME, method="custom", gpc=True)),
        ("a page and a consent id", body(page="/über/uns", receipt="e30.AAAA", consent_id="01K9X7Q-M3D4F8H-TZB2NC5")),
        ("another order and white space", json.dumps(dict(reversed(decision().items())), indent=2).encode()),
        ("the first and the last moment", body(at=0)),
    ]


def refused() -> list[tuple[str, bytes, str, dict[str, Any]]]:
    """Return bodies that are refused: why, the body, the problem's code and its members."""

    def invalid(why: str, *named: str, **changes: Any) -> tuple[str, bytes, str, dict[str, Any]]:
        return (why, body(**changes), "invalid-decision", {"errors": list(named)})

    doubled = body().replace(b'{"v":1,', b'{"v":1,"v":1,')
    deep = b"[" * 4000 + b"]" * 4000
    return [
        ("nothing", b"", "malformed-body", {}),
        ("no JSON", b"{", "malformed-body", {}),
        ("more after the JSON", body() + b"{}", "malformed-body", {}),
        ("not UTF-8", body(page="/x").replace(b"/x", b"/\xff"), "malformed-body", {}),
        ("UTF-16", body().decode().encode("utf-16"), "malformed-body", {}),
        ("byte order mark", b"\xef\xbb\xbf" + body(), "malformed-body", {}),
        ("repeated member", doubled, "malformed-body", {}),
        ("repeated purpose", body().replace(b'"embeds":true', b'"embeds":true,"embeds":false'), "malformed-body", {}),
        ("not a number", body().replace(str(NOON).encode(), b"NaN"), "malformed-body", {}),
        ("endless", body().replace(str(NOON).encode(), b"Infinity"), "malformed-body", {}),
        ("digits without end", body().replace(str(NOON).encode(), b"9" * 5000), "malformed-body", {}),
        ("nested without end", deep, "malformed-body", {}),
        ("one byte too long", body() + b" " * (8193 - len(body())), "body-too-large", {"limit": 8192}),
        ("a list", b"[]", "invalid-decision", {"errors": ["decision"]}),
        ("null", b"null", "invalid-decision", {"errors": ["decision"]}),
        invalid("no id", "id", id=None),
        invalid("an id in upper case", "id", id="7F2C1D3E-4B5A-4C6D-8E7F-9A0B1C2D3E4F"),
        invalid("an id without hyphens", "id", id="7f2c1d3e4b5a4c6d8e7f9a0b1c2d3e4f"),
        invalid("an id with a newline", "id", id="7f2c1d3e-4b5a-4c6d-8e7f-9a0b1c2d3e4f\n"),
        invalid("another version", "v", v=2),
        invalid("the version as text", "v", v="1"),
        invalid("the version as true", "v", v=True),
        invalid("the version as a fraction", "v", v=1.0),
        invalid("a digest in upper case", "policy", policy="A" * 64),
        invalid("half a digest", "build", build=BUILD[:32]),
        invalid("no build", "build", build=None),
        invalid("a language that is none", "language", language="../en"),
        invalid("purposes as a list", "purposes", purposes=["measurement"]),
        invalid("no purposes", "purposes", purposes={}),
        invalid("a purpose neither true nor false", "purposes", purposes={**SOME, "embeds": 1}),
        invalid("a purpose as text", "purposes", purposes={**SOME, "embeds": "true"}),
        invalid("a purpose as null", "purposes", purposes={**SOME, "embeds": None}),
        invalid("a purpose outside the alphabet", "purposes", purposes={**SOME, "Embeds": True}),
        invalid("a method of servers", "method", method="api"),
        invalid("no such method", "method", method="scroll"),
        invalid("a time as a fraction", "at", at=NOON + 0.5),
        invalid("a time as text", "at", at=str(NOON)),
        invalid("a time before 1970", "at", at=-1),
        invalid("a time that is not exact", "at", at=2**53),
        invalid("a signal neither on nor off", "gpc", gpc="1"),
        invalid("a rule outside the alphabet", "rule", rule="US CA"),
        invalid("an empty rule", "rule", rule=""),
        invalid("a page with its query", "page", page="/search?q=me"),
        invalid("a page with its fragment", "page", page="/#me"),
        invalid("a page with its host", "page", page="https://example.com/"),
        invalid("a page with a newline", "page", page="/a\nb"),
        invalid("an unknown member", "user", user="me"),
        invalid("two faults at once", "method", "user", user="me", method="scroll"),
        (
            "a receipt of null",
            body(receipt="x").replace(b'"receipt":"x"', b'"receipt":null'),
            "invalid-decision",
            {"errors": ["receipt"]},
        ),
        (
            "half a character",
            body(receipt="x").replace(b'"receipt":"x"', b'"receipt":"\\ud800"'),
            "malformed-body",
            {},
        ),
        ("an unknown language", body(language="fr"), "unknown-language", {"language": "fr"}),
        ("an unknown rule", body(rule="us-tx"), "unknown-rule", {"rule": "us-tx"}),
        (
            "necessary answered",
            body(purposes={**SOME, "necessary": True}),
            "unknown-purpose",
            {"purposes": ["necessary"]},
        ),
        (
            "two unknown purposes",
            body(purposes={**SOME, "b": True, "a": True}, method="custom"),
            "unknown-purpose",
            {"purposes": ["a", "b"]},
        ),
        (
            "a purpose left out",
            body(purposes={"measurement": True, "embeds": True}),
            "missing-purpose",
            {"purposes": ["marketing"]},
        ),
        ("accept all with a refusal", body(purposes=SOME), "method-mismatch", {"method": "accept_all"}),
        (
            "reject all with a grant",
            body(purposes=SOME, method="reject_all"),
            "method-mismatch",
            {"method": "reject_all"},
        ),
        ("withdrawn with a grant", body(purposes=SOME, method="withdraw"), "method-mismatch", {"method": "withdraw"}),
        (
            "a signal that grants",
            body(purposes=SOME, method="signal", gpc=True),
            "method-mismatch",
            {"method": "signal"},
        ),
        ("a signal without one", body(purposes=NONE, method="signal"), "method-mismatch", {"method": "signal"}),
    ]


_LATE = [
    ("at once", NOON, None, False),
    ("just within the hour", NOON - HOUR, NOON - HOUR, False),
    ("answered over an hour ago", NOON - HOUR - 1, None, True),
    ("superseded over an hour ago", NOON, NOON - HOUR - 1, True),
    ("from the future", NOON + 10 * HOUR, None, False),
]


def _refused(why: str, sent: bytes, code: str, members: dict[str, Any]) -> dict[str, Any]:
    try:
        text = {"body": sent.decode()}
    except UnicodeDecodeError:
        text = {"body_hex": sent.hex()}
    return {"why": why, **text, "code": code, "members": members}
