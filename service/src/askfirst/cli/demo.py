"""`askfirst demo`: a service with a website, to look at."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from askfirst.cli.server import listen
from askfirst.demo.start import run_demo
from askfirst.folder_lock import folder_lock
from askfirst.preparing import prepare
from askfirst.serving import server_config
from askfirst.settings import read_settings
from askfirst.workplace import open_workplace

app = typer.Typer()


@app.command()
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
