"""`askfirst partition`: divide what grows by month, on PostgreSQL."""

from typing import Annotated

import typer

from askfirst.output import progress, say
from askfirst.storage.partitions import partition
from askfirst.workplace import choose_workplace

app = typer.Typer()


@app.command("partition")
def partition_command(
    organisation: Annotated[
        str | None, typer.Option(help="One that is in it, where the directory names several databases.")
    ] = None,
) -> None:
    """Divide entries and records by month, for logs that are kept for years. PostgreSQL only, while it is in use.

    Once is enough: the service makes the coming months' partitions by itself. It may be ended, and begun again.
    """
    place = choose_workplace(organisation)
    with progress("Steps") as advance:
        made = partition(place.engine, place.by.clock(), advance)
    say(f"Entries and records are divided by month. {made:,} partitions of coming months were made.")
