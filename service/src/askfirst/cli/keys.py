"""`askfirst key`: list, rotate and revoke signing keys."""

from enum import StrEnum
from typing import Annotated

import typer

from askfirst.output import say, say_table, utc
from askfirst.usecases.keys import CHECKPOINT, RECEIPT, announce_key, revoke_key, rotate_key
from askfirst.workplace import choose_workplace

app = typer.Typer(name="key", help="Signing keys. Private halves are files in the keys folder.", no_args_is_help=True)


class Use(StrEnum):
    """What a key signs."""

    RECEIPTS = RECEIPT
    CHECKPOINTS = CHECKPOINT


@app.command("list")
def list_keys(
    organisation: Annotated[str | None, typer.Option(help="Which one, where there are several databases.")] = None,
) -> None:
    """List all keys of a database."""
    keys = choose_workplace(organisation).catalogue.snapshot().keys
    say_table(
        ("use", "state", "since", "verifier key"),
        [(key.use, key.state, utc(key.changed_at), key.verifier) for key in keys],
    )


@app.command("rotate")
def rotate(
    use: Annotated[Use, typer.Argument(help="What the new key is to sign.")],
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Sign with it now, though not everybody has heard of it yet.")
    ] = False,
    organisation: Annotated[str | None, typer.Option(help="Which one, where there are several.")] = None,
) -> None:
    """Make a new key, which takes over once caches have had time to fetch it; those before it still verify."""
    place = choose_workplace(organisation)
    make = rotate_key if at_once else announce_key
    key = make(place.catalogue, place.keys, place.organisation(organisation), use.value, by=place.by)
    say(f"New {use.value} key: {key.verifier}")
    if not at_once:
        say(f"It signs in {place.settings.key_wait_minutes} minutes by itself; until then the one before does.")


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="The 8 hex characters between the two plus signs of its verifier key.")],
    reason: Annotated[str, typer.Option(help="Why, in a sentence; it goes into the ledger.")],
    organisation: Annotated[str | None, typer.Option(help="Which one, where there are several.")] = None,
) -> None:
    """Let nobody believe a key any more. If it is the one that signs, a new one takes its place at once."""
    place = choose_workplace(organisation)
    new = revoke_key(place.catalogue, place.keys, place.organisation(organisation), key_id, reason=reason, by=place.by)
    say(f"The key {key_id} is revoked: whatever it signed is refused as soon as servers have heard of it.")
    if new is not None:
        say(f"New {new.use} key: {new.verifier}")
    say("What else to do after a theft is in service/docs/operations.md.")
