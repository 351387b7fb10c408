"""`askfirst new-secret`: what containers run once, so that no secret has a default."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from askfirst.output import say

app = typer.Typer()

_SECRET_BYTES = 32


@app.command()
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
