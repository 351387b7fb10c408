"""Staff of an organisation: who they are, what they may do, and that somebody is always left who may change it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from askfirst.core.errors import InvalidAccount, NotFound
from askfirst.core.kinds import EntryKind
from askfirst.core.roles import Role
from askfirst.usecases.credentials import digests
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.mandates import mandate_faults
from askfirst.usecases.names import MOST, is_words
from askfirst.usecases.ports import Acting, StaffRoom, StaffTransaction
from askfirst.usecases.rows import SignInLink, StaffMember
from askfirst.usecases.sessions import secret_hash

LINK_LIFETIME_MS: Final = 24 * 3_600_000
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,253}")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A member with the secret of a sign-in link, which is shown this once, and when it ends (ms)."""

    member: StaffMember
    secret: str
    expires_at: int

    def address(self, public_url: str) -> str:
        """Return the address that lets the member in once."""
        return f"{public_url}/console/link/{self.secret}"


def plain_login(text: str) -> str:
    """Return a name to sign in with as it is kept: without spaces around it, in lower case."""
    return text.strip().lower()


def is_login(text: str) -> bool:
    """Tell whether somebody can sign in by this name."""
    return _LOGIN.fullmatch(text) is not None


def add_member(
    room: StaffRoom,
    log_id: int,
    *,
    login: str,
    name: str,
    role: str,
    sites: tuple[str, ...] | None,
    by: Acting,
) -> Invitation:
    """Make a member, and a link that lets them in once. Raises InvalidAccount naming all that is wrong."""
    login, name = plain_login(login), name.strip()
    with room.transaction() as transaction:
        faults = mandate_faults(role, sites, transaction.site_keys(log_id))
        if not is_login(login):
            faults.append(("login", "must be an e-mail address, or 2 to 254 of a-z, 0-9 and . _ + -"))
        elif transaction.named(login) is not None:
            faults.append(("login", "is taken"))
        if not is_words(name):
            faults.append(("name", f"must have 1 to {MOST} printable characters"))
        if faults:
            raise InvalidAccount(faults)
        now = by.clock()
        member = StaffMember(log_id, by.random.entry_id(now), login, name, role, sites, None, now)
        transaction.put_member(member)
        invitation, given = _invite(transaction, member, now, by)
        members = {"account": account_id(member), "role": role, "sites": _listed(sites), "credentials": given}
        transaction.append(staff_entry(log_id, EntryKind.STAFF_CREATED, members, now=now, by=by))
        return invitation


def change_member(
    room: StaffRoom, log_id: int, staff_id: bytes, *, role: str, sites: tuple[str, ...] | None, by: Acting
) -> StaffMember:
    """Give a member another role or other sites; it counts from the next page on.

    Raises NotFound for no member of this organisation, InvalidAccount naming all that is wrong.
    """

    def change(transaction: StaffTransaction, member: StaffMember) -> tuple[StaffMember, Mapping[str, object]]:
        faults = mandate_faults(role, sites, transaction.site_keys(log_id))
        if faults:
            raise InvalidAccount(faults)
        changes: dict[str, object] = {}
        if role != member.role:
            changes["role"] = role
        if sites != member.sites:
            changes["sites"] = _listed(sites)
        return replace(member, role=role, sites=sites), changes

    return _changed(room, log_id, staff_id, change, by)


def disable_member(room: StaffRoom, log_id: int, staff_id: bytes, *, reason: str | None, by: Acting) -> StaffMember:
    """Shut a member out at once: sessions and links end.

    Raises NotFound for no member of this organisation, InvalidAccount for the last owner or a reason that is none.
    """
    if reason is not None and not is_words(reason):
        raise InvalidAccount([("reason", f"must have 1 to {MOST} printable characters")])
    with room.transaction() as transaction:
        member = member_of(transaction, log_id, staff_id)
        if member.disabled_at is not None:
            return member
        now = by.clock()
        disabled = replace(member, disabled_at=now)
        transaction.put_member(disabled)
        require_owner(transaction, log_id)
        transaction.end_sessions(log_id, staff_id)
        transaction.drop_links(log_id, staff_id)
        members = {"account": account_id(member), "reason": reason}
        transaction.append(staff_entry(log_id, EntryKind.STAFF_DISABLED, members, now=now, by=by))
    return disabled


