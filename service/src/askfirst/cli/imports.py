"""`askfirst import`: take over what visitors answered to another tool."""

from pathlib import Path
from typing import Annotated

import typer

from askfirst.core.errors import ConfigurationFault, UnknownSite
from askfirst.output import progress, say
from askfirst.storage.imports import SqlImports
from askfirst.usecases.import_consents import (
    ImportOrder,
    ImportReport,
    Read,
    check_file,
    check_source,
    import_file,
    imported_subject,
    require_policy,
)
from askfirst.usecases.import_formats import READERS, Columns, read_generic
from askfirst.workplace import choose_workplace
from askfirst_sdk.subject import consent_id

app = typer.Typer()

_COLUMNS = ("id", "person", "time", "granted", "refused", "language", "page", "notice")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV with a first line of names, or NDJSON.")],
    site: Annotated[str, typer.Option(help="Public key of the site that the answers are for.")],
    source: Annotated[str, typer.Option(help=f"The tool that asked: {', '.join(READERS)}; with --column, any name.")],
    column: Annotated[
        list[str] | None,
        typer.Option(help="What the file calls a part, as PART=NAME; parts are those of service/docs/importing.md."),
    ] = None,
    purpose: Annotated[
        list[str] | None,
        typer.Option(help="What a name means here, as NAME=PURPOSE; NAME= leaves it out. May be repeated."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every line, and store nothing.")] = False,
) -> None:
    """Take over answers from another tool: as entries that say so, with no receipt, and each of them once.

    Every line is checked before the first one is stored. It may be ended, and begun again.
    """
    read = _reader(source, column or [])
    place = choose_workplace(site=site)
    live = place.directory().sites.get(site)
    if live is None:
        raise UnknownSite(site)
    own = {one.id for one in require_policy(live).current.policy.purposes}  # type: ignore[union-attr]
    names = dict(_pairs("--purpose", purpose or []))
    unknown = sorted({meant for meant in names.values() if meant and meant not in own})
    if unknown:
        raise ConfigurationFault([("--purpose", f"names what is none of the site's purposes: {', '.join(unknown)}")])
    order = ImportOrder(live, check_source(source), read, names, place.keys.secret())
    with progress("Checked bytes") as advance:
        checked = check_file(file, order, place.by, advance)
    if checked.faulty:
        _say_faults(checked)
        say(f"Nothing was imported: {checked.faulty:,} of {checked.rows:,} lines can not be taken over.")
        raise typer.Exit(1)
    if checked.silent:
        say(f"{checked.silent:,} of {checked.rows:,} lines hold no answer and are left out.")
    if dry_run:
        say(f"All {checked.rows - checked.silent:,} lines can be taken over. Nothing was imported.")
        return
    with progress("Imported bytes") as advance:
        done = import_file(SqlImports(place.engine), place.catalogue, file, order, place.by, advance)
    _say_faults(done)
    said = f"{done.new:,} answers were imported from {source}; {done.known:,} were there already."
    if done.gone:
        said += f" {done.gone:,} were forgotten here and stay so."
    say(said)
    if done.faulty:
        raise typer.Exit(2)


@app.command()
def imported_id(
    source: Annotated[str, typer.Argument(help="The tool that asked.")],
    person: Annotated[str, typer.Argument(help="What it knows somebody by: the id in its cookie or file.")],
    organisation: Annotated[str | None, typer.Option(help="Which one, where there are several databases.")] = None,
) -> None:
    """Print the consent id under which somebody's imported answers are found, held and erased."""
    place = choose_workplace(organisation)
    say(consent_id(imported_subject(place.keys.secret(), check_source(source), person)))


def _reader(source: str, columns: list[str]) -> Read:
    if not columns and source in READERS:
        return READERS[source]
    named: dict[str, str] = {}
    purposes: dict[str, str] = {}
    for part, name in _pairs("--column", columns):
        if part.startswith("purpose."):
            purposes[part.removeprefix("purpose.")] = name
        elif part in _COLUMNS and name:
            named[part] = name
        else:
            raise ConfigurationFault([("--column", f"takes {', '.join(_COLUMNS)} or purpose.NAME, not {part!r}")])
    return read_generic(Columns(**named, purposes=purposes))


def _pairs(option: str, given: list[str]) -> list[tuple[str, str]]:
    pairs = [one.partition("=") for one in given]
    if any(not equals or not name for name, equals, _ in pairs):
        raise ConfigurationFault([(option, "takes NAME=VALUE")])
    return [(name, value) for name, _, value in pairs]


def _say_faults(report: ImportReport) -> None:
    for number, said in report.faults:
        say(f"line {number:,} {said}")
    if report.faulty > len(report.faults):
        say(f"and {report.faulty - len(report.faults):,} more lines")
