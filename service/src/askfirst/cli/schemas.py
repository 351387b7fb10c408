"""`askfirst init` and `migrate`: make a database, and bring it to this version's schema."""

from typing import Annotated
from urllib.parse import urlsplit

import typer
from sqlalchemy.exc import SQLAlchemyError

from askfirst.core.errors import ConfigurationFault
from askfirst.databases import database_of, read_databases
from askfirst.output import say, working
from askfirst.preparing import prepare
from askfirst.settings import read_settings
from askfirst.usecases.set_up import begin_organisation
from askfirst.workplace import open_workplace

app = typer.Typer()

_Name = Annotated[str, typer.Option(help="Name of the organisation, as people read it.")]
_Slug = Annotated[str, typer.Option(help="Its short name in addresses: a-z, 0-9 and hyphens.")]
_Origin = Annotated[
    str | None, typer.Option(help="Origin of its log; by default <public host>/log/<slug>. Never changes.")
]


@app.command()
def init(name: _Name, slug: _Slug, origin: _Origin = None) -> None:
    """Make the home folder, the database, and an organisation with its keys."""
    settings = database_of(read_settings(), slug).settings
    with working("Making the database"):
        prepare(settings)
    place = open_workplace(settings)
    organisation = begin_organisation(
        place.catalogue,
        place.keys,
        slug=slug,
        name=name,
        origin=origin or f"{urlsplit(settings.public_url).netloc}/log/{slug}",
        by=place.by,
    )
    place.keys.secret()  # made now, so that whoever gives the folder to other nodes gives them this too
    say(f"{organisation.name} has its log {organisation.origin}. Next: askfirst site add, askfirst policy publish.")


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to this version's schema; of several, every one that can be reached."""
    databases = read_databases(read_settings())
    if len(databases) == 1:
        with working("Migrating"):
            prepare(databases[0].settings)
        say("The database has this version's schema.")
        return
    away = []
    for one in databases:
        try:
            with working(f"Migrating {one.name}"):
                prepare(one.settings)
            say(f"The database {one.name} has this version's schema.")
        except SQLAlchemyError as error:
            away.append((f"the database {one.name}", f"can not be used, and was left as it is: {type(error).__name__}"))
    if away:
        raise ConfigurationFault(away)
