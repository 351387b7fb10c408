"""`askfirst token`: bearer tokens for the audit API."""

from typing import Annotated
from uuid import UUID

import typer

from askfirst.core.roles import Role
from askfirst.output import say, say_table, utc
from askfirst.usecases.tokens import MOST_DAYS, issue_token, revoke_token
from askfirst.workplace import choose_workplace

app = typer.Typer(name="token", help="Bearer tokens for programs.", no_args_is_help=True)

_Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]


@app.command("issue")
def issue(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.AUDITOR,
    site: Annotated[list[str] | None, typer.Option(help="Only for this site; may be repeated.")] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="Days until it expires.")] = 90,
    organisation: _Organisation = None,
) -> None:
    """Make a token and print it. It is shown this once."""
    place = choose_workplace(organisation)
    secret = issue_token(
        place.staff,
        place.organisation(organisation).log_id,
        name=name,
        role=role.value,
        sites=tuple(site) if site else None,
        days=days,
        by=place.by,
    )
    say(secret)


@app.command("list")
def list_tokens(organisation: _Organisation = None) -> None:
    """List all tokens, never their texts."""
    place = choose_workplace(organisation)
    rows = [
        (
            str(UUID(bytes=one.token_id)),
            one.name,
            one.role,
            "all sites" if one.sites is None else ", ".join(one.sites),
            utc(one.expires_at) if one.revoked_at is None else f"revoked {utc(one.revoked_at)}",
        )
        for one in place.staff.tokens(place.organisation(organisation).log_id)
    ]
    say_table(("token", "name", "role", "for", "until"), rows)


@app.command("revoke")
def revoke(
    token: Annotated[UUID, typer.Argument(help="Id of the token, as `token list` prints it.")],
    reason: Annotated[str | None, typer.Option(help="Why; the ledger keeps it.")] = None,
    organisation: _Organisation = None,
) -> None:
    """End a token now."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    revoke_token(place.staff, log_id, token.bytes, reason=reason, by=place.by)
    say("The token opens nothing any more.")
