"""`askfirst audit`: find records and show one with its proof, on the service's own machine. Each look is an entry."""

from typing import Annotated

import typer

from askfirst.cli.filters import (
    ConsentId,
    Cursor,
    From,
    Granted,
    Language,
    Limit,
    Method,
    Organisation,
    Origin,
    Policy,
    Refused,
    Rule,
    Site,
    To,
    asked,
)
from askfirst.core.kinds import EntryKind
from askfirst.output import say, say_json, say_table, utc
from askfirst.usecases.audit import Check, Shown, show_record
from askfirst.usecases.record_filters import PARAMETERS, read_filters, told
from askfirst.usecases.search import list_records, require_place
from askfirst.usecases.search_entries import ENTRY_PARAMETERS, list_entries, read_entry_filters
from askfirst.usecases.tombstones import Forgotten, show_forgotten
from askfirst.workplace import choose_workplace

app = typer.Typer(name="audit", help="Find records and prove them. Every look is a ledger entry.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_command(
    consent_id: ConsentId = None,
    since: From = None,
    before: To = None,
    site: Site = None,
    method: Method = None,
    granted: Granted = None,
    refused: Refused = None,
    policy: Policy = None,
    language: Language = None,
    origin: Origin = None,
    rule: Rule = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    organisation: Organisation = None,
    as_json: _Json = False,
) -> None:
    """List decisions, newest first."""
    filters = asked(locals(), PARAMETERS)
    query = read_filters(filters, None)
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    require_place(place.ledger, log_id, query.after_id)
    page, after = list_records(place.records, log_id, query, place.by.clock)
    said = told(filters, found=page[0].record_id if page else None)
    place.leave(log_id, EntryKind.RECORDS_SEARCHED, {"filters": said, "found": len(page), "via": "cli"})
    if as_json:
        say_json({"records": [one.as_dict() for one in page], "cursor": after})
        return
    rows = [
        (
            one.record_id,
            utc(one.record.server_time),
            one.record.site_key,
            one.record.method,
            one.record.granted.strip(",") or "nothing",
            str(one.consent_id or "anonymous"),
        )
        for one in page
    ]
    say_table(("record", "time", "site", "method", "granted", "consent id"), rows)
    if after:
        say(f"More: add --cursor {after}")


@app.command("entries")
def entries_command(
    kind: Annotated[str | None, typer.Option(help="Kind of entry, like record:viewed.")] = None,
    staff: Annotated[str | None, typer.Option(help="Who did it, as entries name them.")] = None,
    site: Site = None,
    record: Annotated[str | None, typer.Option(help="A record id: the decision, and what was done to it.")] = None,
    since: From = None,
    before: To = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    organisation: Organisation = None,
    as_json: _Json = False,
) -> None:
    """List entries of every kind, newest first: what visitors answered, and what staff and the service did."""
    filters = asked(locals(), ENTRY_PARAMETERS)
    search = read_entry_filters(filters, None)
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    require_place(place.ledger, log_id, search.cursor)
    page, after = list_entries(place.records, log_id, search, place.by.clock)
    members = {"filters": told(filters, ENTRY_PARAMETERS), "found": len(page), "via": "cli"}
    place.leave(log_id, EntryKind.RECORDS_SEARCHED, members)
    lines = [one.as_dict() for one in page]
    if as_json:
        say_json({"entries": lines, "cursor": after})
        return
    rows = [
        (
            one.entry_id,
            utc(one.time),
            one.kind,
            one.site or "",
            one.staff or ("a visitor" if one.decision else "the service"),
        )
        for one in page
    ]
    say_table(("entry", "time", "kind", "site", "by"), rows)
    if after:
        say(f"More: add --cursor {after}")


@app.command("show")
def show_command(
    record: Annotated[str, typer.Argument(help="Record id.")],
    organisation: Organisation = None,
    as_json: _Json = False,
) -> None:
    """Show one record whole: what was shown, what was chosen, when and how, and whether it is genuine."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    directory = place.directory()
    gone = show_forgotten(directory, place.ledger, place.forgetting, log_id, record)
    shown = gone or show_record(directory, place.ledger, place.records, log_id, record)
    place.leave(log_id, EntryKind.RECORD_VIEWED, {"record": shown.record_id, "via": "cli"})
    if as_json:
        say_json(shown.as_dict())
    elif isinstance(shown, Forgotten):
        _print_forgotten(shown)
    else:
        _print(shown)
    if not shown.genuine:
        raise typer.Exit(2)


def _print_forgotten(shown: Forgotten) -> None:
    say(f"Record      {shown.record_id}")
    say(f"Forgotten   {utc(shown.tombstone.forgotten_at)}, {'since it was asked for' if shown.erased else 'in time'}")
    say(f"Why         {shown.why}")
    say(f"By          {shown.by or 'the service'}")
    say(f"Where       site {shown.tombstone.site_key}")
    _print_checks(shown.checks)


def _print_checks(checks: tuple[Check, ...]) -> None:
    for check in checks:
        say(f"{'holds ' if check.holds else 'BROKEN'}      {check.said}")


def _print(shown: Shown) -> None:
    row, told_what = shown.record, shown.as_dict()
    say(f"Record      {shown.record_id}")
    say(f"Consent id  {told_what['consent_id'] or 'none: a full refusal leaves no identifier'}")
    say(f"When        {utc(row.server_time)}{' (arrived late)' if row.late else ''}")
    say(f"Where       {shown.what.get('origin', '?')}, site {row.site_key}")
    say(f"How         {row.method}, in {row.language}, policy {row.policy_number}, region rule {row.rule}")
    say(f"Granted     {row.granted.strip(',') or 'nothing'}")
    say(f"Refused     {row.refused.strip(',') or 'nothing'}")
    asked = shown.asked
    if asked is not None:
        texts = asked["texts"]
        if isinstance(texts, dict):
            say(f"Was shown   {texts['text']} {texts['about']}")
            say(f"            [{texts['accept']}] [{texts['reject']}] [{texts['settings']}]")
    _print_checks(shown.checks)
    for other in shown.history:
        say(f"Also        {utc(other.record.server_time)}  {other.record.method}  {other.record_id}")
