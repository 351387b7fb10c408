"""One change among staff with its ledger entries (the `StaffTransaction` of usecases.ports)."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select, update

from askfirst.storage import tables as t
from askfirst.storage.entries import insert_entry
from askfirst.storage.staff_rows import MEMBER, link_row, member_row, token_row, values_of
from askfirst.usecases.rows import ApiToken, Entry, Session, SignInLink, StaffMember


class SqlStaffTransaction:
    """A change on a connection that is inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection."""
        self._connection = connection

    def organisations(self) -> tuple[int, ...]:
        """Return the log ids of all organisations, smallest first."""
        query = select(t.organisation.c.log_id).order_by(t.organisation.c.log_id)
        return tuple(self._connection.execute(query).scalars())

    def site_keys(self, log_id: int) -> tuple[str, ...]:
        """Return the keys of an organisation's sites."""
        query = select(t.site.c.site_key).where(t.site.c.log_id == log_id).order_by(t.site.c.site_key)
        return tuple(self._connection.execute(query).scalars())

    def member(self, log_id: int, staff_id: bytes) -> StaffMember | None:
        """Return one member."""
        query = select(*MEMBER).where(t.staff.c.log_id == log_id, t.staff.c.staff_id == staff_id)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else member_row(row)

    def named(self, login: str) -> StaffMember | None:
        """Return the member who signs in with this name."""
        row = self._connection.execute(select(*MEMBER).where(t.staff.c.login == login)).mappings().first()
        return None if row is None else member_row(row)

    def identified(self, log_id: int, identity: str) -> StaffMember | None:
        """Return the member whom the identity provider knows by this."""
        query = select(*MEMBER).where(t.staff.c.log_id == log_id, t.staff.c.identity == identity)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else member_row(row)

    def members(self, log_id: int) -> tuple[StaffMember, ...]:
        """Return all members of an organisation, oldest first."""
        query = select(*MEMBER).where(t.staff.c.log_id == log_id).order_by(t.staff.c.staff_id)
        return tuple(member_row(row) for row in self._connection.execute(query).mappings())

    def put_member(self, member: StaffMember) -> None:
        """Store a new or changed member."""
        changed = self._connection.execute(
            update(t.staff)
            .where(t.staff.c.log_id == member.log_id, t.staff.c.staff_id == member.staff_id)
            .values(values_of(member))
        )
        if changed.rowcount == 0:
            self._connection.execute(insert(t.staff).values(values_of(member)))

    def add_session(self, session: Session) -> None:
        """Store a new session."""
        self._connection.execute(insert(t.session).values(asdict(session)))

    def end_session(self, secret_hash: bytes) -> None:
        """Forget one session."""
        self._connection.execute(delete(t.session).where(t.session.c.secret_hash == secret_hash))

    def end_sessions(self, log_id: int, staff_id: bytes, *, but: bytes | None = None) -> int:
        """Forget all sessions of a member but one, and return how many there were."""
        own = [t.session.c.log_id == log_id, t.session.c.staff_id == staff_id]
        if but is not None:
            own.append(t.session.c.secret_hash != but)
        return self._connection.execute(delete(t.session).where(*own)).rowcount

    def add_link(self, link: SignInLink) -> None:
        """Store a new sign-in link."""
        self._connection.execute(insert(t.sign_in_link).values(asdict(link)))

    def link(self, secret_hash: bytes) -> SignInLink | None:
        """Return the link with this secret."""
        query = select(t.sign_in_link).where(t.sign_in_link.c.secret_hash == secret_hash)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else link_row(row)

    def use_link(self, secret_hash: bytes, now: int) -> None:
        """Mark a link as used."""
        self._connection.execute(
            update(t.sign_in_link).where(t.sign_in_link.c.secret_hash == secret_hash).values(used_at=now)
        )

    def drop_links(self, log_id: int, staff_id: bytes) -> None:
        """Forget all links of a member that were not used."""
        self._connection.execute(
            delete(t.sign_in_link).where(
                t.sign_in_link.c.log_id == log_id,
                t.sign_in_link.c.staff_id == staff_id,
                t.sign_in_link.c.used_at.is_(None),
            )
        )

    def tokens(self, log_id: int) -> tuple[ApiToken, ...]:
        """Return all API tokens of an organisation, newest first."""
        query = select(t.token).where(t.token.c.log_id == log_id).order_by(t.token.c.token_id.desc())
        return tuple(token_row(row) for row in self._connection.execute(query).mappings())

    def put_token(self, token: ApiToken) -> None:
        """Store a new or changed API token."""
        changed = self._connection.execute(
            update(t.token)
            .where(t.token.c.log_id == token.log_id, t.token.c.token_id == token.token_id)
            .values(values_of(token))
        )
        if changed.rowcount == 0:
            self._connection.execute(insert(t.token).values(values_of(token)))

    def prune(self, now: int) -> None:
        """Forget sessions and links that ended before `now`."""
        self._connection.execute(delete(t.session).where(t.session.c.expires_at <= now))
        self._connection.execute(delete(t.sign_in_link).where(t.sign_in_link.c.expires_at <= now))

    def append(self, entry: Entry) -> None:
        """Store a ledger entry."""
        insert_entry(self._connection, entry)
