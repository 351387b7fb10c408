"""The examples of proof bundles: whole files that are believed, and such that are not."""

import base64
from dataclasses import dataclass, replace
from typing import Any

from askfirst.core.bundle import Opening, bundle
from askfirst.core.canonical import canonical_json
from askfirst.core.checkpoint import Checkpoint, sign_checkpoint
from askfirst.core.kinds import EntryKind
from askfirst.core.leaf import commit_what, commit_who, leaf_bytes
from askfirst.core.proof import format_proof, parse_proof
from askfirst.core.record import decision_what, decision_who, entry_what, entry_who
from askfirst.core.tiles import hash_reader
from askfirst.core.tree import inclusion_proof
from askfirst_sdk.signing import SigningKey
from core.examples import ENTRY, NOON, RECORD, SUBJECT, what
from core.logs import MemoryLog, a_log

ORIGIN = "consent.example/log/bundle"
KEY = SigningKey.from_seed(ORIGIN, bytes(range(32)))
OTHER_KEY = SigningKey.from_seed(ORIGIN, bytes(range(1, 33)))
OTHER_LOG = SigningKey.from_seed("other.example/log/bundle", bytes(range(32)))

GRANT = Opening(
    decision_what(**what()), bytes(range(32)), decision_who(record=RECORD, subject=SUBJECT), bytes(range(32, 64))
)
OTHER_RECORD = "019b5f31-8c00-7000-8000-00000000beef"
REFUSAL = Opening(
    decision_what(
        **what(
            record=OTHER_RECORD,
            purposes={"measurement": False, "embeds": False},
            method="reject_all",
            page=None,
            language="de",
        )
    ),
    bytes(range(64, 96)),
    decision_who(record=OTHER_RECORD, subject=None),
    bytes(range(96, 128)),
)
LOOK = Opening(
    entry_what(EntryKind.RECORD_VIEWED, ENTRY, NOON, record=RECORD, via="api"),
    bytes(range(128, 160)),
    entry_who(ENTRY, "token:audit"),
    bytes(range(160, 192)),
)


@dataclass(frozen=True)
class Made:
    """A bundle and what is in it."""

    data: bytes
    opening: Opening
    index: int
    size: int


def leaf_of(opening: Opening, kind: EntryKind = EntryKind.DECISION_RECORDED) -> bytes:
    """Return the leaf that commits to an opening."""
    return leaf_bytes(kind, commit_what(opening.what_salt, opening.what), commit_who(opening.who_salt, opening.who))


def made(
    opening: Opening, before: int, after: int, kind: EntryKind = EntryKind.DECISION_RECORDED, key: SigningKey = KEY
) -> Made:
    """Return the bundle of an opening in a log with so many other entries before and after it."""
    log: MemoryLog = a_log(before)
    log.append([leaf_of(opening, kind), *(b"later %d" % number for number in range(after))])
    size = log.frontier.size
    note = sign_checkpoint(Checkpoint(key.verifier.name, size, log.frontier.root), key.verifier, key.sign)
    path = inclusion_proof(before, size, hash_reader(size, log.read_tile))
    return Made(bundle(opening, before, tuple(path), note), opening, before, size)


def changed(one: Made, **changes: Any) -> bytes:
    """Return a bundle whose proof has other members."""
    return format_proof(replace(parse_proof(one.data), **changes))


def with_extra(one: Made, **changes: Any) -> bytes:
    """Return a bundle whose opening has other members; None leaves one out."""
    import json

    extra = parse_proof(one.data).extra
    assert extra is not None
    members = {**json.loads(extra), **changes}
    return changed(one, extra=canonical_json({name: value for name, value in members.items() if value is not None}))


