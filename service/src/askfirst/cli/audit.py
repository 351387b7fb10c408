"""`askfirst audit`: find records and show one with its proof, on the service's own machine. Each look is an entry."""

from collections.abc import Mapping
from typing import Annotated

import typer

from askfirst.core.kinds import EntryKind
from askfirst.output import say, say_json, say_table, utc
from askfirst.usecases.audit import Check, Shown, show_record
from askfirst.usecases.record_filters import read_filters, told
from askfirst.usecases.search import list_records
from askfirst.usecases.search_entries import ENTRY_PARAMETERS, list_entries, read_entry_filters
from askfirst.usecases.tombstones import Forgotten, show_forgotten
from askfirst.workplace import choose_workplace

app = typer.Typer(help="Find records and prove them. Every look is a ledger entry.", no_args_is_help=True)

_Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


_ConsentId = Annotated[str | None, typer.Option(help="Consent id that the visitor quotes.")]
_From = Annotated[str | None, typer.Option("--from", help="From this time on, like 2026-11-23 (UTC).")]
_To = Annotated[str | None, typer.Option("--to", help="Before this time.")]
_Site = Annotated[str | None, typer.Option(help="Site key.")]
_Method = Annotated[str | None, typer.Option(help="accept_all, reject_all, custom, withdraw, signal or api.")]
_Granted = Annotated[str | None, typer.Option(help="Purpose that was granted.")]
_Refused = Annotated[str | None, typer.Option(help="Purpose that was refused.")]
_Policy = Annotated[int | None, typer.Option(help="Number of the policy.")]
_Language = Annotated[str | None, typer.Option(help="Language that was shown.")]
_Origin = Annotated[str | None, typer.Option(help="Origin of the page, like https://www.example.org.")]
_Rule = Annotated[str | None, typer.Option(help="Id of the region rule that was followed.")]
_Cursor = Annotated[str | None, typer.Option(help="Go on after this one.")]
_Limit = Annotated[int, typer.Option(min=1, max=200, help="How many.")]


@app.command("list")
def list_command(
    consent_id: _ConsentId = None,
    since: _From = None,
    before: _To = None,
    site: _Site = None,
    method: _Method = None,
    granted: _Granted = None,
    refused: _Refused = None,
    policy: _Policy = None,
    language: _Language = None,
    origin: _Origin = None,
    rule: _Rule = None,
    cursor: _Cursor = None,
    limit: _Limit = 50,
    organisation: _Organisation = None,
    as_json: _Json = False,
) -> None:
    """List decisions, newest first."""
    given = {
        "consent_id": consent_id,
        "from": since,
        "to": before,
        "site": site,
        "method": method,
        "granted": granted,
        "refused": refused,
        "policy": policy,
        "language": language,
        "origin": origin,
        "rule": rule,
        "cursor": cursor,
        "limit": limit,
    }
    asked = _asked(given)
    query = read_filters(asked, None)
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    page, after = list_records(place.records, log_id, query, place.by.clock)
    place.leave(log_id, EntryKind.RECORDS_SEARCHED, {"filters": told(asked), "found": len(page), "via": "cli"})
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
    site: _Site = None,
    record: Annotated[str | None, typer.Option(help="A record id: the decision, and what was done to it.")] = None,
    since: _From = None,
    before: _To = None,
    cursor: _Cursor = None,
    limit: _Limit = 50,
    organisation: _Organisation = None,
    as_json: _Json = False,
) -> None:
    """List entries of every kind, newest first: what visitors answered, and what staff and the service did."""
    given = {
        "kind": kind,
        "staff": staff,
        "site": site,
        "record": record,
        "from": since,
        "to": before,
        "cursor": cursor,
        "limit": limit,
    }
    asked = _asked(given)
    search = read_entry_filters(asked, None)
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    page, after = list_entries(place.records, log_id, search, place.by.clock)
    members = {"filters": told(asked, ENTRY_PARAMETERS), "found": len(page), "via": "cli"}
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


def _asked(given: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in given.items() if value is not None]


@app.command("show")
def show_command(
    record: Annotated[str, typer.Argument(help="Record id.")],
    organisation: _Organisation = None,
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
