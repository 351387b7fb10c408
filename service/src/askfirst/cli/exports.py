"""`askfirst audit export`: records as a file, with a bar, a manifest, and a way to go on after an interruption."""

import json
from pathlib import Path
from typing import Annotated, BinaryIO
from uuid import UUID

import typer

from askfirst.cli.filters import (
    ConsentId,
    From,
    Granted,
    Language,
    Method,
    Organisation,
    Origin,
    Policy,
    Refused,
    Rule,
    Site,
    To,
    asked,
)
from askfirst.core.errors import ConfigurationFault
from askfirst.core.kinds import EntryKind
from askfirst.output import progress, say
from askfirst.usecases.export import FORMATS, Export, known_policies, order_of
from askfirst.usecases.record_filters import PARAMETERS, read_filters, told
from askfirst.usecases.search import require_place
from askfirst.workplace import Workplace, choose_workplace

app = typer.Typer()

_CHUNK = 1 << 20
_COUNTED = 1 << 40
_BEGINS = {"ndjson": (b'{"record":',), "csv": (b"record,", b"\xef\xbb\xbfrecord,")}


@app.command("export")
def export_command(
    out: Annotated[Path, typer.Option(help="File to write. Beside it comes a manifest: FILE.manifest.json.")],
    format_: Annotated[str, typer.Option("--format", help="ndjson, csv or parquet.")] = "ndjson",
    site: Site = None,
    since: From = None,
    before: To = None,
    consent_id: ConsentId = None,
    method: Method = None,
    granted: Granted = None,
    refused: Refused = None,
    policy: Policy = None,
    language: Language = None,
    origin: Origin = None,
    rule: Rule = None,
    service: Annotated[str | None, typer.Option(help="Only what concerns this service, by its id.")] = None,
    bom: Annotated[bool, typer.Option("--bom", help="Begin a CSV with a byte order mark, for spreadsheets.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a file that was interrupted.")] = False,
    organisation: Organisation = None,
) -> None:
    """Write records to a file, oldest first: NDJSON, CSV or Parquet. It is an entry."""
    filters = asked(locals(), PARAMETERS)
    if format_ not in FORMATS:
        raise ConfigurationFault([("--format", f"must be one of {', '.join(FORMATS)}")])
    if resume and format_ == "parquet":
        raise ConfigurationFault([("--resume", "can not go on with a Parquet file, which is whole or nothing")])
    if out.exists() and not out.is_file():
        raise ConfigurationFault([(str(out), "is no file that could be written and read again; name another")])
    if out.exists() and not resume:
        raise ConfigurationFault([(str(out), "exists; name another file, or go on with it: --resume")])
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    # What can not be exported is told before there is a file in the way of the command that is put right.
    order_of(read_filters(filters, None), format=format_, mark=bom, service=service, now=place.by.clock())
    known_policies(place.directory(), log_id, service)
    with out.open("r+b" if resume and out.exists() else "w+b") as file:
        cursor = _whole_lines(file, format_) if resume else None
        # Where it goes on is no part of what the file holds.
        query = read_filters([*filters, *([("cursor", cursor)] if cursor else [])], None)
        require_place(place.ledger, log_id, query.after_id)
        order = order_of(query, format=format_, mark=bom, service=service, now=place.by.clock())
        going = Export(order)
        _take_up(file, going)
        try:
            with progress("Exported") as advance:
                of = place.records.count(log_id, order.query, _COUNTED)
                for part in going.parts(place.exports, log_id, place.directory()):
                    file.write(part)
                    advance(min(going.rows, of), of)
        finally:
            _note(place, log_id, going, told(filters, found=going.last_record))
    checkpoint = place.ledger.last_checkpoint(log_id)
    manifest = {"filters": dict(sorted(filters)), **going.manifest(checkpoint.note if checkpoint else None)}
    beside = out.with_name(f"{out.name}.manifest.json")
    beside.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    say(f"{going.rows:,} records are in {out}; {beside.name} has the digest and the checkpoint.")


def _note(place: Workplace, log_id: int, going: Export, filters: dict[str, object]) -> None:
    if going.order.service is not None:
        filters["service"] = going.order.service
    members = {
        "filters": filters,
        "format": going.order.format,
        "rows": going.rows,
        "digest": going.digest,
        "via": "cli",
    }
    place.leave(log_id, EntryKind.RECORDS_EXPORTED, members)


def _take_up(file: BinaryIO, going: Export) -> None:
    """Count in what the file holds already, and stand at its end."""
    file.seek(0)
    while chunk := file.read(_CHUNK):
        going.take(chunk)


def _whole_lines(file: BinaryIO, format_: str) -> str | None:
    """Cut a line that was written in part, and return the record of the last whole one; None where there is none.

    Raises ConfigurationFault for what is no export of this format, which stays as it is.
    """
    begins = file.read(max(map(len, _BEGINS[format_])))
    if not any(begins.startswith(one[: len(begins)]) for one in _BEGINS[format_]):
        raise _no_export()
    size = file.seek(0, 2)
    start = max(0, size - _CHUNK)
    file.seek(start)
    whole = file.read().rpartition(b"\n")[0]
    last = whole.rpartition(b"\n")[2].decode("utf-8", "replace")
    if not whole or (format_ == "csv" and last.partition(",")[0].lstrip("\ufeff") == "record"):
        # Where the names of the columns are alone, they are written again.
        file.truncate(0)
        return None
    try:
        record = json.loads(last)["record"] if format_ == "ndjson" else last.partition(",")[0]
        found = str(UUID(str(record)))
    except (ValueError, KeyError, TypeError):
        raise _no_export() from None
    file.truncate(start + len(whole) + 1)
    return found


def _no_export() -> ConfigurationFault:
    return ConfigurationFault([("--resume", "can not tell where the file ends: it is no export of this format")])
