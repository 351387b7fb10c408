"""`askfirst key`: list and rotate signing keys."""

from enum import StrEnum
from typing import Annotated

import typer

from askfirst.output import say, say_table, utc
from askfirst.usecases.keys import CHECKPOINT, RECEIPT, rotate_key
from askfirst.workplace import open_workplace

app = typer.Typer(help="Signing keys. Private halves are files in the keys folder.", no_args_is_help=True)


class Use(StrEnum):
    """What a key signs."""

    RECEIPTS = RECEIPT
    CHECKPOINTS = CHECKPOINT


@app.command("list")
def list_keys() -> None:
    """List all keys."""
    keys = open_workplace().catalogue.snapshot().keys
    say_table(
        ("use", "state", "since", "verifier key"),
        [(key.use, key.state, utc(key.changed_at), key.verifier) for key in keys],
    )


@app.command("rotate")
def rotate(
    use: Annotated[Use, typer.Argument(help="What the new key is to sign.")],
    organisation: Annotated[str | None, typer.Option(help="Which one, where there are several.")] = None,
) -> None:
    """Make a new key; the ones before it still verify."""
    place = open_workplace()
    key = rotate_key(
        place.catalogue,
        place.keys,
        place.organisation(organisation),
        use.value,
        by=place.by,
    )
    say(f"New {use.value} key: {key.verifier}")
