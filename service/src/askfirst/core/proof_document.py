"""The proof bundle as one document: a record opened and proven, what was shown, and its statement (formats.md 10).

Whoever reads one believes nothing in it by itself: each part is held against the entry, the entry against the
checkpoint, and that against the log's key. What the keys themselves are worth, the reader has to know from elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from askfirst.core.bundle import ProvenEntry, open_bundle
from askfirst.core.canonical import canonical_json, digest_hex
from askfirst.core.errors import InvalidPolicy, MalformedBody, MalformedProof, ProofMismatch
from askfirst.core.kinds import EntryKind
from askfirst.core.policy import Policy, parse_policy, policy_digest
from askfirst.core.strict_json import strict_json
from askfirst_sdk.encoding import base64url_decode
from askfirst_sdk.errors import KeyFormatError, ReceiptFormatError, TokenError
from askfirst_sdk.keys import KeyRing, VerifierKey
from askfirst_sdk.receipt import DAY, Receipt, parse_receipt
from askfirst_sdk.token import RECEIPT_SALT, TokenVerifier, claimed_payload

FORMAT: Final = "askfirst/bundle/1"
STATEMENT_SALT: Final = "statement"
MAX_DOCUMENT_BYTES: Final = 4_000_000
_MEMBERS: Final[Mapping[str, type]] = {
    "format": str,
    "key": str,
    "policy": str,
    "proof": str,
    "receipt": str,
    "receipt_keys": list,
    "signature": str,
    "statement": dict,
}
RECEIPTS: Final = "/receipts"
_SHORT_DIGEST: Final = 16


@dataclass(frozen=True, slots=True)
class ProofDocument:
    """The document's parts as they are, nothing checked."""

    key: VerifierKey
    receipt_keys: tuple[VerifierKey, ...]
    proof: bytes
    receipt: str
    policy: bytes
    statement: Mapping[str, Any]
    signature: str


@dataclass(frozen=True, slots=True)
class ProvenRecord:
    """What a document proves: the entry, the receipt that the browser got, the policy that was shown, the statement."""

    entry: ProvenEntry
    receipt: Receipt
    policy: Policy
    statement: Mapping[str, Any]


def is_receipt_key(key: VerifierKey) -> bool:
    """Return whether a key is named as one for receipts, of whichever log; such a key signs for no log (1.2)."""
    return key.name.endswith(RECEIPTS)


def signed_statement(record: str, statement: Mapping[str, Any]) -> bytes:
    """Return the payload of the token with which the service vouches for a statement."""
    return canonical_json({"v": 1, "record": record, "digest": digest_hex(canonical_json(statement))})


def write_document(document: ProofDocument) -> bytes:
    """Return a document's bytes: canonical JSON without a `<`, so that it stands unchanged in a page."""
    return _written(
        {
            "format": FORMAT,
            "key": document.key.text,
            "policy": document.policy.decode(),
            "proof": document.proof.decode(),
            "receipt": document.receipt,
            "receipt_keys": [key.text for key in document.receipt_keys],
            "signature": document.signature,
            "statement": document.statement,
        }
    )


def read_document(data: bytes) -> ProofDocument:
    """Return the document in these bytes, nothing checked; MalformedProof for any others."""
    if len(data) > MAX_DOCUMENT_BYTES:
        raise MalformedProof(f"A proof bundle has at most {MAX_DOCUMENT_BYTES} bytes.")
    try:
        members: Any = strict_json(data)
    except MalformedBody as error:
        raise MalformedProof("This is not a proof bundle: it can not be read as JSON.") from error
    if not isinstance(members, dict) or members.get("format") != FORMAT:
        raise MalformedProof(f"This is not a proof bundle of the format {FORMAT}.")
    wrong = [name for name in {*members, *_MEMBERS} if not isinstance(members.get(name), _MEMBERS.get(name, _Nothing))]
    if wrong:
        raise MalformedProof(f"The proof bundle has a wrong member: {min(wrong)}.")
    try:
        if _written(members) != data:
            raise MalformedProof("The proof bundle is not written as its format says.")
        key = VerifierKey.parse(members["key"])
        receipt_keys = tuple(map(VerifierKey.parse, members["receipt_keys"]))
    except KeyFormatError:
        raise MalformedProof("A key in the proof bundle is not a verifier key.") from None
    except ValueError as error:  # a number with a fraction, or a text that is not Unicode
        raise MalformedProof("The proof bundle is not written as its format says.") from error
    return ProofDocument(
        key=key,
        receipt_keys=receipt_keys,
        proof=members["proof"].encode(),
        receipt=members["receipt"],
        policy=members["policy"].encode(),
        statement=members["statement"],
        signature=members["signature"],
    )


