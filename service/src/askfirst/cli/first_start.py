"""`askfirst first-start`: what a container runs before each start, and what makes the first one."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from askfirst.core.roles import Role
from askfirst.databases import database_of
from askfirst.output import say, working
from askfirst.preparing import prepare
from askfirst.settings import read_settings
from askfirst.usecases.set_up import begin_organisation
from askfirst.usecases.staff import add_member
from askfirst.workplace import open_workplace

app = typer.Typer()


@app.command()
def first_start(
    name: Annotated[str, typer.Option(help="Name of the organisation, as people read it.")],
    slug: Annotated[str, typer.Option(help="Its short name in addresses: a-z, 0-9 and hyphens.")],
    owner: Annotated[str, typer.Option(help="Name that its first owner signs in with, often an e-mail address.")],
) -> None:
    """Bring the database to this version's schema; where there is no organisation yet, make it, and let its owner in.

    The link for the owner is printed this once. A later start changes nothing but the schema.
    """
    settings = database_of(read_settings(), slug).settings
    with working("Migrating"):
        prepare(settings)
    place = open_workplace(settings)
    if place.catalogue.snapshot().organisations:
        say("There is an organisation already. The database has this version's schema.")
        return
    organisation = begin_organisation(
        place.catalogue,
        place.keys,
        slug=slug,
        name=name,
        origin=f"{urlsplit(settings.public_url).netloc}/log/{slug}",
        by=place.by,
    )
    place.keys.secret()  # as `init` does
    invitation = add_member(
        place.staff, organisation.log_id, login=owner, name=owner, role=Role.OWNER, sites=None, by=place.by
    )
    say(f"{organisation.name} has its log {organisation.origin}.")
    say(f"Sign in as {owner}, once, at {invitation.address(settings.public_url)}")
    say(f"When that was lost or is too old: askfirst staff link {owner}")
