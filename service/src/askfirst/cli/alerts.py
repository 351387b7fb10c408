"""`askfirst alert`: what staff should look at."""

from typing import Annotated
from uuid import UUID

import typer

from askfirst.core.kinds import EntryKind
from askfirst.output import say, say_json, say_table, utc
from askfirst.storage.alerts import SqlAlerts
from askfirst.usecases.alerts import acknowledge, list_alerts, said, told
from askfirst.workplace import choose_workplace

app = typer.Typer(
    name="alert", help="What staff should look at: unusual answers, floods, checkpoints.", no_args_is_help=True
)

_Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]


@app.command("list")
def list_command(
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False,
    cursor: Annotated[str | None, typer.Option(help="Cursor of the page before.")] = None,
    organisation: _Organisation = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List alerts, newest first, a hundred at a time."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    page, following = list_alerts(SqlAlerts(place.engine), log_id, None, open_only=open_only, after=cursor)
    place.leave(log_id, EntryKind.PAGE_VIEWED, {"page": "/api/v1/alerts", "via": "cli"})
    if as_json:
        say_json({"alerts": [told(one) for one in page], "cursor": following})
        return
    rows = [
        (
            str(UUID(bytes=one.alert_id)),
            one.site_key or "all sites",
            utc(one.raised_at),
            "open" if one.ended_at is None else utc(one.ended_at),
            one.acknowledged_by or ("nobody yet" if one.acknowledged_at is None else ""),
            said(one),
        )
        for one in page
    ]
    say_table(("alert", "site", "raised", "over", "acknowledged by", "what"), rows)
    if following:
        say(f"More: --cursor {following}")


@app.command("acknowledge")
def acknowledge_command(
    alert: Annotated[str, typer.Argument(help="Id of the alert, as `alert list` prints it.")],
    organisation: _Organisation = None,
) -> None:
    """Note that somebody knows of an alert. It stays open until it is over."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    say(said(acknowledge(SqlAlerts(place.engine), log_id, alert, by=place.by)))
