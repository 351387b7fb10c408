"""`askfirst audit hold`, `holds` and `lift`: keep what must not be forgotten for now."""

from typing import Annotated
from uuid import UUID

import typer

from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.output import say, say_json, say_table, utc
from askfirst.usecases.holds import lift_hold, place_hold, told
from askfirst.usecases.record_filters import read_time
from askfirst.workplace import choose_workplace
from askfirst_sdk.subject import parse_consent_id

app = typer.Typer()

_Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]


@app.command("hold")
def hold(
    reason: Annotated[str, typer.Option(help="Why, in words. It becomes part of the ledger.")],
    consent_id: Annotated[str | None, typer.Option(help="Consent id of the person whose decisions are held.")] = None,
    record: Annotated[UUID | None, typer.Option(help="A record of the person, instead.")] = None,
    site: Annotated[str | None, typer.Option(help="Site whose decisions are held.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this time on, like 2026-11-23 (UTC).")] = None,
    before: Annotated[str | None, typer.Option("--to", help="Before this time.")] = None,
    until: Annotated[
        str | None, typer.Option(help="When the hold ends by itself; without it, when it is lifted.")
    ] = None,
    organisation: _Organisation = None,
) -> None:
    """Keep a person's decisions, or a range of decisions, from erasure and retention."""
    subject = parse_consent_id(consent_id) if consent_id is not None else None
    if consent_id is not None and subject is None:
        raise InvalidQuery([("consent_id", "is no consent id: one of its letters or digits seems to be wrong")])
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    placed = place_hold(
        place.forgetting,
        log_id,
        subject=subject,
        record_id=record.bytes if record else None,
        site=site,
        since=_time("from", since),
        before=_time("to", before),
        until=_time("until", until),
        reason=reason,
        by=place.by,
        known_sites=place.directory().site_keys(log_id),
    )
    say(f"Held: {UUID(bytes=placed.hold_id)}")


@app.command("holds")
def holds(
    organisation: _Organisation = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List all holds, newest first."""
    place = choose_workplace(organisation)
    log_id, now = place.organisation(organisation).log_id, place.by.clock()
    found = place.forgetting.holds(log_id)
    place.leave(log_id, EntryKind.PAGE_VIEWED, {"page": "/api/v1/holds", "via": "cli"})
    if as_json:
        say_json({"holds": [told(one, now) for one in found]})
        return
    rows = [
        (
            str(UUID(bytes=one.hold_id)),
            "in force" if one.holds(now) else "ended",
            one.site_key or ("a person" if one.of_person else "every site"),
            utc(one.placed_at),
            utc(one.until) if one.until else "",
            one.reason,
        )
        for one in found
    ]
    say_table(("hold", "state", "about", "placed", "until", "reason"), rows)


@app.command("lift")
def lift(
    hold: Annotated[str, typer.Argument(help="Id of the hold.")],
    reason: Annotated[str, typer.Option(help="Why, in words. It becomes part of the ledger.")],
    organisation: _Organisation = None,
) -> None:
    """End a hold now."""
    place = choose_workplace(organisation)
    lift_hold(place.forgetting, place.organisation(organisation).log_id, hold, reason=reason, by=place.by)
    say("Lifted. What it kept can be forgotten again.")


def _time(name: str, text: str | None) -> int | None:
    try:
        return None if text is None else read_time(text)
    except ValueError as error:
        raise InvalidQuery([(name, str(error))]) from None
