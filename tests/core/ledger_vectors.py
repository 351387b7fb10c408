"""The examples of ledger entries: parts, commitments, leaves and leaf hashes."""

from typing import Any

from askfirst.core.canonical import b64url
from askfirst.core.kinds import EntryKind
from askfirst.core.leaf import commit_what, commit_who, leaf_bytes
from askfirst.core.record import decision_what, decision_who, entry_what, entry_who
from askfirst.core.tree import leaf_hash
from core.examples import ENTRY, NOON, RECORD, SITE, SUBJECT, what

WHAT_SALT = bytes(range(32))
WHO_SALT = bytes(range(32, 64))
_GRANT = decision_what(**what()), decision_who(record=RECORD, subject=SUBJECT)
_FORGOTTEN = leaf_hash(
    leaf_bytes(EntryKind.DECISION_RECORDED, commit_what(WHAT_SALT, _GRANT[0]), commit_who(WHO_SALT, _GRANT[1]))
)


def records() -> dict[str, Any]:
    """Return the content of record.json."""
    refusal = what(purposes={"measurement": False, "embeds": False}, method="reject_all", page=None, late=True)
    by_server = what(build=None, method="api", origin="https://api.example", page=None)
    erased = {"record": RECORD, "site": SITE, "reason": "asked for by the visitor"}
    made = {"token": ENTRY, "name": "nightly export", "role": "auditor", "sites": [SITE], "expires": None}
    return {
        "about": "formats.md, 5.1. `members` as they are given, `part` the canonical bytes as text.",
        "what": [
            _part("a decision", what(), _GRANT[0]),
            _part("a full refusal that came late", refusal, decision_what(**refusal)),
            _part("a decision from a server", by_server, decision_what(**by_server)),
            _part("an erasure", erased, entry_what(EntryKind.RECORD_ERASED, ENTRY, NOON, **erased), "record:erased"),
            _part("a new token", made, entry_what(EntryKind.TOKEN_CREATED, ENTRY, NOON, **made), "token:created"),
        ],
        "who": [
            _part("a subject", {"record": RECORD, "subject": SUBJECT, "evidence": None}, _GRANT[1]),
            _part(
                "nobody, after a full refusal",
                {"record": RECORD, "subject": None, "evidence": None},
                decision_who(record=RECORD, subject=None),
            ),
            _part(
                "a subject with evidence",
                {"record": RECORD, "subject": SUBJECT, "evidence": {"address": "192.0.2.0"}},
                decision_who(record=RECORD, subject=SUBJECT, evidence={"address": "192.0.2.0"}),
            ),
            _part("a member of staff", {"entry": ENTRY, "staff": RECORD}, entry_who(ENTRY, RECORD)),
            _part("the service itself", {"entry": ENTRY, "staff": None}, entry_who(ENTRY, None)),
        ],
    }


def leaves() -> dict[str, Any]:
    """Return the content of leaf.json."""
    erasure = entry_what(
        EntryKind.RECORD_ERASED, ENTRY, NOON, record=RECORD, site=SITE, reason="asked for by the visitor"
    )
    return {
        "about": "formats.md, 5.2 and 5.3. Salts, `of` and hashes in hex; parts and leaves as text.",
        "accepts": [
            _leaf("a decision", EntryKind.DECISION_RECORDED, *_GRANT),
            _leaf("an erasure", EntryKind.RECORD_ERASED, erasure, entry_who(ENTRY, None), _FORGOTTEN),
        ],
        "refused": [{"why": why, "leaf": leaf.decode("latin-1")} for why, leaf in refused()],
    }


def refused() -> list[tuple[str, bytes]]:
    """Return bytes that are no leaf, and why."""
    leaf = leaf_bytes(EntryKind.DECISION_RECORDED, b"\x01" * 32, b"\x02" * 32)
    forgetting = leaf_bytes(EntryKind.RECORD_ERASED, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
    one = b64url(b"\x01" * 32).encode()
    return [
        ("nothing", b""),
        ("no JSON", b"{"),
        ("white space", leaf.replace(b'"v":1', b'"v": 1')),
        ("a newline at the end", leaf + b"\n"),
        ("another order", leaf.replace(b'"v":1,', b"").replace(b"}", b',"v":1}')),
        ("another version", leaf.replace(b'"v":1', b'"v":2')),
        ("an unknown kind", leaf.replace(b"decision:recorded", b"decision:made")),
        ("an unknown member", leaf.replace(b'"v":1', b'"time":1,"v":1')),
        ("a repeated member", leaf.replace(b'"v":1', b'"v":1,"v":1')),
        ("a missing member", forgetting.replace(b'"of":"' + b64url(b"\x03" * 32).encode() + b'",', b"")),
        ("a forgotten leaf where none is forgotten", forgetting.replace(b"record:erased", b"decision:recorded")),
        ("padding", leaf.replace(one, one + b"=")),
        ("31 bytes", leaf.replace(one, b64url(b"\x01" * 31).encode())),
        ("trailing bits", leaf.replace(one, one[:-1] + b"F")),
        ("the standard alphabet", leaf.replace(one, b"+" + one[1:])),
        ("an escape", leaf.replace(b"decision", b"\\u0064ecision")),
    ]


def _part(told: str, members: dict[str, Any], part: bytes, kind: str | None = None) -> dict[str, Any]:
    extra = {} if kind is None else {"kind": kind, "entry": ENTRY, "time": NOON}
    return {"what": told, **extra, "members": members, "part": part.decode()}


def _leaf(told: str, kind: EntryKind, what_part: bytes, who_part: bytes, of: bytes | None = None) -> dict[str, Any]:
    leaf = leaf_bytes(kind, commit_what(WHAT_SALT, what_part), commit_who(WHO_SALT, who_part), of)
    return {
        "what": told,
        "kind": kind.value,
        "what_part": what_part.decode(),
        "what_salt": WHAT_SALT.hex(),
        "what_commitment": commit_what(WHAT_SALT, what_part).hex(),
        "who_part": who_part.decode(),
        "who_salt": WHO_SALT.hex(),
        "who_commitment": commit_who(WHO_SALT, who_part).hex(),
        "of": None if of is None else of.hex(),
        "leaf": leaf.decode(),
        "leaf_hash": leaf_hash(leaf).hex(),
    }