def _text(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def accepted() -> dict[str, Made]:
    """Return bundles that hold."""
    return {
        "a decision, the only entry": made(GRANT, 0, 0),
        "a decision, the first of two": made(GRANT, 0, 1),
        "a decision, the last of seven": made(GRANT, 6, 0),
        "a refusal in the middle of three hundred": made(REFUSAL, 100, 199),
        "a look of staff": made(LOOK, 3, 4, EntryKind.RECORD_VIEWED),
    }


def refused() -> dict[str, bytes]:
    """Return bundles of which each is wrong in one way."""
    good = made(GRANT, 6, 4)
    proof = parse_proof(good.data)
    other = made(REFUSAL, 6, 4)
    swapped = Opening(GRANT.what, GRANT.what_salt, REFUSAL.who, REFUSAL.who_salt)
    return {
        "another key of the same name": made(GRANT, 6, 4, key=OTHER_KEY).data,
        "another log's key": made(GRANT, 6, 4, key=OTHER_LOG).data,
        "the neighbour's place": changed(good, index=5),
        "a place beyond the log": changed(good, index=11),
        "one hash too few": changed(good, hashes=proof.hashes[:-1]),
        "one hash too many": changed(good, hashes=(*proof.hashes, bytes(32))),
        "two hashes that changed places": changed(good, hashes=(proof.hashes[1], proof.hashes[0], *proof.hashes[2:])),
        "another checkpoint of the same log": changed(good, checkpoint=parse_proof(made(GRANT, 6, 5).data).checkpoint),
        "no opening": changed(good, extra=None),
        "an empty opening": changed(good, extra=b""),
        "the opening of another record": changed(good, extra=parse_proof(other.data).extra),
        "the other record's person": made(swapped, 6, 4).data,
        "another answer": with_extra(good, what=_text(GRANT.what.replace(b'"embeds":false', b'"embeds":true '))),
        "another salt": with_extra(good, what_salt=_text(bytes(32))),
        "the salts changed places": with_extra(good, what_salt=_text(GRANT.who_salt), who_salt=_text(GRANT.what_salt)),
        "a short salt": with_extra(good, who_salt=_text(bytes(31))),
        "another version": with_extra(good, v=2),
        "a member too many": with_extra(good, more="x"),
        "a member too few": with_extra(good, who=None),
        "a part that is no text": with_extra(good, who=1),
        "a part that is no base64url": with_extra(good, who="?"),
        "a part with padding": with_extra(good, what_salt=_text(GRANT.what_salt) + "="),
        "an opening with white space": changed(good, extra=(proof.extra or b"").replace(b",", b", ", 1)),
        "a kind that nobody knows": made(
            replace(GRANT, what=GRANT.what.replace(b"decision:recorded", b"decision:made_up")), 6, 4
        ).data,
        "a receipt key's signature": changed(good, checkpoint=_by_receipt_key(good)),
        "a line too many at the end": good.data + b"\n",
        "no checkpoint": good.data.partition(b"\n\n")[0] + b"\n\n",
        "another header": good.data.replace(b"tlog-proof@v1", b"tlog-proof@v2"),
        "nothing": b"",
    }


def _by_receipt_key(good: Made) -> bytes:
    key = SigningKey.from_seed(f"{ORIGIN}/receipts", bytes(range(32)))
    body = parse_proof(good.data).checkpoint.decode().partition("\n\n")[0] + "\n"
    from askfirst.core.note import sign_note

    return sign_note(body, key.verifier, key.sign)


def bundles() -> dict[str, Any]:
    """Return the content of bundle.json."""
    return {
        "about": "formats.md, 8. `file` is a bundle in standard base64; the log is `origin`, its only key `key`.",
        "origin": ORIGIN,
        "key": KEY.verifier.text,
        "accepts": [
            {
                "what": name,
                "file": base64.b64encode(one.data).decode(),
                "index": one.index,
                "size": one.size,
                "parts": {"what": one.opening.what.decode(), "who": one.opening.who.decode()},
            }
            for name, one in accepted().items()
        ],
        "rejects": [{"what": name, "file": base64.b64encode(data).decode()} for name, data in refused().items()],
    }
