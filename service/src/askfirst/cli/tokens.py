"""`askfirst token`: bearer tokens for the audit API."""

from typing import Annotated

import typer

from askfirst.core.roles import Role
from askfirst.output import say
from askfirst.usecases.tokens import issue_token
from askfirst.workplace import open_workplace

app = typer.Typer(help="Bearer tokens for programs.", no_args_is_help=True)

_DAY_MS = 86_400_000


@app.command("issue")
def issue(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.AUDITOR,
    site: Annotated[list[str] | None, typer.Option(help="Only for this site; may be repeated.")] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="Days until it expires.")] = 90,
    organisation: Annotated[str | None, typer.Option(help="Which one, where there are several.")] = None,
) -> None:
    """Make a token and print it. It is shown this once."""
    place = open_workplace()
    secret = issue_token(
        place.catalogue,
        place.organisation(organisation),
        name=name,
        role=role.value,
        sites=tuple(site) if site else None,
        lifetime_ms=days * _DAY_MS,
        by=place.by,
    )
    say(secret)
