"""Staff, their sessions, sign-in links and API tokens (the `StaffRoom` of usecases.ports)."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Engine, Table, bindparam, select, update

from askfirst.storage import tables as t
from askfirst.storage.prepared import Prepared
from askfirst.storage.staff_rows import MEMBER, link_row, member_row, session_row, token_row
from askfirst.storage.staff_transaction import SqlStaffTransaction
from askfirst.usecases.rows import ApiToken, Session, SignInLink, StaffMember


class SqlStaffRoom:
    """Staff in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine
        self._token = Prepared(engine, select(t.token).where(t.token.c.secret_hash == bindparam("secret_hash")))

    @contextmanager
    def transaction(self) -> Iterator[SqlStaffTransaction]:
        """Begin a change. Leaving the block commits it; an exception undoes it."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            # The organisations' rows are the lock that makes changes follow each other on PostgreSQL too: two owners
            # who disable each other at the same moment must not leave nobody.
            connection.execute(select(t.organisation.c.log_id).order_by(t.organisation.c.log_id).with_for_update())
            yield SqlStaffTransaction(connection)

    def session(self, secret_hash: bytes) -> tuple[Session, StaffMember] | None:
        """Return the session with this secret and its member."""
        query = (
            select(t.session, *MEMBER)
            .join_from(t.session, t.staff, _same_member(t.session))
            .where(t.session.c.secret_hash == secret_hash)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else (session_row(row), member_row(row))

    def touch(self, secret_hash: bytes, now: int) -> None:
        """Note that a session was used."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            connection.execute(update(t.session).where(t.session.c.secret_hash == secret_hash).values(seen_at=now))

    def named(self, login: str) -> StaffMember | None:
        """Return the member who signs in with this name."""
        with self._engine.connect() as connection:
            row = connection.execute(select(*MEMBER).where(t.staff.c.login == login)).mappings().first()
        return None if row is None else member_row(row)

    def link(self, secret_hash: bytes) -> tuple[SignInLink, StaffMember] | None:
        """Return the sign-in link with this secret and its member."""
        query = (
            select(t.sign_in_link, *MEMBER)
            .join_from(t.sign_in_link, t.staff, _same_member(t.sign_in_link))
            .where(t.sign_in_link.c.secret_hash == secret_hash)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else (link_row(row), member_row(row))

    def members(self, log_id: int) -> tuple[StaffMember, ...]:
        """Return all members of an organisation, oldest first."""
        with self._engine.connect() as connection:
            return SqlStaffTransaction(connection).members(log_id)

    def sessions(self, log_id: int) -> tuple[Session, ...]:
        """Return all sessions of an organisation, the one used last first."""
        query = select(t.session).where(t.session.c.log_id == log_id).order_by(t.session.c.seen_at.desc())
        with self._engine.connect() as connection:
            return tuple(session_row(row) for row in connection.execute(query).mappings())

    def tokens(self, log_id: int) -> tuple[ApiToken, ...]:
        """Return all API tokens of an organisation, newest first."""
        with self._engine.connect() as connection:
            return SqlStaffTransaction(connection).tokens(log_id)

    def token(self, secret_hash: bytes) -> ApiToken | None:
        """Return the API token with this secret."""
        rows = self._token.rows(secret_hash=secret_hash)
        return token_row(rows[0]._mapping) if rows else None


def _same_member(table: Table) -> ColumnElement[bool]:
    return (t.staff.c.log_id == table.c.log_id) & (t.staff.c.staff_id == table.c.staff_id)
