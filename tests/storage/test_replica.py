"""A read replica for staff: what they read comes from it, and what visitors cause does not need it."""

import pytest

from support.cluster import Cluster
from support.places import Home, open_home
from support.running_service import run_service
from web.test_audit_rules import bearer


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_staff_read_from_the_replica_and_visitors_do_without_it(home: Home, database: str, cluster: Cluster) -> None:
    """What the replica does not have yet is not shown; while it is away reading is refused and answers are recorded."""
    name = home.settings.database_url.partition("@/")[2].partition("?")[0]
    with cluster.standby() as standby:
        settings = home.settings.model_copy(update={"replica_url": standby.url(name)})
        reading = open_home(settings, home.clock, home.random)
        with run_service(reading) as service:
            credentials = bearer(service)
            first = service.accept()["record"]
            service.settle()
            standby.catch_up(cluster)
            overview, known = service.node.live.overview, service.node.live.overview.size(1)
            shown = service.get("/api/v1/records", **credentials).json()["records"]
            standby.fall_behind()
            service.accept()
            held = service.accept()["receipt"]
            service.accept(receipt=held, method="withdraw", purposes={"measurement": False, "embeds": False})
            asked = {"v": 1, "receipts": [held]}
            stands = service.request("POST", "/v/demo0001", json=asked).json()["answers"]
            behind = service.get("/api/v1/records", **credentials).json()["records"]
            service.node.sequence()
            # Who follows new decisions goes no further than the replica: what it gets later is told then.
            followed, placed = overview.size(1), service.node.ledger.head(1).size
            standby.stop()
            away = service.get("/api/v1/records", **credentials)
            recorded = service.post(service.decision()).status_code
            service.settle()
            standby.start()
        reading.close()

    assert [first] == [one["record"] for one in shown]
    assert followed == known < placed
    assert [first] == [one["record"] for one in behind]
    assert ["withdrawn"] == [one["state"] for one in stands]
    assert (503, 201) == (away.status_code, recorded)
