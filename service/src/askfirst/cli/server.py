"""`askfirst init`, `migrate`, `serve` and `demo`."""

import socket
from contextlib import closing
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from askfirst.core.errors import ConfigurationFault
from askfirst.databases import database_of, lock_folders, read_databases
from askfirst.demo.start import run_demo
from askfirst.folder_lock import folder_lock
from askfirst.logs import configure_logs
from askfirst.output import say, working
from askfirst.serving import BACKLOG, config_of, leave_soon, open_service, serve_with_workers, server_config
from askfirst.settings import read_settings
from askfirst.usecases.set_up import begin_organisation
from askfirst.workplace import open_workplace, prepare

_Name = Annotated[str, typer.Option(help="Name of the organisation, as people read it.")]
_Slug = Annotated[str, typer.Option(help="Its short name in addresses: a-z, 0-9 and hyphens.")]
_Origin = Annotated[
    str | None, typer.Option(help="Origin of its log; by default <public host>/log/<slug>. Never changes.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(init)
    app.command("migrate")(migrate_command)
    app.command()(serve)
    app.command()(demo)


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
    say(f"{organisation.name} has its log {organisation.origin}. Next: askfirst site add, askfirst policy publish.")


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


def serve() -> None:
    """Run the service, in as many processes as `ASKFIRST_WORKERS` says."""
    settings = read_settings()
    configure_logs(settings.log_format)
    databases = read_databases(settings)
    with lock_folders(databases):
        # What is wrong with the database or the keys is said here, once, and not by each of several workers.
        with working("Opening"):
            service = open_service(databases, settings)
        with closing(listen(settings.host, settings.port, "ASKFIRST_PORT")) as listener:
            say(f"Askfirst answers on http://{settings.host}:{listener.getsockname()[1]}. Stop with Ctrl+C.")
            try:
                if settings.workers > 1:
                    service.dispose()
                    serve_with_workers(settings, listener)
                else:
                    uvicorn.Server(config_of(service)).run(sockets=[listener])
            finally:
                leave_soon()


def listen(host: str, port: int, setting: str) -> socket.socket:
    """Return a listening socket; raise ConfigurationFault where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # At once, since two sockets can be bound to one port, but only one can listen.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        said = f"can not be {port} on {host}: {error.strerror}; stop what uses it, or choose another port"
        raise ConfigurationFault([(setting, said)]) from None
    return listener


def demo(
    folder: Annotated[Path, typer.Option(help="Folder that keeps the demo between two runs.")] = Path("demo-data"),
    service_port: Annotated[int, typer.Option(help="Port of the service, on 127.0.0.1.")] = 8601,
    site_port: Annotated[int, typer.Option(help="Port of the demo website, on localhost.")] = 8602,
) -> None:
    """Start the service and a small website that asks first, and print what to open."""
    with (
        closing(listen("127.0.0.1", service_port, "--service-port")) as service,
        closing(listen("127.0.0.1", site_port, "--site-port")) as site,
    ):
        port = service.getsockname()[1]
        settings = read_settings(
            file=None, home=folder, database_url="", public_url=f"http://127.0.0.1:{port}", host="127.0.0.1", port=port
        )
        prepare(settings)
        with folder_lock(settings):
            run_demo(open_workplace(settings), service, site, server_config)
