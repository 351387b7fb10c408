"""Sign in by password or one-time link, and sign out. What is tried and what succeeds are ledger entries alike."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from askfirst.core.kinds import EntryKind
from askfirst.usecases.credentials import digests
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.passwords import MOST
from askfirst.usecases.ports import Acting, Clock, Passwords, Randomness, StaffRoom, StaffTransaction
from askfirst.usecases.rows import StaffMember
from askfirst.usecases.sessions import SessionRule, SignedIn, begin_session, secret_hash
from askfirst.usecases.staff import account_id, append_changes, member_of, plain_login

Method = Literal["password", "link"]


class SignInDesk:
    """Lets people in and out."""

    def __init__(
        self, room: StaffRoom, passwords: Passwords, rule: SessionRule, *, clock: Clock, random: Randomness
    ) -> None:
        """Take where staff and passwords are kept, and how long a session lasts."""
        self._room, self._passwords, self._rule = room, passwords, rule
        self._clock, self._random = clock, random

    def with_password(self, login: str, password: str) -> SignedIn | None:
        """Begin a session; None where name and password do not fit together, whatever the reason.

        It takes as long for a name that nobody has. Blocks for the time of one slow hash.
        """
        member = self._room.named(plain_login(login))
        kept = member.password_hash if member else None
        holds = len(password) <= MOST and self._passwords.holds(kept, password)
        if member is None or not holds or member.disabled_at is not None:
            self._refuse("password", member, _why(member, holds=holds))
            return None
        if kept is not None and self._passwords.is_old(kept):
            member = replace(member, password_hash=self._passwords.hashed(password))
        with self._room.transaction() as transaction:
            now = transaction.member(member.log_id, member.staff_id)
            if now is None or now.password_hash != kept or now.disabled_at is not None:
                return None  # changed in this very moment
            anew = member.password_hash if member.password_hash != kept else None
            if anew is not None:
                transaction.put_member(replace(now, password_hash=anew))
            return self._begin(transaction, now, "password", self._clock(), password=anew)

    def invited(self, secret: str) -> StaffMember | None:
        """Return whom a sign-in link would let in; None where it was used, ended, or never was."""
        found = self._room.link(secret_hash(secret))
        if found is None:
            return None
        link, member = found
        spent = link.used_at is not None or link.expires_at <= self._clock() or member.disabled_at is not None
        return None if spent else member

    def with_link(self, secret: str) -> SignedIn | None:
        """Use up a sign-in link and begin a session; None where it was used, ended, or never was."""
        with self._room.transaction() as transaction:
            # Looked up again inside the change: of two who use one link at once, one gets in.
            link = transaction.link(secret_hash(secret))
            member = transaction.member(link.log_id, link.staff_id) if link else None
            now = self._clock()
            if link and member and link.used_at is None and link.expires_at > now and member.disabled_at is None:
                transaction.use_link(link.secret_hash, now)
                return self._begin(transaction, member, "link", now, link=link.secret_hash)
        self._refuse("link", member, "the link was used or ended" if member else "there is no such link")
        return None

    def sign_out(self, signed_in: StaffMember, session: bytes, *, everywhere: bool) -> None:
        """End one session, by its secret's hash, or all of the member's sessions."""
        with self._room.transaction() as transaction:
            if everywhere:
                transaction.end_sessions(signed_in.log_id, signed_in.staff_id)
            else:
                transaction.end_session(session)
            ended = {} if everywhere else digests(signed_in.staff_id, session=session)
            members = {"everywhere": everywhere, "credentials": ended}
            self._leave(transaction, signed_in, EntryKind.STAFF_SIGNED_OUT, members, self._clock())

    def _begin(
        self,
        transaction: StaffTransaction,
        member: StaffMember,
        method: Method,
        now: int,
        **given: str | bytes | None,
    ) -> SignedIn:
        """Begin a session at `now` (ms); `given`: what else is kept of them from now on, or was used up."""
        signed_in = begin_session(transaction, member, self._rule, now=now, random=self._random)
        credentials = digests(member.staff_id, session=signed_in.session.secret_hash, **given)
        members = {"method": method, "credentials": credentials}
        self._leave(transaction, member, EntryKind.STAFF_SIGNED_IN, members, now)
        return signed_in

    def _refuse(self, method: Method, member: StaffMember | None, reason: str) -> None:
        with self._room.transaction() as transaction:
            # A name that nobody has is no organisation's: the first one, the operator's own, keeps the attempt. What
            # was typed is not kept, since people type passwords into the wrong field.
            logs = (member.log_id,) if member else transaction.organisations()[:1]
            by = Acting(None, self._clock, self._random)
            members = {"method": method, "account": account_id(member) if member else None, "reason": reason}
            for log_id in logs:
                now = self._clock()
                transaction.append(staff_entry(log_id, EntryKind.STAFF_SIGN_IN_FAILED, members, now=now, by=by))

    def _leave(
        self,
        transaction: StaffTransaction,
        member: StaffMember,
        kind: EntryKind,
        members: Mapping[str, object],
        now: int,
    ) -> None:
        by = Acting(account_id(member), self._clock, self._random)
        transaction.append(staff_entry(member.log_id, kind, members, now=now, by=by))


def sign_out_everywhere(room: StaffRoom, log_id: int, staff_id: bytes, *, by: Acting) -> int:
    """End all sessions of a member from outside, and return how many there were.

    Raises NotFound for no member of this organisation.
    """
    with room.transaction() as transaction:
        member = member_of(transaction, log_id, staff_id)
        ended = transaction.end_sessions(log_id, staff_id)
        append_changes(transaction, member, {"sessions": "ended"}, by.clock(), by)
    return ended


def _why(member: StaffMember | None, *, holds: bool) -> str:
    if member is None:
        return "nobody has this name"
    if member.password_hash is None:
        return "no password was chosen yet"
    return "the password is wrong" if not holds else "the account is disabled"
