"""Whole services under load, and what can happen to them: nothing confirmed is lost, and they go on by themselves."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from askfirst.storage.tables import record
from faults.cutting import cut_line
from faults.report import Report
from faults.scene import CALM_S, Scene, under_load
from faults.small_disk import SmallDisk, small_disk
from faults.workload import body
from support.cluster import Cluster, start_cluster
from support.places import Home, furnish, open_home, settings_of
from support.time_and_ids import CountedRandomness, HandClock

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
HOUR_S, DAY_S = 3600, 86_400
# The crash run, which is short in every test run, strikes the same blows.
long_run = pytest.mark.skipif(not CALM_S, reason="part of make faults")
by_command = pytest.mark.skipif(not CALM_S, reason="the crash run does the same; make faults runs it by itself")
most_on_postgresql = pytest.mark.parametrize(
    "database", [pytest.param("sqlite", marks=long_run), "postgresql"], indirect=True
)
STALLS = 3 if CALM_S else 1


@by_command
@pytest.mark.each_database
def test_a_service_that_is_killed(home: Home, database: str, tmp_path: Path, report: Report) -> None:
    """Started again by whatever keeps services running, it goes on where it was."""
    with under_load(home, tmp_path, report) as scene:
        scene.calm()
        blow = time.monotonic()
        scene.serving[0].kill()
        recovered = scene.visitors.recovered_after(blow)
        scene.calm()
        scene.tell(f"kill -9 of the only service, {_name(database)}", recovered)


@by_command
@on_postgresql
def test_one_of_two_nodes_that_is_killed(home: Home, database: str, tmp_path: Path, report: Report) -> None:
    """The other answers meanwhile, and sequences and signs what the dead one had committed."""
    with under_load(home, tmp_path, report, nodes=2) as scene:
        scene.calm()
        blow = time.monotonic()
        scene.serving[0].kill()
        recovered = scene.visitors.recovered_after(blow)
        scene.calm()
        scene.serving[0].until_ready()
        scene.tell("kill -9 of one of two nodes", recovered)


@on_postgresql
def test_nodes_that_are_ended_in_order_and_started_again(
    home: Home, database: str, tmp_path: Path, report: Report
) -> None:
    """One after the other, as for a new version: each commits what it accepted before it goes."""
    with under_load(home, tmp_path, report, nodes=2) as scene:
        scene.calm()
        begun = time.monotonic()
        for one in scene.serving:
            one.end_in_order()
            scene.visitors.hear(10)
            one.until_ready()
        recovered = scene.visitors.recovered_after(begun)
        scene.calm()
        scene.tell("two nodes ended in order and started again, one after the other", recovered)
        statuses = [one.status for one in scene.visitors.since(begun)]

    # Whose connection is refused (0) asks the other node; 503 is for the moment in which a node ends.
    assert {0, 201} <= set(statuses) <= {0, 200, 201, 503}
    assert statuses.count(503) < 20


@on_postgresql
def test_postgresql_that_is_killed_and_away(
    home: Home, database: str, cluster: Cluster, tmp_path: Path, report: Report
) -> None:
    """While it is away: 503 at once, each with a time to come back, and the script from memory; then it goes on."""
    with under_load(home, tmp_path, report) as scene:
        scene.calm()
        cluster.stop()
        away = time.monotonic()
        time.sleep(2)
        served = scene.script_is_served()
        cluster.start()
        back = time.monotonic()
        recovered = scene.visitors.recovered_after(back)
        # From when it is gone, and until somebody begins to start it again.
        refused = scene.refused(away + 0.2, away + 2)
        log = scene.serving[0].log.read_text()
        scene.calm()
        scene.tell(f"PostgreSQL killed, and away for {back - away:.0f} s", recovered)

    assert served
    assert len(refused) >= 20
    # Each loop says it once, however often it tries.
    assert 1 <= log.count("sequence failed; what waits is kept") <= 3


@on_postgresql
def test_a_database_that_answers_nothing(
    home: Home, database: str, cluster: Cluster, tmp_path: Path, report: Report
) -> None:
    """Nobody waits for it longer than a few seconds, and who comes then is refused at once."""
    with under_load(home, tmp_path, report) as scene:
        scene.calm()
        with cluster.frozen():
            begun = time.monotonic()
            time.sleep(5)
            served = scene.script_is_served()
            over = time.monotonic()
        recovered = scene.visitors.recovered_after(over)
        refused = scene.refused(begun + 3.8, over)
        slowest = max(one.took for one in scene.visitors.since(begun - 1))
        scene.calm()
        scene.tell(f"PostgreSQL frozen for {over - begun:.0f} s", recovered)

    assert served
    assert len(refused) >= 20
    assert slowest < 5


@most_on_postgresql
def test_a_database_that_stalls(
    request: pytest.FixtureRequest, home: Home, database: str, tmp_path: Path, report: Report
) -> None:
    """A second now and then is waited for: everybody is answered, and nobody refused."""
    with under_load(home, tmp_path, report) as scene:
        scene.calm()
        begun = time.monotonic()
        for _ in range(STALLS):
            with _stalled(request, home, database):
                time.sleep(1)
            blow = time.monotonic()
            recovered = scene.visitors.recovered_after(blow)
            scene.visitors.hear(5)
        confirmed = scene.all_confirmed(begun)
        slowest = max(one.took for one in scene.visitors.since(begun - 1))
        scene.calm()
        scene.tell(f"{_name(database)} stalls for 1 s, {STALLS} times", recovered)

    assert confirmed
    assert 0.8 < slowest < 3


@contextmanager
def _stalled(request: pytest.FixtureRequest, home: Home, database: str) -> Iterator[None]:
    if database == "postgresql":
        with request.getfixturevalue("cluster").frozen():
            yield
        return
    holder = sqlite3.connect(home.settings.home / "data" / "askfirst.sqlite", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")
    finally:
        holder.close()


def test_a_disk_that_is_full_under_sqlite(tmp_path: Path, report: Report) -> None:
    """The home folder's file system has no room: refused, and stored again as soon as there is room."""
    with small_disk(48) as disk:
        home = open_home(settings_of(disk.folder / "home"), HandClock(), CountedRandomness())
        furnish(home.place)
        with under_load(home, tmp_path, report) as scene:
            _full(scene, disk, "disk full, SQLite")
        home.close()


