"""`askfirst new-secret` and `askfirst first-start`: what containers run once, so that no secret has a default."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from askfirst.core.roles import Role
from askfirst.databases import database_of
from askfirst.output import say, working
from askfirst.settings import read_settings
from askfirst.usecases.set_up import begin_organisation
from askfirst.usecases.staff import add_member
from askfirst.workplace import open_workplace, prepare

_SECRET_BYTES = 32


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("new-secret")(new_secret)
    app.command("first-start")(first_start)


def new_secret(
    file: Annotated[Path, typer.Argument(help="File to write it to; one that is there stays as it is.")],
    shared: Annotated[
        bool, typer.Option("--shared", help="Readable by other users too: for a volume that two containers share.")
    ] = False,
) -> None:
    """Write a new random secret into a file, unless it is there already."""
    mode = 0o444 if shared else 0o400
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w") as written:
            os.fchmod(written.fileno(), mode)  # whatever the umask takes away
            written.write(secrets.token_hex(_SECRET_BYTES))
            written.flush()
            os.fsync(written.fileno())
        say(f"{file} holds a new secret.")
        return
    say(f"{file} is there already and stays as it is.")


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
    invitation = add_member(
        place.staff, organisation.log_id, login=owner, name=owner, role=Role.OWNER, sites=None, by=place.by
    )
    say(f"{organisation.name} has its log {organisation.origin}.")
    say(f"Sign in as {owner}, once, at {invitation.address(settings.public_url)}")
    say(f"When that was lost or is too old: askfirst staff link {owner}")