def enable_member(room: StaffRoom, log_id: int, staff_id: bytes, *, by: Acting) -> StaffMember:
    """Let a disabled member in again. Raises NotFound for no member of this organisation."""

    def change(_transaction: StaffTransaction, member: StaffMember) -> tuple[StaffMember, Mapping[str, object]]:
        return replace(member, disabled_at=None), {} if member.disabled_at is None else {"disabled": False}

    return _changed(room, log_id, staff_id, change, by)


def invite_again(room: StaffRoom, log_id: int, staff_id: bytes, *, by: Acting) -> Invitation:
    """Make a new sign-in link for a member; older ones end.

    Raises NotFound for no member of this organisation, InvalidAccount for a disabled one.
    """
    with room.transaction() as transaction:
        member = member_of(transaction, log_id, staff_id)
        if member.disabled_at is not None:
            raise InvalidAccount([("account", "is disabled; enable it first")])
        now = by.clock()
        invitation, given = _invite(transaction, member, now, by)
        append_changes(transaction, member, {"sign_in_link": "made"}, now, by, given)
        return invitation


def choose_language(room: StaffRoom, log_id: int, staff_id: bytes, *, language: str, by: Acting) -> StaffMember:
    """Let a member be spoken to in a language of the console. Raises NotFound for no member of this organisation."""
    with room.transaction() as transaction:
        member = replace(member_of(transaction, log_id, staff_id), language=language)
        transaction.put_member(member)
        append_changes(transaction, member, {"language": language}, by.clock(), by)
        return member


def member_of(transaction: StaffTransaction, log_id: int, staff_id: bytes) -> StaffMember:
    """Return a member; raise NotFound where this organisation has no such member."""
    member = transaction.member(log_id, staff_id)
    if member is None:
        raise NotFound("This organisation has no staff member with this id.")
    return member


def account_id(member: StaffMember) -> str:
    """Return a member's id as ledger entries name it."""
    return str(UUID(bytes=member.staff_id))


def _changed(
    room: StaffRoom,
    log_id: int,
    staff_id: bytes,
    change: Callable[[StaffTransaction, StaffMember], tuple[StaffMember, Mapping[str, object]]],
    by: Acting,
) -> StaffMember:
    with room.transaction() as transaction:
        changed, changes = change(transaction, member_of(transaction, log_id, staff_id))
        if changes:
            transaction.put_member(changed)
            require_owner(transaction, log_id)
            append_changes(transaction, changed, changes, by.clock(), by)
    return changed


def append_changes(
    transaction: StaffTransaction,
    member: StaffMember,
    changes: Mapping[str, object],
    now: int,
    by: Acting,
    credentials: Mapping[str, object] | None = None,
) -> None:
    """Leave the entry about what changed of a member at `now` (ms), with the digests of what lets them in since."""
    members = {"account": account_id(member), "changes": dict(changes), "credentials": dict(credentials or {})}
    transaction.append(staff_entry(member.log_id, EntryKind.STAFF_CHANGED, members, now=now, by=by))


def _invite(
    transaction: StaffTransaction, member: StaffMember, now: int, by: Acting
) -> tuple[Invitation, Mapping[str, object]]:
    """Return a new link, and what its entry says of it."""
    secret = by.random.salt().hex()
    kept, expires_at = secret_hash(secret), now + LINK_LIFETIME_MS
    transaction.drop_links(member.log_id, member.staff_id)
    transaction.add_link(SignInLink(member.log_id, kept, member.staff_id, now, expires_at))
    return Invitation(member, secret, expires_at), digests(member.staff_id, link=kept)


def require_owner(transaction: StaffTransaction, log_id: int) -> None:
    """Raise InvalidAccount where nobody is left who may change everything."""
    owners = (
        one
        for one in transaction.members(log_id)
        if one.role == Role.OWNER and one.sites is None and one.disabled_at is None
    )
    if next(owners, None) is None:
        raise InvalidAccount([("account", "is the last owner of the whole organisation; make another one first")])


def _listed(sites: tuple[str, ...] | None) -> list[str] | None:
    return None if sites is None else list(sites)
