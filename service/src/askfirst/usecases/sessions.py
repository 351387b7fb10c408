"""Who is signed in: sessions that end by themselves, after a while without use and at the latest after some hours."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from askfirst.core.errors import Unauthorized
from askfirst.usecases.ports import Clock, Randomness, StaffRoom, StaffTransaction
from askfirst.usecases.rows import Session, StaffMember

# A session that is in use is written down this often, and not with every page.
_TOUCH_EVERY_MS: Final = 60_000
_SECRET_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class SessionRule:
    """How long a session lasts, in milliseconds: `idle` without use, `absolute` at the most."""

    idle_ms: int
    absolute_ms: int

    def holds(self, session: Session, now: int) -> bool:
        """Tell whether a session has not ended at `now` (ms); a rule that became shorter counts at once."""
        used, begun = now - session.seen_at, now - session.created_at
        return used < self.idle_ms and begun < self.absolute_ms and now < session.expires_at


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session with its member; `secret` is what the browser keeps."""

    member: StaffMember
    session: Session
    secret: str

    @property
    def form_word(self) -> str:
        """The word that a form of this session carries: another site's page can neither read nor guess it."""
        return hmac.digest(self.secret.encode(), b"askfirst form word", "sha256").hex()


def secret_hash(secret: str) -> bytes:
    """Return what is kept of a session's or link's secret: SHA-256, since it is 256 random bits and no password."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).digest()


def begin_session(
    transaction: StaffTransaction, member: StaffMember, rule: SessionRule, *, now: int, random: Randomness
) -> SignedIn:
    """Store a new session inside a running change, and forget those that ended."""
    secret = random.salt().hex()
    session = Session(member.log_id, secret_hash(secret), member.staff_id, now, now, now + rule.absolute_ms)
    transaction.prune(now)
    transaction.add_session(session)
    return SignedIn(member, session, secret)


def read_session(room: StaffRoom, secret: str, rule: SessionRule, *, clock: Clock, touch: bool = True) -> SignedIn:
    """Return who is signed in with this secret; `touch`: this is a use that keeps the session alive.

    Raises Unauthorized where the secret is none, the session ended, or its member was disabled.
    """
    found = room.session(secret_hash(secret)) if len(secret) == _SECRET_LENGTH else None
    if found is None:
        raise Unauthorized
    session, member = found
    now = clock()
    if not rule.holds(session, now) or member.disabled_at is not None:
        raise Unauthorized
    if touch and now - session.seen_at >= _TOUCH_EVERY_MS:
        room.touch(session.secret_hash, now)
    return SignedIn(member, session, secret)
