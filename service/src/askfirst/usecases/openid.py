"""Let people in whom the organisation's identity provider vouches for (OpenID Connect), with the role that it gives."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from askfirst.core.errors import IdentityRefused, InvalidAccount
from askfirst.core.kinds import EntryKind
from askfirst.core.roles import Role
from askfirst.usecases.credentials import digests
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.mandates import mandate_faults
from askfirst.usecases.names import MOST, is_words
from askfirst.usecases.ports import Acting, StaffRoom, StaffTransaction
from askfirst.usecases.rows import StaffMember
from askfirst.usecases.sessions import SessionRule, SignedIn, begin_session
from askfirst.usecases.staff import account_id, append_changes, is_login, plain_login, require_owner

_RULE: Final = re.compile(r"(?P<group>[^=,:]{1,200})=(?P<role>[a-z]+)(?::(?P<sites>[a-z0-9+]+))?")
_MOST_IDENTITY: Final = 512


class IdentityProvider(Protocol):
    """The organisation's own sign-in. `name` is what people call it, `issuer` what it calls itself."""

    name: str
    issuer: str

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Return where somebody is sent to sign in. Raises IdentityRefused where the provider can not be reached."""
        ...

    def claims(self, code: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Return what the provider says of whoever came back with `code`. Raises IdentityRefused."""
        ...


@dataclass(frozen=True, slots=True)
class GroupRule:
    """Whoever has `group` has this role, for these sites; None: for the whole organisation."""

    group: str
    role: Role
    sites: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Vouching:
    """How claims become a role: the claim that holds the groups, and the rules, of which the first that fits counts."""

    claim: str
    rules: tuple[GroupRule, ...]

    def mandate(self, claims: Mapping[str, Any]) -> GroupRule | None:
        """Return the rule that fits, or None."""
        given = claims.get(self.claim)
        groups = [given] if isinstance(given, str) else given if isinstance(given, Sequence) else []
        return next((rule for rule in self.rules if rule.group in groups), None)


def read_rules(text: str) -> tuple[GroupRule, ...]:
    """Return the rules in a setting: `GROUP=ROLE` or `GROUP=ROLE:site+site`, with commas between.

    Raises ValueError for any other text.
    """
    rules = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        found = _RULE.fullmatch(part)
        if found is None or found["role"] not in tuple(Role):
            raise ValueError("must be like consent-auditors=auditor, shop-team=editor:shop01+shop02")
        sites = tuple(found["sites"].split("+")) if found["sites"] else None
        rules.append(GroupRule(found["group"].strip(), Role(found["role"]), sites))
    return tuple(rules)


class IdentityDesk:
    """Lets people in whom the provider vouches for; an account is made when somebody comes for the first time."""

    def __init__(
        self, room: StaffRoom, issuer: str, vouching: Vouching, log_id: int, rule: SessionRule, by: Acting
    ) -> None:
        """Take where staff are kept, whose organisation they are, and how long a session lasts."""
        self._room, self._issuer, self._vouching = room, issuer, vouching
        self._log_id, self._rule, self._by = log_id, rule, by

    def sign_in(self, claims: Mapping[str, Any]) -> SignedIn:
        """Begin a session. Raises IdentityRefused, with an entry, where somebody may not come in."""
        account: list[str] = []
        try:
            with self._room.transaction() as transaction:
                member = self._member(transaction, claims, account)
                by = replace(self._by, staff=account_id(member))
                now = self._by.clock()
                signed_in = begin_session(transaction, member, self._rule, now=now, random=self._by.random)
                credentials = digests(member.staff_id, session=signed_in.session.secret_hash)
                members = {"method": "openid", "credentials": credentials}
                self._append(transaction, EntryKind.STAFF_SIGNED_IN, members, by, now)
                return signed_in
        except IdentityRefused as refused:
            self.refuse(str(refused), account[0] if account else None)
            raise

    def refuse(self, reason: str, account: str | None = None) -> None:
        """Leave an entry about an attempt that failed."""
        members: dict[str, object] = {"method": "openid", "account": account, "reason": reason}
        with self._room.transaction() as transaction:
            by, now = replace(self._by, staff=None), self._by.clock()
            self._append(transaction, EntryKind.STAFF_SIGN_IN_FAILED, members, by, now)

    def _member(self, transaction: StaffTransaction, claims: Mapping[str, Any], account: list[str]) -> StaffMember:
        subject = claims.get("sub")
        identity = f"{self._issuer} {subject}"
        if not isinstance(subject, str) or not subject or len(identity) > _MOST_IDENTITY:
            raise IdentityRefused("the provider named nobody")
        known = transaction.identified(self._log_id, identity)
        if known is not None:
            account.append(account_id(known))
            if known.disabled_at is not None:
                raise IdentityRefused("the account is disabled")
        rule = self._vouching.mandate(claims)
        if rule is None:
            raise IdentityRefused("no group of theirs has a role here")
        if mandate_faults(rule.role, rule.sites, transaction.site_keys(self._log_id)):
            raise IdentityRefused("their role is for sites that are not there")
        if known is None:
            return self._made(transaction, claims, identity, rule)
        return self._kept(transaction, known, rule)

    def _made(
        self, transaction: StaffTransaction, claims: Mapping[str, Any], identity: str, rule: GroupRule
    ) -> StaffMember:
        now = self._by.clock()
        staff_id = self._by.random.entry_id(now)
        login = next(one for one in _logins(claims, identity) if is_login(one) and transaction.named(one) is None)
        said = claims.get("name")
        name = said.strip() if isinstance(said, str) and is_words(said.strip(), MOST) else login
        member = StaffMember(self._log_id, staff_id, login, name, rule.role, rule.sites, None, now, identity=identity)
        transaction.put_member(member)
        sites = None if rule.sites is None else list(rule.sites)
        members: dict[str, object] = {"account": account_id(member), "role": str(rule.role), "sites": sites}
        members["credentials"] = digests(staff_id, identity=identity)
        self._append(transaction, EntryKind.STAFF_CREATED, members, replace(self._by, staff=account_id(member)), now)
        return member

    def _kept(self, transaction: StaffTransaction, known: StaffMember, rule: GroupRule) -> StaffMember:
        if (known.role, known.sites) == (rule.role, rule.sites):
            return known
        changed = replace(known, role=rule.role, sites=rule.sites)
        transaction.put_member(changed)
        try:
            require_owner(transaction, self._log_id)
        except InvalidAccount:
            raise IdentityRefused("their new role would leave the organisation without an owner") from None
        changes: dict[str, object] = {"role": str(rule.role)} if known.role != rule.role else {}
        if known.sites != rule.sites:
            changes["sites"] = None if rule.sites is None else list(rule.sites)
        append_changes(transaction, known, changes, self._by.clock(), replace(self._by, staff=account_id(known)))
        return changed

    def _append(
        self,
        transaction: StaffTransaction,
        kind: EntryKind,
        members: Mapping[str, object],
        by: Acting,
        now: int,
    ) -> None:
        transaction.append(staff_entry(self._log_id, kind, members, now=now, by=by))


def _logins(claims: Mapping[str, Any], identity: str) -> list[str]:
    """Return names that somebody could have here, the best first; the last is nobody else's."""
    unverified = claims.get("email_verified") is False
    wanted = [None if unverified else claims.get("email"), claims.get("preferred_username")]
    own = hashlib.sha256(identity.encode("utf-8", "backslashreplace")).hexdigest()[:24]
    return [*(plain_login(one) for one in wanted if isinstance(one, str)), f"openid-{own}"]
