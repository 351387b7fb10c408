"""Make the proof bundle of a record as one document, and as a page that checks itself (formats.md 10)."""

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from askfirst.core.checkpoint import open_own_checkpoint
from askfirst.core.errors import LedgerFault, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.policy import canonical_policy
from askfirst.core.proof import parse_proof
from askfirst.core.proof_document import ProofDocument, signed_statement, write_document
from askfirst.usecases.directory import Directory
from askfirst.usecases.entry_parts import read_part
from askfirst.usecases.keys import CHECKPOINT, RECEIPT
from askfirst.usecases.ports import Ledger
from askfirst.usecases.proofs import NO_SUCH, record_bundle
from askfirst.usecases.rows import PublicKey
from askfirst_sdk.encoding import base64url_decode
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.signing import TokenSigner

LANGUAGES: Final = ("en", "de")
# The forms of a bundle, and how the name of such a file ends.
ENDINGS: Final[Mapping[str, str]] = {"html": "proof.html", "json": "proof.json", "text": "tlog-proof"}
_STATIC: Final = files("askfirst") / "static" / "proof"
_PAGES: Final = Environment(
    loader=PackageLoader("askfirst.usecases"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def proof_document(
    directory: Directory,
    ledger: Ledger,
    log_id: int,
    record_id: str,
    sites: tuple[str, ...] | None = None,
    *,
    statement: Mapping[str, Any],
    signer: TokenSigner,
) -> bytes:
    """Return a record's proof bundle as JSON; `signer` signs its statement with a receipt key (`STATEMENT_SALT`).

    Raises like `record_bundle`, and NotFound where the receipt or the policy is not there any more.
    """
    proof = record_bundle(ledger, log_id, record_id, sites)
    record = str(statement["identifier"][0])
    raw = bytes.fromhex(record.replace("-", ""))
    stored, entry = ledger.record_of(log_id, raw), ledger.entry(log_id, raw)
    site = directory.sites.get(stored.site_key) if stored else None
    what = read_part(entry.what if entry else None)
    live = site.policies.get(str(what.get("policy"))) if site else None
    if entry is not None and entry.kind == EntryKind.DECISION_IMPORTED:
        raise NotFound("An imported answer has no receipt and no policy: its proof is the bundle in the form text.")
    if stored is None or live is None or not stored.receipt:
        raise NotFound(NO_SUCH)
    signature = signer.token(signed_statement(record, statement))
    signers = {base64url_decode(token.rpartition(".")[2].encode())[:4] for token in (stored.receipt, signature)}
    receipt_keys = directory.keys_of(log_id, RECEIPT)
    return write_document(
        ProofDocument(
            key=_checkpoint_key(directory.keys_of(log_id, CHECKPOINT), parse_proof(proof).checkpoint),
            receipt_keys=tuple(VerifierKey.parse(one.verifier) for one in receipt_keys if one.key_id in signers),
            proof=proof,
            receipt=stored.receipt,
            policy=canonical_policy(live.policy),
            statement=statement,
            signature=signature,
        )
    )


def proof_page(document: bytes, record: str, language: str) -> bytes:
    """Return the page that shows a document and checks it by itself, in one of `LANGUAGES` at first.

    It holds the document's very bytes, asks nobody for anything, and lets nothing run but its own script.
    """
    script, style = _part("page.js"), _part("page.css")
    return (
        _PAGES.get_template("proof_page.html")
        .render(
            language=language,
            record=record,
            style=Markup(style),  # noqa: S704 (our own file, without a `<`)
            script=Markup(script),  # noqa: S704 (the same)
            document=Markup(document.decode()),  # noqa: S704 (a document has no `<`)
            policy=f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}';"
            " base-uri 'none'; form-action 'none'",
        )
        .encode()
    )


def document_in(data: bytes) -> bytes:
    """Return the document in the bytes of a page, or the bytes as they are if they are no page."""
    start, end = b'<script type="application/json" id="bundle">', b"</script>"
    _before, found, rest = data.partition(start)
    return rest.partition(end)[0] if found else data


def _checkpoint_key(keys: tuple[PublicKey, ...], note: bytes) -> VerifierKey:
    """Return the key that signed a checkpoint. Raises LedgerFault where none of the log's keys did."""
    for key in (VerifierKey.parse(one.verifier) for one in keys):
        with suppress(LedgerFault):
            open_own_checkpoint(note, [key])
            return key
    raise LedgerFault("The last checkpoint is signed with none of the log's keys.")


@cache
def _part(name: str) -> str:
    text = (_STATIC / name).read_text(encoding="utf-8")
    if "</" in text or "<!--" in text:
        raise ValueError(f"{name} would end the element that it stands in")
    return text


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
