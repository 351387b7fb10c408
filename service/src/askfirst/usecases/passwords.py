"""Choose a password: long rather than odd (NIST SP 800-63B, 3.1.1), and known only to its owner."""

from dataclasses import replace
from typing import Final

from askfirst.core.errors import InvalidAccount
from askfirst.usecases.credentials import digests
from askfirst.usecases.ports import Acting, Passwords, StaffRoom
from askfirst.usecases.rows import StaffMember
from askfirst.usecases.staff import append_changes, member_of

LEAST: Final = 12
MOST: Final = 256  # characters: hashing takes longer with each, and anybody may send them
_FEW: Final = 4  # different characters


def choose_password(
    room: StaffRoom,
    passwords: Passwords,
    member: StaffMember,
    *,
    current: str,
    new: str,
    again: str,
    session: bytes,
    by: Acting,
) -> StaffMember:
    """Give a member a new password, and end all their other sessions and links.

    `current` is asked for where there is one; `session` is the secret's hash of the session that stays. Raises
    InvalidAccount naming all that is wrong.
    """
    faults = []
    if member.password_hash is not None and not (
        len(current) <= MOST and passwords.holds(member.password_hash, current)
    ):
        faults.append(("current", "is not your password"))
    faults += [("new", said) for said in _new_faults(member, new)]
    if new != again:
        faults.append(("again", "is not the same as the new password"))
    if faults:
        raise InvalidAccount(faults)
    kept = passwords.hashed(new)
    with room.transaction() as transaction:
        now = by.clock()
        changed = replace(member_of(transaction, member.log_id, member.staff_id), password_hash=kept)
        transaction.put_member(changed)
        transaction.end_sessions(member.log_id, member.staff_id, but=session)
        transaction.drop_links(member.log_id, member.staff_id)
        given = digests(member.staff_id, password=kept, session=session)
        append_changes(transaction, changed, {"password": "chosen"}, now, by, given)
    return changed


def _new_faults(member: StaffMember, new: str) -> list[str]:
    if not LEAST <= len(new) <= MOST:
        return [f"must have {LEAST} to {MOST} characters"]
    if len(set(new)) < _FEW:
        return ["must not be the same few characters again and again"]
    known = [word for word in (member.login, member.login.partition("@")[0], member.name.lower()) if len(word) >= _FEW]
    if any(word in new.lower() for word in known):
        return ["must not have your name in it"]
    return []
