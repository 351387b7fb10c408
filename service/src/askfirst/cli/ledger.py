"""`askfirst ledger verify`: re-compute everything and name what is wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from askfirst.anchor_place import open_anchors
from askfirst.core.errors import ConfigurationFault
from askfirst.core.kinds import EntryKind
from askfirst.databases import read_databases
from askfirst.output import progress, say, working
from askfirst.settings import read_settings
from askfirst.storage.tile_folder import TileFolder
from askfirst.usecases.export_tiles import export_tiles
from askfirst.usecases.keys import CHECKPOINT
from askfirst.usecases.rows import Organisation
from askfirst.usecases.succeed import succeed
from askfirst.verifying import verify as verify_log
from askfirst.workplace import Workplace, choose_workplace, open_workplace
from askfirst_sdk.keys import VerifierKey

app = typer.Typer(name="ledger", help="The ledger and its proofs.", no_args_is_help=True)

_KEPT_FAULTS = 100
_UNCHECKED = "The signatures of receipts were not checked, only what the receipts say."

_Organisation = Annotated[str | None, typer.Option(help="Which one, where there are several.")]


@app.callback()
def ledger() -> None:
    """The ledger and its proofs."""


@app.command("verify")
def verify(
    organisation: _Organisation = None,
    bundle: Annotated[Path | None, typer.Option(help="A proof bundle to check instead, without any database.")] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="With --bundle: a verifier key of the log or of its receipts.")
    ] = None,
    keys: Annotated[Path | None, typer.Option(help="With --bundle: a file of verifier keys, one a line.")] = None,
    online: Annotated[
        str | None,
        typer.Option(help="With --bundle: address of the service or of its log, to ask for keys and erasures."),
    ] = None,
    signatures: Annotated[
        bool,
        typer.Option(help="Check the signature of every receipt too, which takes most of the time."),
    ] = True,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="In how many processes; by default one for each core.")
    ] = None,
) -> None:
    """Re-hash every stored entry, rebuild the tree, check every signature. Exit code 2 where something is wrong."""
    if bundle is not None:
        from askfirst.cli.bundles import verify_bundle  # noqa: PLC0415 - an HTTP client, which nothing else here needs

        verify_bundle(bundle, [*(key or []), *(_lines(keys) if keys else [])], online)
        return
    if key or keys or online:
        raise ConfigurationFault([("ledger verify", "takes --key, --keys and --online together with --bundle only")])
    faulty = False
    for place, found, name in _logs(organisation or read_settings().organisation):
        faulty |= not _verify(place, found, name, signatures, processes)
    if faulty:
        raise typer.Exit(2)


def _logs(slug: str) -> Iterator[tuple[Workplace, Organisation, str]]:
    """Yield the log of this organisation, or without a name every log of every database, and how it is called here.

    A database that can not be reached ends it with an error: nobody is to think that everything was looked at.
    """
    if slug:
        place = choose_workplace(slug)
        yield place, place.organisation(slug), ""
        return
    databases = read_databases(read_settings())
    for one in databases:
        place = open_workplace(one.settings)
        organisations = place.catalogue.snapshot().organisations
        if len(databases) == 1 and len(organisations) < 2:
            yield place, place.organisation(None), ""
            continue
        for found in organisations:
            yield place, found, f"{found.slug}: "


def _verify(place: Workplace, log: Organisation, name: str, signatures: bool, processes: int | None) -> bool:
    """Verify one log, say what was found under its name, leave an entry about it, and return whether it holds.

    It is said first: nobody should have to do without it where the database can not be written to.
    """
    log_id = log.log_id
    with progress(f"{name}Verified") as advance:
        anchor = open_anchors(place.settings).read(log_id)
        result = verify_log(place, log_id, advance, anchor=anchor, signatures=signatures, processes=processes)
    for found in result.findings:
        say(f"{name}{found}")
    waiting = f" {result.waiting} more wait for their place." if result.waiting else ""
    if result.unstored:
        waiting += f" Checkpoint {result.unstored} is kept outside the database only; the service stores the next one."
    if result.holds:
        forgotten = f" {result.erased:,} were forgotten in order." if result.erased else ""
        unchecked = "" if signatures else f" {_UNCHECKED}"
        held = f"All {result.size:,} entries and {result.checkpoints:,} checkpoints hold."
        say(f"{name}{held}{forgotten}{waiting}{unchecked}")
    else:
        first = "" if result.first_bad is None else f" The first bad entry is number {result.first_bad}."
        say(f"{name}NOT genuine: {len(result.findings)} finding(s) in {result.size:,} entries.{first}{waiting}")
    members = {
        "size": result.size,
        "root": result.root.hex(),
        "holds": result.holds,
        "signatures": signatures,
        "faults": [str(found) for found in result.findings[:_KEPT_FAULTS]],
    }
    place.leave(log_id, EntryKind.LEDGER_VERIFIED, members)
    return result.holds


@app.command("export-tiles")
def export_tiles_command(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; a later export goes on where this one ended.")],
    organisation: _Organisation = None,
) -> None:
    """Write the log as static files: its last checkpoint, all tiles, and all leaves (C2SP tlog-tiles)."""
    place = choose_workplace(organisation)
    found = place.organisation(organisation)
    keys = [VerifierKey.parse(key.verifier) for key in place.directory().keys_of(found.log_id, CHECKPOINT)]
    with progress("Written") as advance:
        size, written = export_tiles(place.ledger, found, TileFolder(folder), keys, advance)
    say(f"The log's first {size:,} entries are in {folder}: {written:,} files were written.")


@app.command("succeed")
def succeed_command(
    origin: Annotated[
        str,
        typer.Option(help="Name of the log that takes over; its last part is its address below /log/. Never changes."),
    ],
    reason: Annotated[str, typer.Option(help="Why, in words. It becomes part of the ledger.")],
    lost_origin: Annotated[
        str | None,
        typer.Option("--from", help="Name of the lost log that goes before, where the database never named it."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    organisation: _Organisation = None,
) -> None:
    """Close a log whose signed entries are lost for good, and go on under another name that says so."""
    place = choose_workplace(organisation)
    found = place.organisation(organisation)
    if not yes:
        typer.confirm(f"The log {found.origin} will be closed for ever. Go on as {origin}?", abort=True)
    kept = open_anchors(place.settings).read(found.log_id)
    with working("Closing the log"):
        succeed(
            place.catalogue,
            place.ledger,
            place.keys,
            found,
            origin=origin,
            kept=kept,
            reason=reason,
            by=place.by,
            lost_origin=lost_origin,
        )
    say(f"{found.origin} is closed, and {origin} goes on with the entries that are there, under a new key.")
    say("Tell whoever keeps checkpoints of the old log: its last one is named in the new log's first entries.")


def _lines(path: Path) -> list[str]:
    # What is no text is no key either: the reader of the keys says so.
    return [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
