"""Three members of PostgreSQL kept by Patroni: one dies with its database, etcd goes away, and nothing is lost."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from service.deploy.cluster.loopback import LoopbackCluster, etcd_program, running_cluster

from faults.report import Report
from faults.scene import CALM_S, Scene, under_load
from support.places import furnish, open_home, settings_of
from support.time_and_ids import CountedRandomness, HandClock

pytestmark = pytest.mark.skipif(etcd_program() is None, reason="etcd is not installed")
# Longer than the leader's lease, where there is time: then all members vouch for it.
ETCD_AWAY_S = 30 if CALM_S else 4


@pytest.fixture
def patroni() -> Iterator[LoopbackCluster]:
    """Give the cluster of `make cluster`."""
    with tempfile.TemporaryDirectory(prefix="askfirst-cluster-") as folder, running_cluster(Path(folder)) as running:
        yield running


def test_two_nodes_over_a_cluster_that_is_struck(patroni: LoopbackCluster, tmp_path: Path, report: Report) -> None:
    """The standby that commits wait for, etcd, and the leader with its database: each goes, and the nodes go on."""
    waits = patroni.run("SHOW synchronous_standby_names")
    settings = settings_of(tmp_path / "home", database_url=patroni.url(), database_password_file=patroni.password_file)
    home = open_home(settings, HandClock(), CountedRandomness())
    furnish(home.place)
    with under_load(home, tmp_path, report, nodes=2) as scene:
        scene.calm()
        standby = patroni.synchronous()
        assert standby is not None
        blow = time.monotonic()
        standby.kill()
        recovered = scene.visitors.recovered_after(blow + 0.5)
        standby.start()
        patroni.until_whole()
        scene.calm()
        scene.tell("the synchronous standby killed, with its Patroni", recovered)

        patroni.etcd.kill()
        blow = time.monotonic()
        time.sleep(ETCD_AWAY_S)
        served = scene.all_confirmed(blow + 1)
        patroni.etcd.start()
        recovered = scene.visitors.recovered_after(blow)
        patroni.until_whole()
        scene.calm()
        scene.tell(f"etcd away for {ETCD_AWAY_S} s", recovered)

        if CALM_S:
            _etcd_away_with_a_standby_down(scene, patroni)

        leader = patroni.leader()
        assert leader is not None
        blow = time.monotonic()
        leader.kill()
        promoted = patroni.until_led_by_another(leader)
        recovered = scene.visitors.recovered_after(blow + 1)
        if CALM_S:  # it comes back as a standby; what the standby above did shows the same to a short run
            leader.start()
            patroni.until_whole()
        scene.calm()
        scene.tell("the Patroni leader killed with its database, a standby promoted", recovered)
        refused = {one.status for one in scene.visitors.since(blow) if one.status not in (200, 201)}
    ((timeline,),) = patroni.run("SELECT timeline_id FROM pg_control_checkpoint()")
    home.close()

    # Commits did wait for a standby, or a promoted one would have had less than was confirmed.
    assert [("member2",)] == waits or [("member3",)] == waits
    assert served
    assert promoted is not leader
    assert timeline >= 2
    assert refused == {503}


def _etcd_away_with_a_standby_down(scene: Scene, patroni: LoopbackCluster) -> None:
    """Not all members vouch for the leader any more: it steps down when its lease ends, rather than that two lead. Who
    answers meanwhile is refused, and it goes on when etcd is there again, with one standby still down."""
    standby = patroni.synchronous()
    assert standby is not None
    standby.kill()
    scene.visitors.recovered_after(time.monotonic() + 0.5)
    patroni.etcd.kill()
    gone = time.monotonic()
    while {503} != {one.status for one in scene.visitors.since(gone)[-20:]}:
        assert time.monotonic() - gone < 90, "the leader did not step down"
        time.sleep(0.2)
    assert scene.script_is_served()
    patroni.etcd.start()
    back = time.monotonic()
    recovered = scene.visitors.recovered_after(back)
    scene.calm()
    scene.tell(f"etcd away for {back - gone:.0f} s with a standby down: the leader steps down", recovered)
    standby.start()
    patroni.until_whole()
