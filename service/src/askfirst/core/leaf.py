"""The public face of a ledger entry: two commitments that say nothing by themselves (formats.md 5.2 and 5.3)."""

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from askfirst.core.errors import MalformedBody, MalformedLeaf
from askfirst.core.kinds import FORGETTING, EntryKind
from askfirst.core.strict_json import strict_json
from askfirst_sdk.encoding import base64url_decode, base64url_encode

COMMITMENT_BYTES = 32
SALT_BYTES = 32
WHAT_LABEL = b"askfirst-what-v1\x00"
WHO_LABEL = b"askfirst-who-v1\x00"
# There is one way to write a leaf, so that reading one needs no JSON reader; 43 characters are 32 bytes.
_LEAF = re.compile(
    rb'\{"kind":"(?P<kind>[a-z:_]{1,64})",("of":"(?P<of>[A-Za-z0-9_-]{43})",)?"v":1,'
    rb'"what":"(?P<what>[A-Za-z0-9_-]{43})","who":"(?P<who>[A-Za-z0-9_-]{43})"\}'
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """What anybody may read of an entry; `of` is the leaf hash of the entry that this one forgets."""

    kind: EntryKind
    what: bytes
    who: bytes
    of: bytes | None = None


class OpeningFault(StrEnum):
    """What is wrong with the opening of a leaf."""

    WHAT_MISSING = "what_missing"
    WHAT_ALTERED = "what_altered"
    WHO_MISSING = "who_missing"
    WHO_ALTERED = "who_altered"
    OTHER_KIND = "other_kind"
    OTHER_ENTRY = "other_entry"


def commit_what(salt: bytes, part: bytes) -> bytes:
    """Return the 32-byte commitment to a `what` part under a salt of 32 random bytes."""
    return hmac.digest(_checked(salt), WHAT_LABEL + part, "sha256")


def commit_who(salt: bytes, part: bytes) -> bytes:
    """Return the 32-byte commitment to a `who` part under a salt of 32 random bytes."""
    return hmac.digest(_checked(salt), WHO_LABEL + part, "sha256")


def leaf_bytes(kind: EntryKind, what_commitment: bytes, who_commitment: bytes, of: bytes | None = None) -> bytes:
    """Return the canonical bytes of a leaf; `of` is the hash of the forgotten leaf, for the kinds that forget only."""
    if len(what_commitment) != COMMITMENT_BYTES or len(who_commitment) != COMMITMENT_BYTES:
        raise ValueError("a commitment has 32 bytes")
    if (of is not None) != (kind in FORGETTING) or (of is not None and len(of) != COMMITMENT_BYTES):
        raise ValueError(f"a leaf of {kind} {'names' if kind in FORGETTING else 'does not name'} a forgotten leaf")
    # Written out, since this is done for every decision: members in canonical order, and no value needs an escape.
    forgotten = b"" if of is None else b'"of":"%b",' % base64url_encode(of)
    what, who = base64url_encode(what_commitment), base64url_encode(who_commitment)
    return b'{"kind":"%b",%b"v":1,"what":"%b","who":"%b"}' % (kind.encode(), forgotten, what, who)


def parse_leaf(data: bytes) -> Leaf:
    """Return the leaf behind canonical bytes; MalformedLeaf for anything else."""
    found = _LEAF.fullmatch(data)
    if found is None:
        raise MalformedLeaf("This is not the canonical JSON of a leaf.")
    try:
        kind = EntryKind(found["kind"].decode("ascii"))
        what, who = base64url_decode(found["what"]), base64url_decode(found["who"])
        of = None if found["of"] is None else base64url_decode(found["of"])
    except ValueError as error:
        raise MalformedLeaf("The leaf has an unknown kind, or a hash in another spelling than its own.") from error
    if (of is not None) != (kind in FORGETTING):
        raise MalformedLeaf("The leaf names a forgotten leaf although its kind forgets none, or the other way round.")
    return Leaf(kind, what, who, of)


def opens(
    leaf: Leaf, *, what_salt: bytes | None, what: bytes | None, who_salt: bytes | None, who: bytes | None
) -> list[OpeningFault]:
    """Return what is wrong with the opening of a leaf: an empty list if both parts are the ones committed to."""
    faults = []
    if what is None or what_salt is None:
        faults.append(OpeningFault.WHAT_MISSING)
    elif not _commits(leaf.what, WHAT_LABEL, what_salt, what):
        faults.append(OpeningFault.WHAT_ALTERED)
    if who is None or who_salt is None:
        faults.append(OpeningFault.WHO_MISSING)
    elif not _commits(leaf.who, WHO_LABEL, who_salt, who):
        faults.append(OpeningFault.WHO_ALTERED)
    if faults or what is None or who is None:
        return faults
    # The commitments bind the bytes; these two bind the bytes to the leaf's kind and to each other.
    said, concerned = _members(what), _members(who)
    if said.get("kind") != leaf.kind:
        faults.append(OpeningFault.OTHER_KIND)
    name = "record" if leaf.kind is EntryKind.DECISION_RECORDED else "entry"
    if name not in said or said[name] != concerned.get(name):
        faults.append(OpeningFault.OTHER_ENTRY)
    return faults


def _commits(commitment: bytes, label: bytes, salt: bytes, part: bytes) -> bool:
    return len(salt) == SALT_BYTES and hmac.compare_digest(commitment, hmac.digest(salt, label + part, "sha256"))


def _checked(salt: bytes) -> bytes:
    if len(salt) != SALT_BYTES:
        # HMAC pads a short key with zeros, so that two salts could stand for one another.
        raise ValueError("a salt has 32 bytes")
    return salt


def _members(part: bytes) -> dict[str, object]:
    # A part that was committed to but has no meaning, or two, opens nothing: it has no kind and no entry.
    try:
        members = strict_json(part)
    except MalformedBody:
        return {}
    return members if isinstance(members, dict) else {}
