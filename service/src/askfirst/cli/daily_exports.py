"""`askfirst audit daily`: write days to where daily exports are kept, by hand."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Annotated, Final

import typer

from askfirst.core.errors import ConfigurationFault, ExportFailed
from askfirst.export_place import open_export_place
from askfirst.output import progress, say
from askfirst.storage.daily_exports import SqlDailyExports
from askfirst.usecases.daily_export import Daily, export_day, export_due_days, last_whole_day
from askfirst.usecases.export import Export
from askfirst.workplace import Workplace, choose_workplace

app = typer.Typer()

_COUNTED: Final = 1 << 40
_MOST_DAYS: Final = 4000


@app.command("daily")
def daily_command(
    since: Annotated[str | None, typer.Option("--from", help="First day, like 2026-11-23.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day; the first one alone without it.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also days that are written already.")] = False,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Which one, where there are several.")
    ] = None,
) -> None:
    """Write days to where daily exports are kept: those that are due, at once, or the days of a range."""
    if since is None and (until is not None or again):
        raise ConfigurationFault([("--from", "must say which day is the first")])
    place = choose_workplace(organisation)
    kept = open_export_place(place.settings)
    if kept is None:
        raise ConfigurationFault([("ASKFIRST_DAILY_EXPORT", "must say where daily exports are kept")])
    one, failed = place.organisation(organisation), None
    daily = Daily(
        SqlDailyExports(place.engine),
        kept,
        place.exports,
        place.ledger,
        place.catalogue,
        place.settings.zone,
        place.settings.daily_export_format,
        place.by,
        via="cli",
        pace=_shown(place, one.log_id),
    )
    if since is None:
        ran = export_due_days(daily, place.directory(), one, at_once=True)
        written, failed = list(ran.days), ran.failed
    else:
        days = _days(since, until or since, last_whole_day(daily.zone, place.by.clock()))
        written = [day for day in days if export_day(daily, place.directory(), one, day, again=again)]
    for day in written:
        say(f"{day.isoformat()} is written, with its manifest.")
    if failed is not None:
        raise ExportFailed(failed)
    if not written:
        say("Nothing was to be written.")


def _shown(place: Workplace, log_id: int) -> Callable[[Export, Iterator[bytes]], Iterator[bytes]]:
    def pace(going: Export, parts: Iterator[bytes]) -> Iterator[bytes]:
        of = place.records.count(log_id, going.order.query, _COUNTED)
        with progress("Exported") as advance:
            for part in parts:
                advance(min(going.rows, of), of)
                yield part

    return pace


def _days(since: str, until: str, last: date) -> list[date]:
    faults, ends = [], []
    for name, text in (("--from", since), ("--to", until)):
        try:
            ends.append(date.fromisoformat(text))
        except ValueError:
            faults.append((name, "must be a day, like 2026-11-23"))
    if not faults and ends[0] > ends[1]:
        faults.append(("--to", "must not be before --from"))
    elif not faults and ends[1] > last:
        faults.append(("--to", f"must be over: the last whole day is {last.isoformat()}"))
    elif not faults and (ends[1] - ends[0]).days >= _MOST_DAYS:
        faults.append(("--from", f"must be at most {_MOST_DAYS:,} days before --to"))
    if faults:
        raise ConfigurationFault(faults)
    return [ends[0] + timedelta(days=number) for number in range((ends[1] - ends[0]).days + 1)]
