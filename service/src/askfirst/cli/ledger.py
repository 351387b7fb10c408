"""`askfirst ledger verify`: re-compute everything and name what is wrong."""

from typing import Annotated

import typer

from askfirst.core.kinds import EntryKind
from askfirst.output import progress, say
from askfirst.storage.anchor_files import AnchorFiles
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst.workplace import open_workplace

app = typer.Typer(help="The ledger and its proofs.", no_args_is_help=True)

_KEPT_FAULTS = 100


@app.callback()
def ledger() -> None:
    """The ledger and its proofs."""


@app.command("verify")
def verify(
    organisation: Annotated[str | None, typer.Option(help="Which one, where there are several.")] = None,
) -> None:
    """Re-hash every stored entry, rebuild the tree, check every signature. Exit code 2 where something is wrong."""
    place = open_workplace()
    log_id = place.organisation(organisation).log_id
    with progress("Verified") as advance:
        anchor = AnchorFiles(place.settings.anchors_folder).read(log_id)
        result = verify_ledger(place.directory, place.ledger, log_id, advance, anchor=anchor)
    members = {
        "size": result.size,
        "root": result.root.hex(),
        "holds": result.holds,
        "faults": [str(found) for found in result.findings[:_KEPT_FAULTS]],
    }
    place.leave(log_id, EntryKind.LEDGER_VERIFIED, members)
    for found in result.findings:
        say(str(found))
    waiting = f" {result.waiting} more wait for their place." if result.waiting else ""
    if result.unstored:
        waiting += f" Checkpoint {result.unstored} is kept outside the database only; the service stores the next one."
    if not result.holds:
        first = "" if result.first_bad is None else f" The first bad entry is number {result.first_bad}."
        say(f"NOT genuine: {len(result.findings)} finding(s) in {result.size:,} entries.{first}{waiting}")
        raise typer.Exit(2)
    forgotten = f" {result.erased:,} were forgotten in order." if result.erased else ""
    say(f"All {result.size:,} entries and {result.checkpoints:,} checkpoints hold.{forgotten}{waiting}")
