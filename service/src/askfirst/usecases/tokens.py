"""Bearer tokens for programs and the command line: shown once, kept as a hash, limited by role, sites and time."""

import hashlib
from uuid import UUID

from askfirst.core.errors import Unauthorized, UnknownSite
from askfirst.core.kinds import EntryKind
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.names import check_words
from askfirst.usecases.ports import Acting, Catalogue, Clock
from askfirst.usecases.rows import ApiToken, Organisation

PREFIX = "askfirst_"


def secret_hash(secret: str) -> bytes:
    """Return what is kept of a token: SHA-256, since it is 256 random bits and no password."""
    return hashlib.sha256(secret.encode()).digest()


def issue_token(
    catalogue: Catalogue,
    organisation: Organisation,
    *,
    name: str,
    role: str,
    sites: tuple[str, ...] | None,
    lifetime_ms: int,
    by: Acting,
) -> str:
    """Make a token and return its text, which is shown this once.

    Raises BadName for a name that is none, UnknownSite where the organisation has no such site.
    """
    check_words("name", name)
    secret = PREFIX + by.random.salt().hex()
    with catalogue.transaction() as transaction:
        for key in sites or ():
            site = transaction.site(key)
            if site is None or site.log_id != organisation.log_id:
                raise UnknownSite(key)
        now = by.clock()
        token_id = by.random.entry_id(now)
        transaction.add_token(
            ApiToken(organisation.log_id, token_id, name, secret_hash(secret), role, sites, now, now + lifetime_ms)
        )
        members = {
            "token": str(UUID(bytes=token_id)),
            "name": name,
            "role": role,
            "sites": None if sites is None else list(sites),
            "expires": now + lifetime_ms,
        }
        kind = EntryKind.TOKEN_CREATED
        transaction.append(staff_entry(organisation.log_id, kind, members, now=now, by=by))
    return secret


def read_token(catalogue: Catalogue, secret: str, *, clock: Clock) -> ApiToken:
    """Return the token of this text; raise Unauthorized if there is none, or it expired or was revoked."""
    token = catalogue.token(secret_hash(secret)) if secret.startswith(PREFIX) else None
    if token is None or token.revoked_at is not None or token.expires_at <= clock():
        raise Unauthorized
    return token