@long_run
def test_a_disk_that_is_full_under_postgresql(tmp_path: Path, report: Report) -> None:
    """The same for the server's own file system."""
    with small_disk(256) as disk, start_cluster(disk.folder) as cluster, cluster.database() as name:
        settings = settings_of(tmp_path / "home", database_url=cluster.url(name))
        home = open_home(settings, HandClock(), CountedRandomness())
        furnish(home.place)
        with under_load(home, tmp_path, report) as scene:
            _full(scene, disk, "disk full, PostgreSQL")
        home.close()


def _full(scene: Scene, disk: SmallDisk, fault: str) -> None:
    scene.calm()
    disk.fill()
    begun = time.monotonic()
    while not any(one.status == 503 for one in scene.visitors.since(begun)):
        assert time.monotonic() - begun < 120, "there is still room"
        time.sleep(0.05)
    time.sleep(1)
    assert scene.script_is_served()
    disk.free()
    room = time.monotonic()
    recovered = scene.visitors.recovered_after(room)
    scene.calm()
    scene.tell(fault, recovered)


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=long_run)], indirect=True)
def test_a_clock_that_jumps(home: Home, database: str, tmp_path: Path, report: Report) -> None:
    """An hour forward, a day back, and right again: no decision is refused, and the log holds."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    changes = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }
    with under_load(home, tmp_path, report, changes=changes) as scene:
        scene.calm()
        begun = time.monotonic()
        for offset in (HOUR_S, -DAY_S, 0):
            clock.write_text(f"{offset:+d}")
            blow = time.monotonic()
            _until_recorded_at(home, offset)
            recovered = scene.visitors.recovered_after(blow)
            scene.calm()
        scene.tell(f"clock an hour forward, a day back, and right again, {_name(database)}", recovered)
        confirmed = scene.all_confirmed(begun)

    assert confirmed


def _until_recorded_at(home: Home, offset: int) -> None:
    """Wait until decisions are recorded under a clock that is so many seconds off: libfaketime looks now and then."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with home.place.engine.connect() as connection:
            wanted = (time.time() + offset) * 1000
            near = (int(wanted - 20_000), int(wanted + 20_000))
            found = connection.execute(select(record.c.record_id).where(record.c.server_time.between(*near))).first()
        if found:
            return
        time.sleep(0.1)
    raise AssertionError("the clock did not jump")


@most_on_postgresql
def test_a_line_that_is_cut_between_commit_and_answer(
    home: Home, database: str, tmp_path: Path, report: Report
) -> None:
    """The visitor's page sends it again and gets what the first answer would have been, byte for byte."""
    with under_load(home, tmp_path, report) as scene, cut_line(scene.serving[0].port) as line:
        scene.visitors.ports[:] = [line.port]
        blow = time.monotonic()
        scene.calm()
        while len(line.cut) < 5:
            time.sleep(0.02)
        recovered = scene.visitors.recovered_after(blow)
        line.cutting = False
        scene.calm()
        scene.tell(f"connection cut between commit and answer, {_name(database)}", recovered)
        scene.visitors.stop()
    ids = {json.loads(body(scene.node, number))["id"]: number for number in scene.visitors.answers}

    assert len(line.cut) >= 5
    assert line.cut == {one: scene.visitors.answers[ids[one]] for one in line.cut}


def _name(database: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database]
