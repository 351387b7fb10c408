"""`askfirst serve`: the service at work."""

import socket
from contextlib import closing

import typer
import uvicorn

from askfirst.core.errors import ConfigurationFault
from askfirst.databases import lock_folders, read_databases
from askfirst.logs import configure_logs
from askfirst.output import say, working
from askfirst.serving import BACKLOG, config_of, leave_soon, open_service, serve_with_workers
from askfirst.settings import read_settings

app = typer.Typer()


@app.command()
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
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            say(f"Askfirst answers on http://{host}:{listener.getsockname()[1]}. Stop with Ctrl+C.")
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
