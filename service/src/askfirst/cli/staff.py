"""`askfirst staff`: who may sign in to the console."""

from typing import Annotated
from uuid import UUID

import typer

from askfirst.core.errors import InvalidAccount
from askfirst.core.roles import Role
from askfirst.output import say, say_table, utc
from askfirst.usecases.rows import StaffMember
from askfirst.usecases.staff import (
    Invitation,
    add_member,
    change_member,
    disable_member,
    enable_member,
    invite_again,
    plain_login,
)
from askfirst.workplace import Workplace, choose_workplace

app = typer.Typer(name="staff", help="Who may sign in to the console.", no_args_is_help=True)

_Organisation = Annotated[str | None, typer.Option("--organisation", help="Which one, where there are several.")]
_Login = Annotated[str, typer.Argument(help="Name to sign in with, often an e-mail address.")]
_Sites = Annotated[list[str] | None, typer.Option("--site", help="Only for this site; may be repeated.")]


@app.command("add")
def add(
    login: _Login,
    name: Annotated[str, typer.Option(help="Name of the person, as others read it.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.AUDITOR,
    site: _Sites = None,
    organisation: _Organisation = None,
) -> None:
    """Add somebody, and print a link that lets them in once."""
    place = choose_workplace(organisation)
    log_id = place.organisation(organisation).log_id
    sites = tuple(site) if site else None
    invitation = add_member(place.staff, log_id, login=login, name=name, role=role, sites=sites, by=place.by)
    _say_link(place, invitation)


@app.command("list")
def list_members(organisation: _Organisation = None) -> None:
    """List everybody who has an account."""
    place = choose_workplace(organisation)
    rows = [
        (
            one.login,
            one.name,
            one.role,
            "all sites" if one.sites is None else ", ".join(one.sites),
            "disabled" if one.disabled_at is not None else "may sign in",
            str(UUID(bytes=one.staff_id)),
        )
        for one in place.staff.members(place.organisation(organisation).log_id)
    ]
    say_table(("login", "name", "role", "for", "state", "id in the ledger"), rows)


@app.command("link")
def link(login: _Login, organisation: _Organisation = None) -> None:
    """Print a new link that lets somebody in once: for the first time, or where a password was lost."""
    place = choose_workplace(organisation)
    member = _member(place, login, organisation)
    _say_link(place, invite_again(place.staff, member.log_id, member.staff_id, by=place.by))


@app.command("change")
def change(
    login: _Login,
    role: Annotated[Role, typer.Option(help="What they may do from now on.")],
    site: _Sites = None,
    organisation: _Organisation = None,
) -> None:
    """Give somebody another role, for the whole organisation or for the named sites."""
    place = choose_workplace(organisation)
    member = _member(place, login, organisation)
    sites = tuple(site) if site else None
    change_member(place.staff, member.log_id, member.staff_id, role=role, sites=sites, by=place.by)
    say(f"{member.name} is {role.value} for {'all sites' if sites is None else ', '.join(sites)}.")


@app.command("disable")
def disable(
    login: _Login,
    reason: Annotated[str | None, typer.Option(help="Why; the ledger keeps it.")] = None,
    organisation: _Organisation = None,
) -> None:
    """Shut somebody out at once: sessions and links end."""
    place = choose_workplace(organisation)
    member = _member(place, login, organisation)
    disable_member(place.staff, member.log_id, member.staff_id, reason=reason, by=place.by)
    say(f"{member.name} can not sign in any more.")


@app.command("enable")
def enable(login: _Login, organisation: _Organisation = None) -> None:
    """Let somebody in again."""
    place = choose_workplace(organisation)
    member = _member(place, login, organisation)
    enable_member(place.staff, member.log_id, member.staff_id, by=place.by)
    say(f"{member.name} may sign in again.")


def _member(place: Workplace, login: str, organisation: str | None) -> StaffMember:
    members = place.staff.members(place.organisation(organisation).log_id)
    found = next((one for one in members if one.login == plain_login(login)), None)
    if found is None:
        raise InvalidAccount([("login", "is nobody's; see: askfirst staff list")])
    return found


def _say_link(place: Workplace, invitation: Invitation) -> None:
    say(f"{invitation.member.name} is let in once by this link, until {utc(invitation.expires_at)}:")
    say(invitation.address(place.settings.public_url))
