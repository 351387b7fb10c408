"""Take the content of decisions out of every table that holds some (the `Forgetting` of usecases.ports)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from askfirst.storage import tables as t
from askfirst.storage.entries import insert_entry
from askfirst.storage.read_back import as_tombstone
from askfirst.storage.time_ids import first_id
from askfirst.storage.upsert import upsert
from askfirst.usecases.altered_values import as_bytes, as_bytes_or_none, as_number, as_text, as_text_or_none
from askfirst.usecases.rows import Entry, Forgettable, Hold, Tombstone

_PAGE = 500  # ids in one IN list
_TIED = t.record.alias("tied").c  # what names an account beside a subject: both are the same person
_OF_RECORD = (t.entry.c.log_id == t.record.c.log_id) & (t.entry.c.entry_id == t.record.c.record_id)


class SqlForgetting:
    """Erasure and retention in SQL."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine
        # Owned by whoever empties the log: taken back before each attempt, so that no failure of another is lost.
        self._left = False

    @contextmanager
    def transaction(self) -> Iterator["SqlForgettingTransaction"]:
        """Begin to forget. Leaving the block commits it; an exception undoes it."""
        with self._engine.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
            on_sqlite = connection.dialect.name == "sqlite"
            if on_sqlite:
                # What is deleted is overwritten too, and not only left out; it costs, so only here.
                _raw(connection, "PRAGMA secure_delete=ON")
            step = SqlForgettingTransaction(connection)
            with connection.begin():
                yield step
            if on_sqlite:
                _raw(connection, "PRAGMA secure_delete=OFF")
        if on_sqlite and step.forgot:
            self.overwrite()

    def overwrite(self) -> None:
        """Empty SQLite's write-ahead log, which holds pages as they were before something was forgotten. It waits for
        nobody: where somebody reads or writes, `overwrite_rest` has to do it later.
        """
        if self._engine.dialect.name != "sqlite":
            return
        self._left = False
        with self._engine.connect() as connection:
            patience = _raw(connection, "PRAGMA busy_timeout")
            # To wait for a reader here, such as a backup, is to keep everybody from writing for as long.
            _raw(connection, "PRAGMA busy_timeout=0")
            try:
                busy = _raw(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                _raw(connection, f"PRAGMA busy_timeout={patience}")
        if busy:
            self._left = True

    def overwrite_rest(self) -> None:
        """Do what the last `overwrite` left, if it left anything."""
        if self._left:
            self.overwrite()

    def holds(self, log_id: int, sites: tuple[str, ...] | None = None) -> tuple[Hold, ...]:
        """Return all holds that ever were, newest first; of these sites, or of who has a record there, or all."""
        query = select(t.hold).where(t.hold.c.log_id == log_id).order_by(t.hold.c.hold_id.desc())
        if sites is not None:
            h, r = t.hold.c, t.record.c
            there = and_(r.log_id == log_id, r.site_key.in_(sites))
            # One by one, each with its index: as alternatives of one condition all records would be read.
            persons = (r.subject == h.subject, r.account == h.account, and_(r.account == _TIED.account, *_tied(log_id)))
            theirs = (exists().where(there, person).correlate(t.hold) for person in persons)
            query = query.where(or_(h.site_key.in_(sites), *theirs))
        with self._engine.connect() as connection:
            return tuple(_hold(row) for row in connection.execute(query))

    def due(self, log_id: int, site_key: str, before: int, most: int, now: int) -> tuple[int, int]:
        """Return how many decisions of a site are from before a time (ms), counted up to `most`, and how many of these
        are held now.
        """
        r = t.record.c
        old = select(r.record_id, _held(log_id, now).label("held")).where(
            r.log_id == log_id, r.site_key == site_key, r.record_id < first_id(before)
        )
        found = old.order_by(r.record_id).limit(most).subquery()
        counted = select(func.count(), func.count().filter(found.c.held)).select_from(found)
        with self._engine.connect() as connection:
            due, held = connection.execute(counted).one()
        return as_number(due), as_number(held)

    def tombstone(self, log_id: int, record_id: bytes) -> Tombstone | None:
        """Return when and how a record was forgotten."""
        with self._engine.connect() as connection:
            return SqlForgettingTransaction(connection).tombstone(log_id, record_id, None)

    def tombstones(
        self, log_id: int, sites: tuple[str, ...] | None, after: bytes | None, limit: int
    ) -> list[Tombstone]:
        """Return what was forgotten, in the order of the ledger: what stands after the entry `after`, or all. Neither
        what waits for its place is told yet, nor anything after an entry that waits itself.
        """
        leaf, stone = t.leaf.c, t.tombstone.c
        says_so = (leaf.log_id == stone.log_id) & (leaf.entry_id == stone.entry_id)
        query = (
            select(t.tombstone)
            .join_from(t.tombstone, t.leaf, says_so)
            .where(leaf.log_id == log_id, *_within(t.tombstone, sites))
            # Not in the order of ids: those are given before the commit, and one may come to light after a later one.
            .order_by(leaf.position)
            .limit(limit)
        )
        if after is not None:
            known = t.leaf.alias("known").c
            place = select(known.position).where(known.log_id == log_id, known.entry_id == after).scalar_subquery()
            query = query.where(leaf.position > place)
        with self._engine.connect() as connection:
            return [as_tombstone(row) for row in connection.execute(query)]


class SqlForgettingTransaction:
    """One step of forgetting (the `ForgettingTransaction` of usecases.ports)."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection inside a transaction."""
        self._connection = connection
        self.forgot = False  # whether anything was taken away that has to be overwritten

    def of_subject(self, log_id: int, subject: str, sites: tuple[str, ...] | None) -> list[Forgettable]:
        """Return every decision of a subject, and of the accounts that it is tied to, oldest first, and keep others
        from forgetting it meanwhile."""
        accounts = select(_TIED.account).where(
            _TIED.log_id == log_id, _TIED.subject == subject, _TIED.account.is_not(None), *_within_columns(_TIED, sites)
        )
        mine = or_(t.record.c.subject == subject, t.record.c.account.in_(accounts))
        return self._found(_decisions(log_id, sites).where(mine))

    def of_account(self, log_id: int, account: str, sites: tuple[str, ...] | None) -> list[Forgettable]:
        """Return every decision that is tied to an account, oldest first, as `of_subject` does."""
        return self._found(_decisions(log_id, sites).where(t.record.c.account == account))

    def of_record(self, log_id: int, record_id: bytes, sites: tuple[str, ...] | None) -> Forgettable | None:
        """Return one decision, and keep others from forgetting it meanwhile."""
        found = self._found(_decisions(log_id, sites).where(t.record.c.record_id == record_id))
        return found[0] if found else None

    def older_than(self, log_id: int, site_key: str, before: int, limit: int, now: int) -> list[Forgettable]:
        """Return at most `limit` decisions of a site from before a time (ms), oldest first; none that is held now."""
        self._stop_holds(log_id)
        old = _decisions(log_id, (site_key,)).where(t.record.c.record_id < first_id(before), ~_held(log_id, now))
        return self._found(old.limit(limit))

    def holding(self, log_id: int, record_ids: Sequence[bytes], now: int) -> list[bytes]:
        """Return the ids of the holds that keep one of these records now."""
        self._stop_holds(log_id)
        # A hold that ended by itself needs not know any more whom it was about.
        h = t.hold.c
        for whom in (h.subject, h.account):
            ended = update(t.hold).where(h.log_id == log_id, whom != "", h.until <= now).values({whom: ""})
            self.forgot |= self._connection.execute(ended).rowcount > 0
        found: set[bytes] = set()
        for start in range(0, len(record_ids), _PAGE):
            r, some = t.record.c, record_ids[start : start + _PAGE]
            # With a limit SQLite looks for these first, and not for all that lie in the range of a hold.
            mine = select(r.log_id, r.record_id, r.subject, r.site_key, r.account).limit(_PAGE)
            these = mine.where(r.log_id == log_id, r.record_id.in_(some)).subquery().c
            by_account = and_(*_tied(log_id), _in_force(now), _TIED.account.in_(select(these.account)))
            for kept in (_keeps(these, now), by_account):
                ids = self._connection.execute(select(h.hold_id).where(kept).distinct()).scalars()
                found.update(as_bytes(one) for one in ids)
        return sorted(found)

    def person_of(self, log_id: int, record_id: bytes, sites: tuple[str, ...] | None) -> tuple[str | None, str | None]:
        """Return the subject and the account of a record; None for each that it has not, or where there is none."""
        query = select(t.record.c.subject, t.record.c.account).where(
            t.record.c.log_id == log_id, t.record.c.record_id == record_id, *_within(t.record, sites)
        )
        row = self._connection.execute(query).first()
        return (None, None) if row is None else (as_text_or_none(row.subject), as_text_or_none(row.account))

    def newest_of(self, log_id: int, subject: str, sites: tuple[str, ...] | None) -> bytes | None:
        """Return the newest record of a subject."""
        query = select(t.record.c.record_id).where(
            t.record.c.log_id == log_id, t.record.c.subject == subject, *_within(t.record, sites)
        )
        return as_bytes_or_none(self._connection.execute(query.order_by(t.record.c.record_id.desc()).limit(1)).scalar())

    def hold(self, log_id: int, hold_id: bytes) -> Hold | None:
        """Return one hold."""
        row = self._connection.execute(
            select(t.hold).where(t.hold.c.log_id == log_id, t.hold.c.hold_id == hold_id).with_for_update()
        ).first()
        return None if row is None else _hold(row)

    def put_hold(self, hold: Hold) -> None:
        """Store a new or changed hold."""
        mine = select(t.organisation.c.log_id).where(t.organisation.c.log_id == hold.log_id).with_for_update()
        self._connection.execute(mine)
        self.forgot |= "" in (hold.subject, hold.account)
        values = asdict(hold)
        put = upsert(self._connection.dialect.name, t.hold).values(values)
        self._connection.execute(put.on_conflict_do_update(index_elements=list(t.hold.primary_key), set_=values))

    def tombstone(self, log_id: int, record_id: bytes, sites: tuple[str, ...] | None) -> Tombstone | None:
        """Return when and how a record was forgotten."""
        query = select(t.tombstone).where(
            t.tombstone.c.log_id == log_id, t.tombstone.c.record_id == record_id, *_within(t.tombstone, sites)
        )
        row = self._connection.execute(query).first()
        return None if row is None else as_tombstone(row)

    def forget(self, found: Forgettable, tombstone: Tombstone, entry: Entry) -> None:
        """Take a decision's content away, leave its tombstone, and store the entry that says so."""
        self.forgot = True
        of_it = (t.entry.c.log_id == tombstone.log_id) & (t.entry.c.entry_id == found.record_id)
        self._connection.execute(
            update(t.entry).where(of_it).values(what=None, what_salt=None, who=None, who_salt=None)
        )
        self._connection.execute(
            delete(t.record).where(t.record.c.log_id == tombstone.log_id, t.record.c.record_id == found.record_id)
        )
        self._connection.execute(
            update(t.decision_seen)
            .where(t.decision_seen.c.log_id == tombstone.log_id, t.decision_seen.c.record_id == found.record_id)
            .values(mac=None)
        )
        self._connection.execute(
            insert(t.tombstone).values(
                log_id=tombstone.log_id,
                record_id=tombstone.record_id,
                entry_id=tombstone.entry_id,
                site_key=tombstone.site_key,
                kind=tombstone.kind,
                forgotten_at=tombstone.forgotten_at,
            )
        )
        insert_entry(self._connection, entry)

    def prune_seen(self, log_id: int, before: int, limit: int) -> int:
        """Drop at most `limit` decision ids from before a time (ms), and return how many."""
        s = t.decision_seen.c
        old = (
            select(s.site_key, s.decision_id)
            .where(s.log_id == log_id, s.record_id < first_id(before))
            .order_by(s.record_id)
            .limit(limit)
        )
        found = self._connection.execute(old).all()
        self.forgot |= bool(found)
        for row in found:
            self._connection.execute(
                delete(t.decision_seen).where(
                    s.log_id == log_id, s.site_key == row.site_key, s.decision_id == row.decision_id
                )
            )
        return len(found)

    def append(self, entry: Entry) -> None:
        """Store a ledger entry."""
        insert_entry(self._connection, entry)

    def _stop_holds(self, log_id: int) -> None:
        """See to it that a hold placed at this moment is either seen from here on, or waits until what goes is gone."""
        mine = select(t.organisation.c.log_id).where(t.organisation.c.log_id == log_id).with_for_update(read=True)
        self._connection.execute(mine)

    def _found(self, query: Select[Any]) -> list[Forgettable]:
        # The record's row is the lock: two who forget one person at once do it one after the other, and the second
        # finds nothing left.
        rows = self._connection.execute(query.with_for_update(of=t.record))
        return [Forgettable(as_bytes(row.record_id), as_text(row.site_key), as_bytes(row.leaf)) for row in rows]


def _raw(connection: Connection, statement: str) -> int:
    """Run a PRAGMA outside of any transaction, and return the first number that it answers; 0 for none."""
    driver = connection.connection.driver_connection
    row = driver.execute(statement).fetchone() if driver is not None else None
    return row[0] if row else 0


def _decisions(log_id: int, sites: tuple[str, ...] | None) -> Select[Any]:
    return (
        select(t.record.c.record_id, t.record.c.site_key, t.entry.c.leaf)
        .join_from(t.record, t.entry, _OF_RECORD)
        .where(t.record.c.log_id == log_id, *_within(t.record, sites))
        .order_by(t.record.c.record_id)
    )


def _within(table: Any, sites: tuple[str, ...] | None) -> list[ColumnElement[bool]]:
    return _within_columns(table.c, sites)


def _within_columns(columns: Any, sites: tuple[str, ...] | None) -> list[ColumnElement[bool]]:
    return [] if sites is None else [columns.site_key.in_(sites)]


def _in_force(now: int) -> ColumnElement[bool]:
    return t.hold.c.lifted_at.is_(None) & or_(t.hold.c.until.is_(None), t.hold.c.until > now)


def _keeps(r: Any, now: int) -> ColumnElement[bool]:
    """Return the condition under which a hold itself names a record, of which these are the columns, or its person."""
    h = t.hold.c
    return and_(
        h.log_id == r.log_id,
        _in_force(now),
        or_(h.subject.is_(None), h.subject == r.subject),
        or_(h.account.is_(None), h.account == r.account),
        or_(h.site_key.is_(None), h.site_key == r.site_key),
        h.first_record <= r.record_id,
        r.record_id < h.before_record,
    )


def _tied(log_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a record ties an account to the subject of a hold."""
    h = t.hold.c
    return h.log_id == log_id, _TIED.log_id == log_id, _TIED.subject == h.subject, _TIED.account.is_not(None)


def _held(log_id: int, now: int) -> ColumnElement[bool]:
    """Return the condition under which any hold keeps a record."""
    # The accounts are found once and not for each record: there are as many as people who are held.
    accounts = select(_TIED.account).where(*_tied(log_id), _in_force(now))
    of_account = and_(t.record.c.account.is_not(None), t.record.c.account.in_(accounts))
    return or_(exists().where(_keeps(t.record.c, now)).correlate(t.record), of_account)


def _hold(row: Any) -> Hold:
    return Hold(
        log_id=as_number(row.log_id),
        hold_id=as_bytes(row.hold_id),
        subject=as_text_or_none(row.subject),
        site_key=as_text_or_none(row.site_key),
        first_record=as_bytes(row.first_record),
        before_record=as_bytes(row.before_record),
        reason=as_text(row.reason),
        staff=as_text_or_none(row.staff),
        placed_at=as_number(row.placed_at),
        until=row.until,
        lifted_at=row.lifted_at,
        account=as_text_or_none(row.account),
    )