def check_document(document: ProofDocument, trusted: Iterable[VerifierKey] | None = None) -> ProvenRecord:
    """Return what a document proves, if all its keys are among `trusted`; without any, its own are believed.

    `trusted` are keys of one organisation: those of its logs, and those of its receipts.

    Raises MalformedProof, MalformedNote, UntrustedNote, MalformedCheckpoint or ProofMismatch: the message says what is
    wrong.
    """
    believed = [document.key] if trusted is None else list(trusted)
    if document.key not in believed:
        raise ProofMismatch("The bundle is signed with another key than those that you trust.")
    entry = open_bundle(document.proof, document.key.name, [document.key])
    if entry.kind != EntryKind.DECISION_RECORDED:
        raise ProofMismatch("The bundle's entry is no decision.")
    ring = _ring(document, None if trusted is None else believed)
    receipt = _receipt(document, ring, entry)
    policy = _policy(document, entry)
    _check_statement(document, ring, entry)
    return ProvenRecord(entry, receipt, policy, document.statement)


class _Nothing:
    """What no value is."""


def _written(members: Mapping[str, Any]) -> bytes:
    return canonical_json(dict(members)).replace(b"<", b"\\u003c")


def _ring(document: ProofDocument, trusted: Sequence[VerifierKey] | None) -> KeyRing:
    used = {_key_id(token) for token in (document.receipt, document.signature)}
    if (
        {key.key_id for key in document.receipt_keys} != used
        or len(document.receipt_keys) != len(used)
        # Whose they are is for the reader to know: a log that took over goes on with the keys of the one before it.
        or not all(is_receipt_key(key) for key in document.receipt_keys)
    ):
        raise ProofMismatch("The bundle's receipt keys are not the ones that its receipt and statement need.")
    if is_receipt_key(document.key):
        raise ProofMismatch("The bundle's checkpoint is signed with a receipt key, and those sign for no log.")
    # Nothing that the log's key signed names these: whoever trusts that one alone would believe anybody's statement.
    if trusted is not None and not all(key in trusted for key in document.receipt_keys):
        raise ProofMismatch(
            "The bundle's receipt or its statement is signed with another key than those that you trust: "
            "the organisation's receipt keys are needed beside the log's."
        )
    return KeyRing(document.receipt_keys)


def _key_id(token: str) -> bytes:
    try:
        claimed_payload(token)
    except TokenError:
        raise MalformedProof("The receipt or the signature in the bundle is no token.") from None
    return base64url_decode(token.rpartition(".")[2].encode())[:4]


def _receipt(document: ProofDocument, ring: KeyRing, entry: ProvenEntry) -> Receipt:
    try:
        receipt = parse_receipt(TokenVerifier(ring, RECEIPT_SALT).payload(document.receipt))
    except (TokenError, ReceiptFormatError):
        raise ProofMismatch("The receipt's signature does not hold.") from None
    what, given = entry.what, int(str(entry.what["server_time"])) // 1000
    same = (
        receipt.site == what["site"]
        and dict(receipt.purposes) == what["purposes"]
        and receipt.revision == what["revision"]
        and receipt.policy16 == bytes.fromhex(str(what["policy"]))[:_SHORT_DIGEST]
    )
    if receipt.anonymous:
        same = same and receipt.given_at == given - given % DAY
    else:
        own = (
            receipt.subject,
            receipt.record,
            receipt.leaf,
            receipt.given_at,
            receipt.method,
            receipt.gpc,
            receipt.rule,
        )
        told = (
            entry.who.get("subject"),
            what["record"],
            entry.leaf_hash,
            given,
            what["method"],
            what["gpc"],
            what["rule"],
        )
        same = same and own == told
    if not same:
        raise ProofMismatch("The receipt is genuine, but it says something else than the entry.")
    return receipt


def _policy(document: ProofDocument, entry: ProvenEntry) -> Policy:
    try:
        policy = parse_policy(document.policy)
    except InvalidPolicy:
        policy = None
    if policy is None or policy_digest(policy) != entry.what["policy"]:
        raise ProofMismatch("The policy in the bundle is not the one that was shown: the entry names another.")
    if entry.what["language"] not in policy.languages:
        raise ProofMismatch("The policy in the bundle has no text in the language that was shown.")
    return policy


def _check_statement(document: ProofDocument, ring: KeyRing, entry: ProvenEntry) -> None:
    expected = signed_statement(str(entry.what["record"]), document.statement)
    try:
        signed = TokenVerifier(ring, STATEMENT_SALT).payload(document.signature)
    except TokenError:
        signed = b""
    if signed != expected:
        raise ProofMismatch("The statement is not the one that the service signed for this record.")
