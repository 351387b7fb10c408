"""A database of several that takes connections and answers nothing: its own organisations wait, and nobody else."""

import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from askfirst.several import START_S
from askfirst.usecases.tokens import issue_token
from askfirst.usecases.verify_ledger import verify_ledger
from deployment.test_several_databases import decide, eventually
from faults.serving import Serving
from support.cluster import Cluster
from support.places import PAGE
from support.running_service import RunningService
from support.time_and_ids import HandClock
from support.two_databases import NORTH, SOUTH, Two, two_databases

# What nobody else may notice anything of: on a machine that does other work too, within this time.
AT_ONCE_S = 1.5
READY_S = 4.0  # a look waits three seconds


@pytest.fixture
def two(cluster: Cluster, tmp_path: Path, clock: HandClock) -> Iterator[Two]:
    """Give north on SQLite and south on PostgreSQL."""
    with two_databases(tmp_path, ("sqlite", "postgresql"), cluster, clock) as made:
        yield made


def north_goes_on(north: RunningService, token: str) -> None:
    """Hold that decisions, scripts, the log, the API and the console of north are answered at once."""
    asked = (
        (201, lambda: decide(north, NORTH)),
        (200, lambda: north.get(f"/s/{NORTH}.js")),
        (200, lambda: north.get("/log/north/checkpoint")),
        (200, lambda: north.get("/api/v1/records", authorization=f"Bearer {token}")),
        (200, lambda: north.get("/console/sign-in", cookie="askfirst_organisation=north")),
        (200, lambda: north.get("/healthz")),
    )
    for status, ask in asked:
        begun = time.monotonic()
        answer = ask()
        took = time.monotonic() - begun
        assert (status, True) == (answer.status_code, took < AT_ONCE_S), (str(answer.url), answer.status_code, took)


def states(north: RunningService) -> dict[str, str]:
    """Return what /readyz says of both, within its time."""
    begun = time.monotonic()
    answer = north.get("/readyz")
    assert time.monotonic() - begun < READY_S
    assert 200 == answer.status_code
    return dict(answer.json()["databases"])


def test_a_database_that_stops_answering_holds_up_nobody_else(two: Two, cluster: Cluster) -> None:
    """However many ask it at once: so many may wait for it, others are told 503; when it answers again, it is there."""
    place = two.north.place
    token = issue_token(place.staff, 1, name="reader", role="auditor", sites=None, days=1, by=place.by)
    with two.run() as callers, ThreadPoolExecutor(80) as visitors:
        north, south = callers["north"], callers["south"]
        assert 201 == decide(south, SOUTH).status_code
        for caller in callers.values():
            caller.settle()
        decision = south.decision(SOUTH)
        with cluster.frozen():
            refused = visitors.submit(south.post, decision, SOUTH)
            asking: list[Future[Any]] = [visitors.submit(south.get, "/log/south/checkpoint") for _ in range(70)]
            north_goes_on(north, token)
            assert {"north": "ready", "south": "away"} == states(north)
            north_goes_on(north, token)
            assert 503 == refused.result(10).status_code
            begun = time.monotonic()
            assert {503} == {south.get("/log/south/checkpoint").status_code for _ in range(20)}
            assert time.monotonic() - begun < AT_ONCE_S
            told = [one.result().status_code for one in asking if one.done()]
            assert (30, {503}) == (len(told), set(told))
        eventually(lambda: {"north": "ready", "south": "ready"} == states(north))
        assert {200, 503} == {one.result(20).status_code for one in asking}
        assert 201 == decide(south, SOUTH).status_code


@pytest.mark.parametrize("how", ["it answers no connection", "it answers no query"])
def test_a_service_starts_beside_a_database_that_answers_nothing(two: Two, cluster: Cluster, how: str) -> None:
    """After ten seconds at most, and takes the database up when it answers."""
    place = two.north.place
    token = issue_token(place.staff, 1, name="reader", role="auditor", sites=None, days=1, by=place.by)
    holder = psycopg.connect(f"host={cluster.folder} user=postgres dbname={two.databases[0]}")
    frozen = cluster.frozen()
    if how == "it answers no connection":
        frozen.__enter__()
    else:
        holder.execute("LOCK TABLE organisation, catalogue_version IN ACCESS EXCLUSIVE MODE")
    held = True

    def let_go() -> None:
        nonlocal held
        if held and how == "it answers no connection":
            frozen.__exit__(None, None, None)
        elif held:
            holder.rollback()
        held = False

    try:
        begun = time.monotonic()
        running = two.run()
        callers = running.__enter__()
        took = time.monotonic() - begun
        try:
            north = callers["north"]
            assert took < START_S + 2
            north.settle()
            north_goes_on(north, token)
            assert {"north": "ready", "south": "away"} == states(north)
            assert 503 == north.get(f"/s/{SOUTH}.js").status_code
            assert 503 == north.get("/log/south/checkpoint").status_code
            let_go()
            eventually(lambda: {"north": "ready", "south": "ready"} == states(north))
            assert 201 == decide(callers["south"], SOUTH).status_code
        finally:
            let_go()
            running.__exit__(None, None, None)
    finally:
        let_go()
        holder.close()


@pytest.mark.parametrize("signalled", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl+C"])
def test_a_service_ends_without_a_database_that_answers_nothing(
    two: Two, cluster: Cluster, tmp_path: Path, signalled: signal.Signals
) -> None:
    """Also with requests that wait for it. What the others had accepted is sequenced and signed by then."""
    with two.run() as callers:
        decision = callers["north"].decision(NORTH)
    changes = {"ASKFIRST_HOME": str(two.settings.home), "ASKFIRST_DIRECTORY": str(two.settings.directory)}
    serving = Serving(two.north, tmp_path, changes)
    serving.until_ready()
    with ThreadPoolExecutor(8) as visitors:
        with psycopg.connect(f"host={cluster.folder} user=postgres dbname={two.databases[0]}") as holder:
            holder.execute("LOCK TABLE head, checkpoint, pending IN ACCESS EXCLUSIVE MODE")
            log = f"{serving.url}/log/south/checkpoint"
            asking = [visitors.submit(httpx.get, log, timeout=60) for _ in range(3)]
            headers = {"origin": PAGE, "content-type": "text/plain"}
            accepted = httpx.post(f"{serving.url}/d/{NORTH}", content=json.dumps(decision), headers=headers)
            begun = time.monotonic()
            serving.process.send_signal(signalled)
            code = serving.wait(60)
            took = time.monotonic() - begun
        for one in asking:
            one.exception(20)
    home = two.north
    result = verify_ledger(home.place.directory, home.place.ledger, 1, anchor=home.anchors.read(1))

    assert 201 == accepted.status_code
    assert (True, True) == (code in (0, 1, 130, -signalled), took < 45), (code, took)
    assert ([], 0) == (result.findings, result.waiting)
    assert result.checkpoints
