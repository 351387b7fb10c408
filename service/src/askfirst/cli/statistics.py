"""`askfirst audit statistics`: decisions counted by day."""

from typing import Annotated

import typer

from askfirst.core.kinds import EntryKind
from askfirst.output import say, say_json, say_table, working
from askfirst.usecases.statistics import read_range, read_statistics, today_in
from askfirst.workplace import choose_workplace

app = typer.Typer()


@app.command("statistics")
def statistics(
    site: Annotated[str | None, typer.Option(help="Site key; without it all sites together.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="The first day, like 2026-11-23.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="The last day; today without it.")] = None,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Which one, where there are several.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all that is counted.")] = False,
) -> None:
    """Count decisions by day in the time zone of ASKFIRST_TIME_ZONE; the last 30 days without --from."""
    place = choose_workplace(organisation)
    log_id, zone = place.organisation(organisation).log_id, place.settings.zone
    first, last = read_range(since, until, today_in(zone, place.by.clock()))
    sites = None if site is None else (site,)
    with working("Counting"):
        found = read_statistics(
            place.records, log_id, sites, first=first, last=last, zone=zone, by_policy=site is not None
        )
    place.leave(log_id, EntryKind.PAGE_VIEWED, {"page": "/api/v1/statistics", "via": "cli"})
    if as_json:
        say_json({"site": site, **found})
        return
    days = found["days"]
    rows = [
        (str(one["day"]), f"{one['total']:,}", *_shares(one["acceptance"]), *_shown(one))
        for one in (days if isinstance(days, list) else [])
    ]
    say_table(("day", "decisions", "all", "some", "none", "shown", "no answer"), rows)
    say(f"Days are those of {found['zone']}.")


def _shares(acceptance: object) -> tuple[str, str, str]:
    if not isinstance(acceptance, dict):
        return ("", "", "")
    return (f"{acceptance['all']:.0%}", f"{acceptance['some']:.0%}", f"{acceptance['none']:.0%}")


def _shown(day: dict[str, object]) -> tuple[str, str]:
    shown, share = day["shown"], day["no_answer"]
    return ("", "") if shown is None else (f"{shown:,}", f"{share:.0%}")
