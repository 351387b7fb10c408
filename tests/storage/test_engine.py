"""The database is opened so that a commit that returned survives a power cut."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from askfirst.storage.engine import one_moment, open_engine
from askfirst.storage.sqlite_batches import SqliteBatches
from askfirst.storage.tables import catalogue_version
from support.places import Home
from support.writing import open_batches, sealed

FULL, WAL = 2, "wal"


def pragmas(connection: Any) -> dict[str, object]:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}


EXPECTED = {"journal_mode": WAL, "synchronous": FULL, "foreign_keys": 1, "busy_timeout": 15_000}


def test_every_connection_of_the_engine_is_durable(tmp_path: Path) -> None:
    """Write-ahead log, a full sync at each commit, foreign keys checked, patience with another writer."""
    engine = open_engine(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with engine.connect() as one, engine.connect() as two:
        assert [EXPECTED] * 2 == [pragmas(each.connection.driver_connection) for each in (one, two)]
    engine.dispose()


def test_the_writers_connection_is_durable(home: Home) -> None:
    """The connection that commits visitors' answers is no exception."""
    batches = SqliteBatches(home.place.engine.url.database or "")
    assert EXPECTED == pragmas(batches._connection)
    batches.close()


def test_a_reader_is_not_stopped_by_a_writer(store: Home) -> None:
    """While one transaction writes, others read what was committed before it."""
    before = store.place.catalogue.version()
    with store.place.catalogue.transaction():
        during = store.place.catalogue.version()

    assert (before, before + 1) == (during, store.place.catalogue.version())


def test_a_read_sees_one_moment(store: Home) -> None:
    """However many statements a read runs, the database stands still for it."""
    query = select(catalogue_version.c.version)
    with one_moment(store.place.engine) as connection:
        first = connection.execute(query).scalar_one()
        with store.place.catalogue.transaction():
            pass
        assert first == connection.execute(query).scalar_one()


def test_a_batch_on_a_closed_connection_is_an_error_and_no_silence(store: Home) -> None:
    """What is not stored is never reported as stored."""
    batches = open_batches(store.settings)
    batches.close()
    with pytest.raises(Exception, match=r"closed database|connection is closed"):
        batches.commit([sealed(store, 1)])
