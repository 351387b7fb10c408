"""Bearer tokens for programs and the command line: shown once, kept as a hash, limited by role, sites and time."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from askfirst.core.errors import InvalidAccount, NotFound, Unauthorized
from askfirst.core.kinds import EntryKind
from askfirst.core.roles import Role
from askfirst.usecases.credentials import digests
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.mandates import mandate_faults
from askfirst.usecases.names import MOST, is_words
from askfirst.usecases.ports import Acting, Clock, Lookups, StaffRoom
from askfirst.usecases.rows import ApiToken
from askfirst.usecases.sessions import secret_hash

PREFIX: Final = "askfirst_"
DAY_MS: Final = 86_400_000
MOST_DAYS: Final = 365


def issue_token(
    room: StaffRoom,
    log_id: int,
    *,
    name: str,
    role: str,
    sites: tuple[str, ...] | None,
    days: int,
    by: Acting,
) -> str:
    """Make a token and return its text, which is shown this once. Raises InvalidAccount naming all that is wrong."""
    with room.transaction() as transaction:
        faults = mandate_faults(role, sites, transaction.site_keys(log_id), tuple(Role))
        if not is_words(name):
            faults.append(("name", f"must have 1 to {MOST} printable characters"))
        if not 1 <= days <= MOST_DAYS:
            faults.append(("days", f"must be 1 to {MOST_DAYS}"))
        if faults:
            raise InvalidAccount(faults)
        secret = PREFIX + by.random.salt().hex()
        now = by.clock()
        token_id, expires_at = by.random.entry_id(now), now + days * DAY_MS
        kept = secret_hash(secret)
        transaction.put_token(ApiToken(log_id, token_id, name, kept, role, sites, now, expires_at))
        members = {
            "token": str(UUID(bytes=token_id)),
            "name": name,
            "role": role,
            "sites": None if sites is None else list(sites),
            "expires": expires_at,
            "credentials": digests(token_id, token=kept),
        }
        transaction.append(staff_entry(log_id, EntryKind.TOKEN_CREATED, members, now=now, by=by))
    return secret


def revoke_token(room: StaffRoom, log_id: int, token_id: bytes, *, reason: str | None = None, by: Acting) -> None:
    """End a token now. Raises NotFound where this organisation has no such token."""
    with room.transaction() as transaction:
        token = next((one for one in transaction.tokens(log_id) if one.token_id == token_id), None)
        if token is None:
            raise NotFound("This organisation has no token with this id.")
        if token.revoked_at is not None:
            return
        now = by.clock()
        transaction.put_token(replace(token, revoked_at=now))
        members = {"token": str(UUID(bytes=token_id)), "reason": reason}
        transaction.append(staff_entry(log_id, EntryKind.TOKEN_REVOKED, members, now=now, by=by))


def read_token(room: StaffRoom, secret: str, *, clock: Clock) -> ApiToken:
    """Return the token of this text; raise Unauthorized if there is none, or it expired or was revoked."""
    return _valid(room.token(secret_hash(secret)) if secret.startswith(PREFIX) else None, clock)


async def look_up_token(lookups: Lookups, secret: str, *, clock: Clock) -> ApiToken:
    """Return the same, looked up together with what other requests ask."""
    return _valid(await lookups.token(secret_hash(secret)) if secret.startswith(PREFIX) else None, clock)


def _valid(token: ApiToken | None, clock: Clock) -> ApiToken:
    if token is None or token.revoked_at is not None or token.expires_at <= clock():
        raise Unauthorized
    return token
