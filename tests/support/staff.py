"""Staff as tests need them: members of each role, with passwords and sessions."""

from dataclasses import dataclass
from typing import Any

import httpx

from askfirst.core.kinds import EntryKind
from askfirst.core.strict_json import strict_json
from askfirst.storage.staff_passwords import Argon2Passwords
from askfirst.usecases.rows import StaffMember
from askfirst.usecases.sessions import SignedIn, begin_session
from askfirst.usecases.staff import add_member
from support.places import Home
from support.running_service import RunningService

PASSWORD = "a good long passphrase"
ORIGIN = "https://consent.example.net"
COOKIE = "__Host-askfirst_session"


def member(
    home: Home,
    login: str = "ann@example.org",
    role: str = "owner",
    sites: tuple[str, ...] | None = None,
    slug: str = "example",
    *,
    password: str | None = PASSWORD,
) -> StaffMember:
    """Make a member of staff who has chosen a password."""
    room, log_id = home.place.staff, home.organisation(slug).log_id
    made = add_member(room, log_id, login=login, name="Ann Example", role=role, sites=sites, by=home.place.by).member
    if password is None:
        return made
    with room.transaction() as transaction:
        kept = Argon2Passwords().hashed(password)
        changed = StaffMember(**{**fields(made), "password_hash": kept})
        transaction.put_member(changed)
    return changed


def fields(member: StaffMember) -> dict[str, Any]:
    """Return a member's fields."""
    return {name: getattr(member, name) for name in StaffMember.__slots__}


@dataclass(frozen=True, slots=True)
class Desk:
    """A browser with somebody signed in, that sends what a browser would send."""

    service: RunningService
    signed_in: SignedIn

    @property
    def member(self) -> StaffMember:
        """Who is signed in."""
        return self.signed_in.member

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return self.service.get(path, cookie=self.cookie, sec_fetch_site="same-origin", **headers)

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """Send a form of this session."""
        sent = {"cookie": self.cookie, "sec-fetch-site": "same-origin", "origin": ORIGIN, **headers}
        given = {"word": self.signed_in.form_word, **(fields or {})}
        return self.service.request("POST", path, data=given, headers=sent)

    @property
    def cookie(self) -> str:
        """The cookie's header."""
        return f"{COOKIE}={self.signed_in.secret}"


def sign_in(service: RunningService, who: StaffMember) -> Desk:
    """Let somebody in without the form."""
    home = service.home
    with home.place.staff.transaction() as transaction:
        rule = home.settings.session_rule
        signed_in = begin_session(transaction, who, rule, now=home.clock(), random=home.random)
    return Desk(service, signed_in)


def desk(
    service: RunningService,
    role: str = "owner",
    sites: tuple[str, ...] | None = None,
    slug: str = "example",
    login: str | None = None,
) -> Desk:
    """Make a member and let them in."""
    made = member(service.home, login or f"{role}.{slug}@example.org", role, sites, slug, password=None)
    return sign_in(service, made)


def entries(home: Home, kind: EntryKind | str | None = None, slug: str = "example") -> list[dict[str, Any]]:
    """Return the `what` parts of an organisation's entries, oldest first, each with who did it as `by`."""
    found: list[dict[str, Any]] = []
    from sqlalchemy import select

    from askfirst.storage import tables as t

    log_id = home.organisation(slug).log_id
    query = select(t.entry.c.kind, t.entry.c.what, t.entry.c.who).where(t.entry.c.log_id == log_id)
    with home.place.engine.connect() as connection:
        for row in connection.execute(query.order_by(t.entry.c.entry_id)):
            if kind is None or row.kind == kind:
                # Of what was forgotten only the kind is left.
                who: Any = strict_json(row.who) if row.who is not None else {}
                what: Any = strict_json(row.what) if row.what is not None else {"kind": row.kind}
                found.append({**what, "by": who.get("staff")})
    return found
