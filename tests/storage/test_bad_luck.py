"""Disk full, read-only, a clock that goes back: refused clearly, nothing half-written, and it goes on."""

import logging
import sqlite3
from typing import Any

import pytest

from askfirst.storage import sqlite_batches
from askfirst.storage.engine import sqlite_settings
from support.altered_log import said, verified
from support.cluster import Cluster
from support.places import Home
from support.running_service import RunningService, run_service
from support.time_and_ids import HOUR


class Trouble:
    """What the writer's next connection to SQLite suffers from."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.statement = ""
        patch.setattr(sqlite_batches, "sqlite_settings", self._open)

    def _open(self, connection: sqlite3.Connection) -> None:
        sqlite_settings(connection)
        if self.statement:
            connection.execute(self.statement).close()


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Trouble:
    """Give a hand over what the writer's connection can do."""
    return Trouble(monkeypatch)


def criticals(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == logging.CRITICAL]


def refused_then_stored(service: RunningService, end: Any) -> None:
    """Hold that a decision is refused while there is trouble, stored afterwards, and that the log holds."""
    decisions = [service.decision() for _ in range(40)]
    statuses = [service.post(one).status_code for one in decisions]
    assert statuses[-3:] == [503, 503, 503]
    end()
    # The connection on which it failed is given up by the next batch.
    afterwards = [service.post(one).status_code for one in decisions]
    service.settle()

    assert set(afterwards[3:]) <= {200, 201}
    assert 503 not in [service.post(one).status_code for one in decisions]
    service.settle()
    counts = service.home.place.ledger.counts(1)
    assert (len(decisions), counts["entry"]) == (counts["record"], counts["leaf"])
    assert [] == said(verified(service.home, service.home.anchors.read(1)))


@pytest.mark.parametrize(
    ("statement", "named"),
    [("PRAGMA max_page_count=1", "full"), ("PRAGMA query_only=ON", "readonly")],
    ids=["the disk is full", "the file system is read-only"],
)
def test_sqlite_that_can_not_write_refuses_and_recovers(
    home: Home, trouble: Trouble, caplog: pytest.LogCaptureFixture, statement: str, named: str
) -> None:
    """Said once to the operator with what follows from it; no hand is needed once there is room again."""
    trouble.statement = statement

    def end() -> None:
        trouble.statement = ""

    with run_service(home) as service:
        refused_then_stored(service, end)

    said_loudly = criticals(caplog)
    assert 1 == len(said_loudly)
    assert named in said_loudly[0]
    assert "Answers are refused with 503 until it does again" in said_loudly[0]
    assert "The database stores answers again." in caplog.text


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_postgresql_that_became_a_standby_refuses_and_recovers(
    home: Home, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that only reads, as after a failover, is told apart from one that is gone."""
    name = str(home.place.engine.url.database)

    def end() -> None:
        cluster.run(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        cluster.cut(name)

    with run_service(home) as service:
        cluster.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        cluster.cut(name)
        refused_then_stored(service, end)

    assert any("read-only transaction" in one for one in criticals(caplog))
    assert not any("DETAIL" in one for one in criticals(caplog))


@pytest.mark.each_database
def test_a_clock_that_goes_back_harms_nothing(service: RunningService) -> None:
    """Entries get older ids than their neighbours, and still one place each; receipts and the log hold."""
    service.accept()
    service.settle()
    service.home.clock.back(3 * HOUR)
    earlier = service.accept()
    service.settle()
    service.home.clock.forward(6 * HOUR)
    service.accept()
    service.settle()

    assert earlier["receipt"]
    assert [] == said(verified(service.home, service.home.anchors.read(1)))
