"""The proof bundle: one record opened and proven to stand in the log, by public keys alone (formats.md 8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from askfirst.core.canonical import b64url, b64url_decode, canonical_json
from askfirst.core.checkpoint import Checkpoint
from askfirst.core.errors import MalformedBody, MalformedProof, ProofMismatch
from askfirst.core.kinds import FORGETTING, EntryKind
from askfirst.core.leaf import SALT_BYTES, commit_what, commit_who, leaf_bytes, opens, parse_leaf
from askfirst.core.proof import Proof, check_proof, format_proof, parse_proof
from askfirst.core.strict_json import strict_json
from askfirst.core.tree import leaf_hash
from askfirst_sdk.keys import VerifierKey

_MEMBERS: Final = frozenset({"v", "what", "what_salt", "who", "who_salt"})
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Opening:
    """Both parts of an entry with the salts of their commitments."""

    what: bytes
    what_salt: bytes
    who: bytes
    who_salt: bytes


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """What a bundle proves: these parts are what the entry at `index` committed to, in the log of `checkpoint`."""

    checkpoint: Checkpoint
    index: int
    leaf_hash: bytes
    kind: EntryKind
    what: Mapping[str, object]
    who: Mapping[str, object]


def bundle(opening: Opening, index: int, hashes: tuple[bytes, ...], checkpoint: bytes) -> bytes:
    """Return the bundle's bytes: a C2SP tlog-proof whose `extra` is the opening."""
    extra = canonical_json(
        {
            "v": _VERSION,
            "what": b64url(opening.what),
            "what_salt": b64url(opening.what_salt),
            "who": b64url(opening.who),
            "who_salt": b64url(opening.who_salt),
        }
    )
    return format_proof(Proof(index, hashes, checkpoint, extra))


def open_bundle(data: bytes, origin: str, keys: Iterable[VerifierKey]) -> ProvenEntry:
    """Return what a bundle proves about the log named `origin`, whose checkpoint keys are `keys`.

    Raises MalformedProof for bytes that are no bundle, ProofMismatch where the parts are not what the log has at that
    place, and MalformedNote, UntrustedNote or MalformedCheckpoint for the checkpoint.
    """
    proof = parse_proof(data)
    opening = _opening(proof.extra)
    what, who = _members(opening.what), _members(opening.who)
    kind = _kind(what)
    leaf = leaf_bytes(kind, commit_what(opening.what_salt, opening.what), commit_who(opening.who_salt, opening.who))
    # The commitments bind the bytes; that both parts name one entry, and its kind, has to be looked at too.
    faults = opens(
        parse_leaf(leaf),
        what=opening.what,
        what_salt=opening.what_salt,
        who=opening.who,
        who_salt=opening.who_salt,
    )
    if faults:
        raise ProofMismatch("The two parts of the bundle do not belong to one entry.")
    checkpoint = check_proof(proof, leaf_hash(leaf), origin, keys)
    return ProvenEntry(checkpoint, proof.index, leaf_hash(leaf), kind, what, who)


def _opening(extra: bytes | None) -> Opening:
    if extra is None:
        raise MalformedProof("The proof holds no opening: it proves a leaf, and not what was decided.")
    try:
        members = strict_json(extra)
    except MalformedBody:
        members = None
    if (
        not isinstance(members, dict)
        or members.keys() != _MEMBERS
        or type(members["v"]) is not int
        or members["v"] != _VERSION
        or not all(isinstance(members[name], str) for name in _MEMBERS - {"v"})
        or canonical_json(members) != extra
    ):
        raise MalformedProof("The opening in the bundle is not of the form that it has to have.")
    try:
        found = Opening(**{name: b64url_decode(members[name]) for name in _MEMBERS - {"v"}})
    except ValueError:
        raise MalformedProof("A part of the opening in the bundle is not base64url.") from None
    if len(found.what_salt) != SALT_BYTES or len(found.who_salt) != SALT_BYTES:
        raise MalformedProof("A salt in the bundle is not 32 bytes.")
    return found


def _members(part: bytes) -> dict[str, object]:
    try:
        members = strict_json(part)
        if isinstance(members, dict) and canonical_json(members) == part:
            return members
    except (MalformedBody, ValueError):
        pass
    raise MalformedProof("A part of the opening in the bundle is not canonical JSON.")


def _kind(what: Mapping[str, object]) -> EntryKind:
    try:
        kind = EntryKind(str(what.get("kind")))
    except ValueError:
        kind = None
    if kind is None or kind in FORGETTING:
        raise MalformedProof("The bundle is about a kind of entry that this version does not know.")
    return kind
