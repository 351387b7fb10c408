"""`askfirst audit proof` and `audit statement`: what leaves the service about one record. Each is an entry."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from askfirst.core.kinds import EntryKind
from askfirst.core.proof_document import STATEMENT_SALT
from askfirst.output import say
from askfirst.usecases.keys import RECEIPT, active_key
from askfirst.usecases.proof_documents import proof_document, proof_page
from askfirst.usecases.proofs import record_bundle
from askfirst.usecases.statements import make_statement
from askfirst.workplace import Workplace, choose_workplace
from askfirst_sdk.signing import TokenSigner

app = typer.Typer()

_Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]
_Record = Annotated[str, typer.Argument(help="Record id.")]
_Out = Annotated[Path | None, typer.Option(help="File to write; without it the text is printed.")]


class BundleForm(StrEnum):
    """The forms that a proof bundle has."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class StatementForm(StrEnum):
    """The forms that a statement has."""

    RECORD = "record"
    RECEIPT = "receipt"


class PageLanguage(StrEnum):
    """The languages that the page of a bundle speaks."""

    EN = "en"
    DE = "de"


@app.command("proof")
def proof_command(
    record: _Record,
    form: Annotated[
        BundleForm, typer.Option("--format", help="html: a page that checks itself; json: the same for programs.")
    ] = BundleForm.TEXT,
    language: Annotated[PageLanguage, typer.Option(help="Of the page, at first.")] = PageLanguage.EN,
    out: _Out = None,
    organisation: _Organisation = None,
) -> None:
    """Write one record's proof bundle: its content and its place in the log, to be checked by anybody."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    if form is BundleForm.TEXT:
        data = record_bundle(place.ledger, log_id, record)
    else:
        directory = place.directory()
        data = proof_document(
            directory,
            place.ledger,
            log_id,
            record,
            statement=_statement(place, log_id, record, StatementForm.RECORD),
            signer=TokenSigner(active_key(directory.keys, place.keys, log_id, RECEIPT), STATEMENT_SALT),
        )
        if form is BundleForm.HTML:
            data = proof_page(data, str(UUID(record)), language.value)
    place.leave(log_id, EntryKind.RECORD_VIEWED, {"record": str(UUID(record)), "via": "cli"})
    _hand_out(data.decode(), out)
    if out is not None:
        keys = " --key VERIFIER_KEY" if form is BundleForm.TEXT else ""
        say(f"Written to {out}. Check it anywhere: askfirst ledger verify --bundle {out}{keys}")


@app.command("statement")
def statement_command(
    record: _Record,
    form: Annotated[
        StatementForm, typer.Option("--form", help="The consent record, or the receipt that wraps it.")
    ] = StatementForm.RECORD,
    out: _Out = None,
    organisation: _Organisation = None,
) -> None:
    """Write one record's statement: JSON-LD in the fields of ISO/IEC TS 27560 and the terms of the DPV."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    statement = _statement(place, log_id, record, form.value)
    place.leave(log_id, EntryKind.RECORD_VIEWED, {"record": str(UUID(record)), "via": "cli"})
    _hand_out(json.dumps(statement, ensure_ascii=False, indent=2) + "\n", out)
    if out is not None:
        say(f"Written to {out}.")


def _statement(place: Workplace, log_id: int, record: str, form: str) -> dict[str, Any]:
    return make_statement(
        place.directory(),
        place.ledger,
        place.records,
        place.forgetting,
        log_id,
        record,
        public_url=place.settings.public_url,
        now=place.by.clock(),
        form=form,
    )


def _hand_out(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8", newline="")
