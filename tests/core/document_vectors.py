"""The examples of proof bundles as documents: one that holds, and each member altered in turn (formats.md 10)."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from askfirst.core.bundle import Opening
from askfirst.core.canonical import canonical_json
from askfirst.core.leaf import commit_what, commit_who, leaf_bytes
from askfirst.core.policy import canonical_policy, policy_digest
from askfirst.core.proof_document import STATEMENT_SALT, ProofDocument, signed_statement, write_document
from askfirst.core.record import decision_what, decision_who
from askfirst.core.statement import Stated, record_statement
from askfirst.core.strict_json import strict_json
from askfirst.core.tree import leaf_hash
from askfirst_sdk.receipt import grant_receipt, receipt_payload, refusal_receipt
from askfirst_sdk.signing import SigningKey, TokenSigner
from askfirst_sdk.subject import consent_id
from askfirst_sdk.token import RECEIPT_SALT
from core.bundle_vectors import KEY, ORIGIN, OTHER_KEY, OTHER_LOG, made
from core.examples import NOON, RECORD, SUBJECT, policy, small, what

RECEIPT_KEY = SigningKey.from_seed(f"{ORIGIN}/receipts", bytes(range(2, 34)))
OTHER_RECEIPT_KEY = SigningKey.from_seed(f"{ORIGIN}/receipts", bytes(range(3, 35)))
# Of the log that this one took over from: it goes on with the receipt keys that are there.
EARLIER_RECEIPT_KEY = SigningKey.from_seed("consent.example/log/before/receipts", bytes(range(4, 36)))
_DAY = 86_400
_LIFETIME = 182 * _DAY


def document(*, granted: bool = True, key: SigningKey = KEY, receipt_key: SigningKey = RECEIPT_KEY) -> ProofDocument:
    """Return a document that holds: of a grant, or of a full refusal."""
    shown = policy(small())
    digest = policy_digest(shown)
    asked = shown.optional_purposes
    purposes = dict.fromkeys(asked, granted)
    method = "accept_all" if granted else "reject_all"
    said = what(
        policy=digest,
        revision=shown.revision,
        purposes=purposes,
        method=method,
        language=shown.languages[0],
        site=shown.site,
    )
    opening = Opening(
        decision_what(**said),
        bytes(range(32)),
        decision_who(record=RECORD, subject=SUBJECT if granted else None),
        bytes(range(32, 64)),
    )
    members: Any = strict_json(opening.what)
    leaf = leaf_bytes(
        members["kind"], commit_what(opening.what_salt, opening.what), commit_who(opening.who_salt, opening.who)
    )
    given = members["server_time"] // 1000
    common: dict[str, Any] = {
        "site": shown.site,
        "policy16": bytes.fromhex(digest)[:16],
        "revision": shown.revision,
    }
    receipt = (
        grant_receipt(
            **common,
            subject=SUBJECT,
            record=RECORD,
            leaf=leaf_hash(leaf),
            purposes=purposes,
            method=method,
            gpc=members["gpc"],
            given_at=given,
            expires_at=given + _LIFETIME,
            rule=members["rule"],
        )
        if granted
        else refusal_receipt(**common, purposes=asked, given_at=given, lifetime=_LIFETIME)
    )
    statement = record_statement(
        Stated(
            what=members,
            consent_id=consent_id(SUBJECT) if granted else None,
            policy=shown,
            had=frozenset(),
            place=f"https://consent.example/p/{shown.site}/{digest}.json",
            context="https://consent.example/schema/statement/1",
            now=NOON,
        )
    )
    return ProofDocument(
        key=key.verifier,
        receipt_keys=(receipt_key.verifier,),
        proof=made(opening, 6, 4, key=key).data,
        receipt=TokenSigner(receipt_key, RECEIPT_SALT).token(receipt_payload(receipt)),
        policy=canonical_policy(shown),
        statement=statement,
        signature=TokenSigner(receipt_key, STATEMENT_SALT).token(signed_statement(RECORD, statement)),
    )


def accepted() -> dict[str, bytes]:
    """Return documents that hold."""
    taken_over = document(receipt_key=EARLIER_RECEIPT_KEY)
    return {
        "a grant": write_document(document()),
        "a full refusal": write_document(document(granted=False)),
        "a log that took over": write_document(taken_over),
        "a log that took over, and a receipt key of its own": write_document(
            replace(
                taken_over,
                signature=document().signature,
                receipt_keys=(EARLIER_RECEIPT_KEY.verifier, RECEIPT_KEY.verifier),
            )
        ),
    }


def refused() -> dict[str, tuple[bytes, str]]:
    """Return documents of which each is wrong in one way, with the step's name at which that is noticed."""
    good, refusal, other = document(), document(granted=False), document(receipt_key=OTHER_RECEIPT_KEY)
    statement = {**good.statement, "language": ["xx"]}
    unnamed = document(receipt_key=OTHER_LOG)

    def raw(change: Callable[[dict[str, Any]], None]) -> bytes:
        members = json.loads(write_document(good))
        change(members)
        return canonical_json(members).replace(b"<", b"\\u003c")

    return {
        "format": (raw(lambda members: members.update(format="askfirst/bundle/2")), "form"),
        "key: another one of the same name": (write_document(replace(good, key=OTHER_KEY.verifier)), "signature"),
        "key: no key": (raw(lambda members: members.update(key=good.key.text[:-4])), "form"),
        "key: a receipt's": (write_document(document(key=RECEIPT_KEY)), "keys"),
        "proof: another place": (
            write_document(replace(good, proof=good.proof.replace(b"\nindex 6\n", b"\nindex 5\n"))),
            "place",
        ),
        "proof: another signature": (write_document(replace(good, proof=document(key=OTHER_KEY).proof)), "signature"),
        "proof: another record": (write_document(replace(good, proof=refusal.proof)), "receipt-other"),
        "proof: nothing": (write_document(replace(good, proof=b"")), "proof"),
        "receipt: another answer": (write_document(replace(good, receipt=refusal.receipt)), "receipt-other"),
        "receipt: another signature": (
            write_document(replace(good, receipt=good.receipt[:-3] + ("AAA" if good.receipt[-3:] != "AAA" else "BBA"))),
            "receipt",
        ),
        "receipt: another key": (write_document(replace(good, receipt=other.receipt)), "keys"),
        "receipt: no token": (write_document(replace(good, receipt="nothing")), "keys"),
        "receipt_keys: another one": (write_document(replace(good, receipt_keys=other.receipt_keys)), "keys"),
        "receipt_keys: one too many": (
            write_document(replace(good, receipt_keys=(*good.receipt_keys, *other.receipt_keys))),
            "keys",
        ),
        "receipt_keys: none": (write_document(replace(good, receipt_keys=())), "keys"),
        "receipt_keys: the checkpoint's": (write_document(replace(good, receipt_keys=(KEY.verifier,))), "keys"),
        "receipt_keys: of another log, and not of its receipts": (write_document(unnamed), "keys"),
        "policy: another word": (
            write_document(replace(good, policy=good.policy.replace(b"Example Ltd", b"Example Inc"))),
            "policy",
        ),
        "policy: nothing": (write_document(replace(good, policy=b"{}")), "policy"),
        "statement: another language": (write_document(replace(good, statement=statement)), "statement"),
        "statement: nothing": (write_document(replace(good, statement={})), "statement"),
        "signature: of the receipt": (write_document(replace(good, signature=good.receipt)), "statement"),
        "signature: of another statement": (write_document(replace(good, signature=refusal.signature)), "statement"),
        "a member too many": (raw(lambda members: members.update(more="x")), "form"),
        "a member too few": (raw(lambda members: members.pop("policy")), "form"),
        "a member of another type": (raw(lambda members: members.update(receipt_keys={})), "form"),
        "white space": (write_document(good) + b"\n", "form"),
        "a sign that could end a page's element": (write_document(good).replace(b"\\u003c", b"<") + b" ", "form"),
        "nothing": (b"", "form"),
        "no JSON": (b"\xff", "form"),
        "a list": (b"[]", "form"),
    }


def documents() -> dict[str, Any]:
    """Return the content of document.json."""
    return {
        "about": "formats.md, 10. `document` is the JSON text; `step` names what is noticed first.",
        "key": KEY.verifier.text,
        "receipt_key": RECEIPT_KEY.verifier.text,
        "accepts": [{"what": name, "document": data.decode()} for name, data in accepted().items()],
        "rejects": [
            {"what": name, "document": data.decode(errors="replace"), "step": step}
            for name, (data, step) in refused().items()
        ],
    }
