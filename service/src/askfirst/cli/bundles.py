"""`askfirst ledger verify --bundle`: check a proof bundle of any form, without a database."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import typer

from askfirst.core.bundle import ProvenEntry, open_bundle
from askfirst.core.canonical import b64url
from askfirst.core.errors import ConfigurationFault, LedgerFault
from askfirst.core.proof_document import MAX_DOCUMENT_BYTES, ProofDocument, check_document, read_document
from askfirst.output import say, utc
from askfirst.usecases.proof_documents import document_in
from askfirst_sdk.errors import KeyFormatError
from askfirst_sdk.keys import VerifierKey

_TEXT_FORM: Final = b"c2sp.org/tlog-proof@v1\n"
_PAGE_BYTES: Final = 200_000  # what a page holds beside its document
_TIMEOUT_S: Final = 10.0


def verify_bundle(path: Path, texts: list[str], online: str | None) -> None:
    """Say whether the bundle in a file is genuine, and end with exit code 2 where it is not."""
    with path.open("rb") as file:
        data = file.read(MAX_DOCUMENT_BYTES + _PAGE_BYTES)
    is_text = data.startswith(_TEXT_FORM)
    given = _keys(texts)
    try:
        document = None if is_text else read_document(document_in(data))
        if online and not given:
            given = _published(online, document)
        entry = _entry(data, document, given)
    except LedgerFault as error:
        say(f"NOT genuine: {error}")
        raise typer.Exit(2) from None
    _tell(entry)
    if document and not given:
        say("The keys are the bundle's own:")
        for key in (document.key, *document.receipt_keys):
            say(f"  {key.text}")
        say("Compare each with those that the service publishes, or give those with --key, --keys or --online.")
    if online:
        _tell_now(online, entry)
    else:
        say(
            "It proves what was recorded, and when the service says it was; not that it is still kept: ask the service."
        )


def _entry(data: bytes, document: ProofDocument | None, given: list[VerifierKey]) -> ProvenEntry:
    checkpoint_keys = [key for key in given if not key.name.endswith("/receipts")]
    if document is not None:
        return check_document(document, given or None).entry
    if len({key.name for key in checkpoint_keys}) != 1:
        said = "must give the checkpoint keys of one log, as its address /log/SLUG/keys has them"
        raise ConfigurationFault([("--key", said)])
    return open_bundle(data, checkpoint_keys[0].name, checkpoint_keys)


def _keys(texts: list[str]) -> list[VerifierKey]:
    try:
        return [VerifierKey.parse(text) for text in texts]
    except KeyFormatError as error:
        raise ConfigurationFault([("--key", f"is no verifier key: {error}")]) from None


def _tell(proven: ProvenEntry) -> None:
    log, what = proven.checkpoint, proven.what
    say(f"Genuine: this is entry {proven.index + 1:,} of the {log.size:,} that the log {log.origin} signed for.")
    for name, value in what.items():
        shown = utc(value) if name.endswith("time") and isinstance(value, int) else value
        say(f"  {name:12} {shown}")
    for name, value in proven.who.items():
        if name not in what:
            say(f"  {name:12} {value}")


def _published(online: str, document: ProofDocument | None) -> list[VerifierKey]:
    """Return the keys that the service publishes for the log that a document names."""
    if document is None:
        raise ConfigurationFault([("--key", "must be given for a bundle in the text form, which names no log")])
    return _keys(_ask(online, f"/log/{_slug(document.key.name)}/keys").text.split())


def _tell_now(online: str, entry: ProvenEntry) -> None:
    address = f"/log/{_slug(entry.checkpoint.origin)}/proof/inclusion"
    record = str(entry.what.get("record") or entry.what.get("entry", ""))
    found: Any = _ask(online, f"{address}?record={quote(record)}&leaf={b64url(entry.leaf_hash)}").json()
    match found.get("forgotten") if isinstance(found, dict) else None:
        case "record:erased":
            say("Erased since: the service says that the content of this record was erased. Its entry still stands.")
        case "record:retained":
            say("No longer kept: the time for which this record was kept is over. Its entry still stands.")
        case _:
            say("Still kept: the service has this record under this entry, and it was not erased.")


def _ask(online: str, path: str) -> httpx.Response:
    address = online.rstrip("/") + path
    try:
        answer = httpx.get(address, timeout=_TIMEOUT_S, follow_redirects=False)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ConfigurationFault([("--online", f"could not be asked at {address}: {error}")]) from None
    return answer


def _slug(origin: str) -> str:
    return quote(origin.rpartition("/")[2])
