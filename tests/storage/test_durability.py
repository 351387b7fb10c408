"""Settings under which a confirmed answer could be lost are found at start, and said loudly."""

import logging

import pytest
from sqlalchemy import event

from askfirst.node import Node
from askfirst.storage.durability import durability_faults
from askfirst.storage.engine import open_engine
from support.cluster import Cluster
from support.places import Home


def test_a_database_as_it_should_be_has_no_fault(store: Home) -> None:
    """On both databases, as Askfirst opens them."""
    assert [] == durability_faults(store.place.engine)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("synchronous_commit = off", "synchronous_commit = off: a crash loses the newest answers"),
        ("synchronous_commit = 'off'", "set synchronous_commit = on in postgresql.conf, for the role and"),
    ],
)
def test_a_database_that_confirms_too_early_is_named(cluster: Cluster, setting: str, said: str) -> None:
    """The setting may hide in the database or the role and not only in the server's file."""
    with cluster.database() as name:
        cluster.run(f"ALTER DATABASE {name} SET {setting}")
        engine = open_engine(cluster.url(name))
        found = durability_faults(engine)
        engine.dispose()

    assert 1 == len(found)
    assert said in found[0]


def test_a_server_that_never_syncs_is_named(cluster: Cluster) -> None:
    """`fsync` and `full_page_writes` are the server's, and each is a fault of its own."""
    with cluster.reconfigured("fsync = off", "full_page_writes = off"):
        engine = open_engine(cluster.url())
        found = durability_faults(engine)
        engine.dispose()

    assert ["fsync", "full_page_writes"] == [one.split()[3] for one in found]


def test_local_commits_beside_a_synchronous_standby_are_named(cluster: Cluster) -> None:
    """Whoever has a standby to fail over to wants commits to wait for it."""
    with cluster.reconfigured("synchronous_standby_names = 'b'", "synchronous_commit = local"):
        engine = open_engine(cluster.url())
        found = durability_faults(engine)
        engine.dispose()

    assert 1 == len(found)
    assert "a failover loses the newest answers" in found[0]


@pytest.mark.each_database
def test_a_node_says_it_loudly_when_it_starts(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """Critical, with the remedy; and it serves all the same, since the operator may know what they do."""
    engine = home.place.engine
    if engine.dialect.name == "sqlite":
        node = Node(home.settings, clock=home.clock, random=home.random)
        assert [] == [one for one in caplog.records if one.levelno == logging.CRITICAL]
        event.listen(node.engine, "connect", _weaken, insert=False)
        node.engine.dispose()
        assert "synchronous = 1: a power cut loses answers" in durability_faults(node.engine)[0]
        node.engine.dispose()
        return
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {engine.url.database} SET synchronous_commit = off")
    node = Node(home.settings, clock=home.clock, random=home.random)
    node.engine.dispose()

    said = [one.getMessage() for one in caplog.records if one.levelno == logging.CRITICAL]
    assert 1 == len(said)
    assert "synchronous_commit = off" in said[0]


def _weaken(connection, _record) -> None:  # type: ignore[no-untyped-def]
    connection.execute("PRAGMA synchronous=NORMAL").close()
