"""The proof bundle as one document: it proves by itself, and one altered member is noticed for what it is."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from askfirst.core.errors import LedgerFault, MalformedProof, ProofMismatch
from askfirst.core.proof_document import (
    STATEMENT_SALT,
    ProvenRecord,
    check_document,
    read_document,
    signed_statement,
    write_document,
)
from askfirst_sdk.signing import TokenSigner
from core.bundle_vectors import KEY, OTHER_KEY
from core.document_vectors import EARLIER_RECEIPT_KEY, OTHER_RECEIPT_KEY, RECEIPT_KEY, accepted, document, refused
from core.examples import RECORD
from core.independent_checker import Refused, check
from core.make_vectors import FOLDER

# What is said of each step that fails.
SAID = {
    "form": "This is not a proof bundle|The proof bundle|A key in the proof bundle",
    "proof": "The proof holds no checkpoint",
    "place": "The entry is not number",
    "signature": "key",
    "keys": "receipt keys are not the ones|is no token|is signed with a receipt key",
    "receipt": "The receipt's signature does not hold",
    "receipt-other": "The receipt is genuine, but it says something else than the entry",
    "policy": "The policy in the bundle is not the one that was shown",
    "statement": "The statement is not the one that the service signed",
}
KEYS = (KEY.verifier, RECEIPT_KEY.verifier, EARLIER_RECEIPT_KEY.verifier)
VECTORS = json.loads((FOLDER / "document.json").read_bytes())


def checked(data: bytes, *trusted: Any) -> ProvenRecord:
    return check_document(read_document(data), trusted or None)


@pytest.mark.parametrize("example", VECTORS["accepts"], ids=lambda one: one["what"])
def test_a_document_proves_what_it_shows(example: dict[str, str]) -> None:
    """By its own keys, by keys that were published, and for a reader that has none of our code."""
    data = example["document"].encode()
    proven = checked(data)

    assert proven == checked(data, OTHER_KEY.verifier, *KEYS)
    assert dict(proven.entry.what) == check(data)
    assert proven.policy.controller.name == "Example Ltd"
    assert data == write_document(read_document(data))
    assert b"<" not in data


@pytest.mark.parametrize("example", VECTORS["rejects"], ids=lambda one: one["what"])
def test_each_altered_member_is_told_for_what_it_is(example: dict[str, str]) -> None:
    """The right sentence, and no other reader believes it either."""
    data = example["document"].encode()
    with pytest.raises(LedgerFault, match=SAID[example["step"]]):
        checked(data)
    if example["step"] != "form":
        with pytest.raises(Refused):
            check(data)


def test_another_key_than_the_trusted_one_is_told() -> None:
    """Whoever knows the log's key is not talked into another; the same goes for receipt keys."""
    data = accepted()["a grant"]
    with pytest.raises(ProofMismatch, match="The bundle is signed with another key than those that you trust"):
        checked(data, OTHER_KEY.verifier, RECEIPT_KEY.verifier)
    with pytest.raises(ProofMismatch, match="receipt or its statement is signed with another key than those that you"):
        checked(data, KEY.verifier, OTHER_RECEIPT_KEY.verifier)


@pytest.mark.parametrize("example", [True, False], ids=["a grant", "a full refusal"])
def test_a_statement_that_somebody_else_signed_is_told_by_whoever_has_the_keys(example: bool) -> None:
    """Nothing that the log's key signed names the receipt keys: that one alone does not tell whose they are."""
    good = document(granted=example)
    statement = {**good.statement, "language": ["xx"]}
    forged = replace(
        good,
        statement=statement,
        signature=TokenSigner(OTHER_RECEIPT_KEY, STATEMENT_SALT).token(signed_statement(RECORD, statement)),
        receipt_keys=(*good.receipt_keys, OTHER_RECEIPT_KEY.verifier),
    )

    assert ["xx"] == check_document(forged).statement["language"]
    for trusted in ([KEY.verifier], [KEY.verifier, RECEIPT_KEY.verifier]):
        with pytest.raises(ProofMismatch, match="its statement is signed with another key than those that you trust"):
            check_document(forged, trusted)
    with pytest.raises(ProofMismatch, match="receipt keys are needed beside the log's"):
        check_document(good, [KEY.verifier])


def test_a_whole_forgery_proves_nothing_to_whoever_has_the_key() -> None:
    """With keys of its own, everything in it fits: it is the key that tells."""
    forged = write_document(document(key=OTHER_KEY, receipt_key=OTHER_RECEIPT_KEY))

    assert checked(forged).entry.what == checked(accepted()["a grant"]).entry.what
    with pytest.raises(ProofMismatch):
        checked(forged, KEY.verifier, RECEIPT_KEY.verifier)


def test_no_changed_byte_goes_unnoticed() -> None:
    """Anywhere in the document, one changed character."""
    good = accepted()["a grant"]
    # Every place would take minutes: a fixed choice of them, the first and the last among them.
    places = {0, len(good) - 1, *random.Random(0).sample(range(len(good)), 150)}
    for at in sorted(places):
        altered = good[:at] + (b"x" if good[at : at + 1] != b"x" else b"y") + good[at + 1 :]
        with pytest.raises(LedgerFault):
            checked(altered)


def test_too_long_a_document_is_not_read() -> None:
    """Its length is looked at before anything else."""
    with pytest.raises(MalformedProof, match="at most 4000000 bytes"):
        read_document(b" " * 4_000_001)


def test_the_examples_say_what_they_are() -> None:
    """Every member is altered in at least one way."""
    members = set(json.loads(accepted()["a grant"]))

    assert members <= {name.partition(":")[0] for name in refused()}
