"""`askfirst ledger retain`: forget what is older than it is kept."""

from typing import Annotated

import typer

from askfirst.core.errors import UnknownSite
from askfirst.output import say, working
from askfirst.usecases.retain import retain
from askfirst.workplace import choose_workplace

app = typer.Typer()


@app.command("retain")
def retain_command(
    site: Annotated[str, typer.Argument(help="Public key of the site.")],
    days: Annotated[int, typer.Option(min=1, help="Forget decisions that are older than so many days, at most 36500.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Forget a site's decisions that are older than it keeps them. It can not be undone."""
    place = choose_workplace(site=site)
    found = place.directory().sites.get(site)
    if found is None:
        raise UnknownSite(site)
    if not yes:
        typer.confirm(f"Decisions of {site} older than {days} days will be gone for ever. Go on?", abort=True)
    with working("Forgetting"):
        forgotten = retain(place.forgetting, found.site.log_id, site, days=days, by=place.by)
    say(f"{forgotten:,} decisions were forgotten.")
