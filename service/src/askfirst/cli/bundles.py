"""`askfirst ledger verify --bundle`: check a proof bundle of any form, without a database."""

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import typer

from askfirst.core.bundle import ProvenEntry, open_bundle
from askfirst.core.canonical import b64url
from askfirst.core.errors import ConfigurationFault, LedgerFault
from askfirst.core.proof import parse_proof
from askfirst.core.proof_document import (
    MAX_DOCUMENT_BYTES,
    ProofDocument,
    check_document,
    is_receipt_key,
    read_document,
)
from askfirst.output import say, utc
from askfirst.usecases.proof_documents import document_in
from askfirst_sdk.errors import KeyFormatError
from askfirst_sdk.keys import VerifierKey

_TEXT_FORM: Final = b"c2sp.org/tlog-proof@v1\n"
_LOG_ADDRESS: Final = re.compile(r"/log/[^/?#]+\Z")
_PAGE_BYTES: Final = 200_000  # what a page holds beside its document
_TIMEOUT_S: Final = 10.0


def verify_bundle(path: Path, texts: list[str], online: str | None) -> None:
    """Say whether the bundle in a file is genuine, and end with exit code 2 where it is not."""
    with path.open("rb") as file:
        data = file.read(MAX_DOCUMENT_BYTES + _PAGE_BYTES)
    given = _keys(texts, "--key")
    try:
        document = None if data.startswith(_TEXT_FORM) else read_document(document_in(data))
        if online and not given:
            given = _published(online, _origin(data, document))
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
    if document is not None:
        return check_document(document, given or None).entry
    if not given:
        said = "must be given for a bundle in the text form, or --online: the address /log/SLUG/keys has the log's keys"
        raise ConfigurationFault([("--key", said)])
    # An organisation whose log was succeeded has keys of several logs: the bundle is of the one that it names.
    origin = _origin(data, None)
    return open_bundle(data, origin, [key for key in given if key.name == origin and not is_receipt_key(key)])


def _origin(data: bytes, document: ProofDocument | None) -> str:
    """Return the log that a bundle says it is of, nothing checked. Raises MalformedProof."""
    if document is not None:
        return document.key.name
    return parse_proof(data).checkpoint.partition(b"\n")[0].decode("utf-8", "replace")


def _keys(texts: list[str], named: str) -> list[VerifierKey]:
    try:
        return [VerifierKey.parse(text) for text in texts]
    except KeyFormatError as error:
        raise ConfigurationFault([(named, f"is no verifier key: {error}")]) from None


def _tell(proven: ProvenEntry) -> None:
    log, what = proven.checkpoint, proven.what
    say(f"Genuine: this is entry {proven.index + 1:,} of the {log.size:,} that the log {log.origin} signed for.")
    for name, value in what.items():
        shown = utc(value) if name.endswith("time") and isinstance(value, int) else value
        say(f"  {name:12} {shown}")
    for name, value in proven.who.items():
        if name not in what:
            say(f"  {name:12} {value}")


def _published(online: str, origin: str) -> list[VerifierKey]:
    """Return the keys that the service publishes for the organisation of a log."""
    address = f"{_log_address(online, origin)}/keys"
    answer = _ask(address)
    if answer is None:
        said = f"has no keys at {address}; if the log {origin} is elsewhere there, give its address, .../log/SLUG"
        raise ConfigurationFault([("--online", said)])
    return _keys(answer.text.split(), f"--online: what is at {address}")


def _tell_now(online: str, entry: ProvenEntry) -> None:
    record = str(entry.what.get("record") or entry.what.get("entry", ""))
    address = f"{_log_address(online, entry.checkpoint.origin)}/proof/inclusion"
    answer = _ask(f"{address}?record={quote(record)}&leaf={b64url(entry.leaf_hash)}")
    if answer is None:
        say(f"Not there: at {address} the service has no record under this entry.")
        say("It was lost, as what a restored backup does not have is, or the log is elsewhere there: give .../log/SLUG")
        raise typer.Exit(1)
    try:
        found: Any = answer.json()
    except ValueError:
        said = f"is no log of Askfirst: what is at {address} is no JSON; give the address of the log, .../log/SLUG"
        raise ConfigurationFault([("--online", said)]) from None
    match found.get("forgotten") if isinstance(found, dict) else None:
        case "record:erased":
            say("Erased since: the service says that the content of this record was erased. Its entry still stands.")
        case "record:retained":
            say("No longer kept: the time for which this record was kept is over. Its entry still stands.")
        case _:
            say("Still kept: the service has this record under this entry, and it was not erased.")


def _log_address(online: str, origin: str) -> str:
    """Return the log's address: the one that was given, or at the service that was given the one its origin ends in."""
    base = online.rstrip("/")
    return base if _LOG_ADDRESS.search(base) else f"{base}/log/{quote(origin.rpartition('/')[2], safe='')}"


def _ask(address: str) -> httpx.Response | None:
    """Return what the service answers, None where it has nothing there. Raises ConfigurationFault without an answer."""
    try:
        answer = httpx.get(address, timeout=_TIMEOUT_S, follow_redirects=False)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ConfigurationFault([("--online", f"could not be asked at {address}: {error}")]) from None
    return answer
