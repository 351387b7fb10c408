"""`askfirst webhook`: who is told of new entries."""

from typing import Annotated
from uuid import UUID

import typer

from askfirst.core.kinds import EntryKind
from askfirst.guarded_sender import GuardedSender
from askfirst.output import say, say_table, working
from askfirst.storage.webhooks import SqlWebhookRoom
from askfirst.usecases.webhooks import (
    EVENTS,
    add_webhook,
    find_webhook,
    pause_webhook,
    remove_webhook,
    resume_webhook,
    shown_key,
    try_webhook,
)
from askfirst.workplace import choose_workplace

app = typer.Typer(name="webhook", help="Programs that are told of new entries.", no_args_is_help=True)

_Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]
_Webhook = Annotated[str, typer.Argument(help="Id of the webhook, as `webhook list` prints it.")]


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="Where messages are sent, like https://example.org/hook.")],
    event: Annotated[list[str] | None, typer.Option(help="What it is told of; all without it.")] = None,
    site: Annotated[list[str] | None, typer.Option(help="Only of this site; may be repeated.")] = None,
    organisation: _Organisation = None,
) -> None:
    """Tell an address of what happens from now on, and print the key that signs the messages."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    own = place.directory().site_keys(log_id)
    made = add_webhook(
        SqlWebhookRoom(place.engine),
        place.ledger,
        log_id,
        url=url,
        events=tuple(event or EVENTS),
        sites=tuple(site) if site else None,
        known_sites=own,
        by=place.by,
    )
    say(f"Webhook {UUID(bytes=made.webhook_id)}")
    say(f"Key     {shown_key(place.keys.secret(), made.webhook_id)}")


@app.command("list")
def list_webhooks(organisation: _Organisation = None) -> None:
    """List webhooks, how far behind each is, and what came of the last message."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    size = place.ledger.head(log_id).size
    rows = [
        (
            str(UUID(bytes=one.webhook_id)),
            one.url,
            ", ".join(one.events),
            "all sites" if one.sites is None else ", ".join(one.sites),
            f"{max(0, size - one.position):,}",
            "paused" if one.paused_at is not None else one.said,
        )
        for one in SqlWebhookRoom(place.engine).webhooks(log_id)
    ]
    say_table(("webhook", "url", "events", "for", "behind", "last"), rows)


@app.command("test")
def attempt(webhook: _Webhook, organisation: _Organisation = None) -> None:
    """Send a message that says nothing, once, and say what came of it."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    found = find_webhook(SqlWebhookRoom(place.engine), log_id, webhook, None)
    sender = GuardedSender(inside=place.settings.webhooks_inside)
    with working("Sending"):
        sent = try_webhook(found, sender, place.keys.secret(), by=place.by)
    place.leave(log_id, EntryKind.WEBHOOK_TESTED, {"webhook": str(UUID(bytes=found.webhook_id)), "said": sent.said})
    say(sent.said)
    if not sent.arrived:
        raise typer.Exit(1)


@app.command("key")
def key(webhook: _Webhook, organisation: _Organisation = None) -> None:
    """Print the key that signs a webhook's messages."""
    place = choose_workplace(organisation)
    found = find_webhook(SqlWebhookRoom(place.engine), place.organisation(organisation).log_id, webhook, None)
    say(shown_key(place.keys.secret(), found.webhook_id))


@app.command("pause")
def pause(webhook: _Webhook, organisation: _Organisation = None) -> None:
    """Tell it of nothing until it goes on; what happens meanwhile waits in the ledger."""
    place = choose_workplace(organisation)
    room = SqlWebhookRoom(place.engine)
    pause_webhook(room, find_webhook(room, place.organisation(organisation).log_id, webhook, None), by=place.by)
    say("Paused.")


@app.command("resume")
def resume(webhook: _Webhook, organisation: _Organisation = None) -> None:
    """Let it go on at once where it was: after a pause, or without waiting after failures."""
    place = choose_workplace(organisation)
    room = SqlWebhookRoom(place.engine)
    resume_webhook(room, find_webhook(room, place.organisation(organisation).log_id, webhook, None), by=place.by)
    say("It goes on.")


@app.command("remove")
def remove(webhook: _Webhook, organisation: _Organisation = None) -> None:
    """Tell it of nothing any more."""
    place = choose_workplace(organisation)
    room = SqlWebhookRoom(place.engine)
    remove_webhook(room, find_webhook(room, place.organisation(organisation).log_id, webhook, None), by=place.by)
    say("Removed.")
