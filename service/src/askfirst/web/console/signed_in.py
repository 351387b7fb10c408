"""What the pages about staff show of people, sessions and tokens."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from askfirst.core.errors import Unauthorized
from askfirst.usecases.rows import ApiToken, Session, StaffMember
from askfirst.usecases.staff import account_id
from askfirst.web.staff_routes import Actor, Person


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session; times in ms."""

    created: int
    seen: int
    current: bool


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One member of staff; times in ms, `seen` None where they are not signed in."""

    staff_id: str
    name: str
    login: str
    role: str
    sites: tuple[str, ...] | None
    disabled: bool
    has_password: bool
    by_provider: bool
    created: int
    seen: int | None


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One API token; times in ms."""

    token_id: str
    name: str
    role: str
    sites: tuple[str, ...] | None
    created: int
    expires: int
    revoked: bool
    expired: bool


def person_of(actor: Actor) -> Person:
    """Return who is signed in; raise Unauthorized for a program, which no page of the console is for."""
    if actor.person is None:
        raise Unauthorized
    return actor.person


def member_line(member: StaffMember, sessions: Iterable[Session]) -> MemberLine:
    """Return a member's line. `sessions`: those of the organisation that have not ended."""
    seen = [one.seen_at for one in sessions if one.staff_id == member.staff_id]
    return MemberLine(
        staff_id=account_id(member),
        name=member.name,
        login=member.login,
        role=member.role,
        sites=member.sites,
        disabled=member.disabled_at is not None,
        has_password=member.password_hash is not None,
        by_provider=member.identity is not None,
        created=member.created_at,
        seen=max(seen, default=None),
    )


def token_line(token: ApiToken, now: int) -> TokenLine:
    """Return a token's line at `now` (ms)."""
    return TokenLine(
        token_id=str(UUID(bytes=token.token_id)),
        name=token.name,
        role=token.role,
        sites=token.sites,
        created=token.created_at,
        expires=token.expires_at,
        revoked=token.revoked_at is not None,
        expired=token.expires_at <= now,
    )
