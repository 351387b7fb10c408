"""`askfirst audit erase` and `subject`: forget a person, and hand out what is held about one."""

import hashlib
import json
from pathlib import Path
from typing import Annotated

import typer

from askfirst.core.decision import is_account
from askfirst.core.errors import ConfigurationFault, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.output import say, working
from askfirst.usecases.erase import erase_account, erase_record, erase_subject, subject_of_receipt
from askfirst.usecases.subject_access import newest_record, subject_access
from askfirst.workplace import choose_workplace
from askfirst_sdk.subject import parse_consent_id

app = typer.Typer()

_Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]
_NO_ID = "is no consent id: it has 21 letters and digits, and one of them seems to be wrong"


@app.command("erase")
def erase(
    reason: Annotated[str, typer.Option(help="Why, in words. It becomes part of the ledger.")],
    consent_id: Annotated[str | None, typer.Option(help="Consent id that the visitor quotes.")] = None,
    record: Annotated[str | None, typer.Option(help="Record id, for one decision alone.")] = None,
    receipt: Annotated[str | None, typer.Option(help="Receipt from the visitor's cookie.")] = None,
    account: Annotated[str | None, typer.Option(help="Keyed pseudonym of an account, as the SDK makes it.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    organisation: _Organisation = None,
) -> None:
    """Forget all decisions of a person, or one decision. It can not be undone."""
    given = [name for name in (consent_id, record, receipt, account) if name is not None]
    if len(given) != 1:
        raise ConfigurationFault([("audit erase", "takes one of --consent-id, --record, --receipt and --account")])
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    if not yes:
        typer.confirm("Its content will be gone for ever. Go on?", abort=True)
    with working("Forgetting"):
        if record is not None:
            erased = erase_record(place.forgetting, log_id, record, reason=reason, by=place.by)
        elif account is not None:
            erased = erase_account(place.forgetting, log_id, _account(account), reason=reason, by=place.by)
        else:
            whose = subject_of_receipt(place.directory(), log_id, receipt) if receipt else _subject(consent_id or "")
            erased = erase_subject(place.forgetting, log_id, whose, reason=reason, by=place.by)
    for one in erased:
        say(f"Forgotten: {one}")
    say("Their leaves stay in the ledger, and an entry each says that they were erased. Copies that were handed out")
    say("before, and backups, still hold them: see what can not be called back in the docs.")


@app.command("subject")
def subject(
    consent_id: Annotated[str | None, typer.Argument(help="Consent id that the visitor quotes.")] = None,
    receipt: Annotated[str | None, typer.Option(help="Receipt from the visitor's cookie, instead.")] = None,
    account: Annotated[str | None, typer.Option(help="Keyed pseudonym of an account, instead.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; without it the answer is printed.")] = None,
    organisation: _Organisation = None,
) -> None:
    """Give out everything that is held about a person, as JSON. It is an entry."""
    if [consent_id, receipt, account].count(None) != 2:
        raise ConfigurationFault([("audit subject", "takes a consent id, --receipt or --account")])
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    directory = place.directory()
    whose = None
    if account is None:
        whose = subject_of_receipt(directory, log_id, receipt) if receipt else _subject(consent_id or "")
    named = None if account is None else _account(account)
    now = place.by.clock()
    with working("Collecting"):
        held = subject_access(
            directory, place.ledger, place.records, place.forgetting, log_id, whose, account=named, now=now
        )
    text = json.dumps(held, indent=2, ensure_ascii=False)
    records = held["records"]
    members = {
        "filters": {"subject_of": newest_record(held)},
        "format": "json",
        "rows": len(records) if isinstance(records, list) else 0,
        "digest": hashlib.sha256(text.encode()).hexdigest(),
        "via": "cli",
    }
    place.leave(log_id, EntryKind.RECORDS_EXPORTED, members)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text, encoding="utf-8")
        say(f"Written to {out}.")


def _subject(consent_id: str) -> str:
    found = parse_consent_id(consent_id)
    if found is None:
        raise NotFound(f"{consent_id[:64]} {_NO_ID}.")
    return found


def _account(text: str) -> str:
    if not is_account(text):
        raise NotFound(f"{text[:64]} is no pseudonym of an account: it has 43 characters of base64url.")
    return text
