"""Several nodes write, sequence and sign on one PostgreSQL at once."""

import random as chance
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from askfirst.node import Node
from askfirst.storage.anchor_files import AnchorFiles
from askfirst.storage.engine import open_engine
from askfirst.storage.ledger import SqlLedger
from askfirst.storage.migrating import migrate
from askfirst.storage.schema import expected_revision, require_schema
from askfirst.usecases.publish_checkpoint import require_extension
from askfirst.usecases.rows import Checkpoint, Replayed, Stored
from askfirst.usecases.sequence import sequence_all
from support.altered_log import said, verified
from support.cluster import Cluster
from support.places import Home, open_home, settings_of
from support.running_service import run_service
from support.time_and_ids import CountedRandomness
from support.writing import looked, open_batches, sealed

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def other(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Give a second node's home on the same database: its own anchors, the same keys."""
    folder = tmp_path_factory.mktemp("other") / "home"
    folder.mkdir()
    (folder / "keys").symlink_to(home.settings.keys_folder)
    settings = settings_of(folder, database_url=home.settings.database_url)
    opened = open_home(settings, home.clock, CountedRandomness("other"))
    yield opened
    opened.close()


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run all at once, and return their results."""
    start = threading.Barrier(len(works))

    def begin(work: Callable[[], Any]) -> Any:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return [one.result(timeout=60) for one in [threads.submit(begin, work) for work in works]]


def test_two_nodes_that_get_the_same_decisions_store_each_once(home: Home, other: Home) -> None:
    """Whichever commits first stores it, the other answers with the first answer; nobody waits for ever."""
    rounds, each = 20, 30

    def node(where: Home, seed: int) -> Callable[[], list[Any]]:
        works = [[sealed(where, number * each + one) for one in range(each)] for number in range(rounds)]
        for batch in works:
            chance.Random(seed).shuffle(batch)

        def write() -> list[Any]:
            batches = open_batches(where.settings)
            try:
                return [
                    (work.decision_id, outcome, work.entry.entry_id)
                    for batch in works
                    for work, outcome in zip(batch, batches.commit(batch), strict=True)
                ]
            finally:
                batches.close()

        return write

    one, two = together(node(home, 1), node(other, 2))

    first = {name: own for name, outcome, own in one + two if isinstance(outcome, Stored)}
    replays = {name: outcome.record_id for name, outcome, _ in one + two if isinstance(outcome, Replayed)}
    assert rounds * each == len(first)
    assert first == replays
    sequence_all(home.place.ledger, 1, clock=home.clock)
    counts = home.place.ledger.counts(1)
    assert (counts["leaf"], 0) == (counts["entry"], counts["pending"])
    assert rounds * each == counts["record"]


def test_nodes_write_and_sequence_at_once_and_every_entry_gets_one_place(home: Home, other: Home) -> None:
    """Four writers and three sequencers, without a gap, a loss or a second place."""
    done = threading.Event()
    before = home.place.ledger.counts(1)["entry"]

    def write(where: Home) -> None:
        batches = open_batches(where.settings)
        for _ in range(25):
            batches.commit([looked(where) for _ in range(8)])
        batches.close()

    def sequence_on(where: Home) -> None:
        while not done.is_set():
            sequence_all(where.place.ledger, 1, clock=where.clock)

    sequencers = [threading.Thread(target=sequence_on, args=(where,)) for where in (home, other, other)]
    for thread in sequencers:
        thread.start()
    # Ids of one home come from one counter, so each writer has a home of its own.
    homes = [Home(home.place, home.clock, CountedRandomness(f"writer {n}"), home.anchors) for n in range(4)]
    together(*(lambda where=where: write(where) for where in homes))
    done.set()
    for thread in sequencers:
        thread.join()
    sequence_all(home.place.ledger, 1, clock=home.clock)

    counts = home.place.ledger.counts(1)
    assert (before + 800, before + 800, 0) == (counts["entry"], counts["leaf"], counts["pending"])
    assert [] == said(verified(home))


def test_two_nodes_never_sign_apart(home: Home, other: Home) -> None:
    """Publishing on both at once ends in checkpoints that extend each other, each known outside by its signer."""
    with run_service(home) as service:
        second = Node(other.settings, clock=home.clock, random=other.random)
        stop = threading.Event()

        def publish(node: Node) -> None:
            while not stop.is_set():
                node.publish()

        threads = [threading.Thread(target=publish, args=(node,)) for node in (service.node, second)]
        for thread in threads:
            thread.start()
        for _ in range(30):
            home.clock.forward(1)
            service.accept()
            second.sequence()
        stop.set()
        for thread in threads:
            thread.join()
        second.publish()
        second.engine.dispose()

    ledger, head = home.place.ledger, home.place.ledger.head(1)
    signed = list(ledger.checkpoints(1))
    assert head.size == signed[-1].size
    for one in signed:
        require_extension(lambda level, position: ledger.read_tile(1, level, position), head, one.size, one.root)
    notes = [one.note for one in signed]
    kept = [anchors.read(1) for anchors in (AnchorFiles(place.settings.anchors_folder) for place in (home, other))]
    assert set(kept) <= {*notes, None}
    assert notes[-1] in kept


def test_while_one_node_publishes_the_other_leaves_it_alone(home: Home, other: Home) -> None:
    """Who does not get the log's row has nothing to do, and writing goes on meanwhile."""
    ledger = SqlLedger(other.place.engine)
    with home.place.ledger.publishing(1) as mine:
        with ledger.publishing(1) as also:
            assert (True, False) == (mine, also)
        with ledger.publishing(2) as another_log:
            assert another_log
        batches = open_batches(other.settings)
        batches.commit([looked(other)])
        batches.close()
        sequence_all(ledger, 1, clock=other.clock)
    with ledger.publishing(1) as mine:
        assert mine


def test_the_first_checkpoint_of_a_size_stays(home: Home, other: Home) -> None:
    """If two nodes ever signed the same head, both know which one the log has."""
    first, second = Checkpoint(5, b"r" * 32, "one", 1), Checkpoint(5, b"r" * 32, "two", 2)

    assert first == home.place.ledger.add_checkpoint(1, first)
    assert first == other.place.ledger.add_checkpoint(1, second)


def test_nodes_that_start_at_once_migrate_once(cluster: Cluster, database: str) -> None:
    """Each waits for the other, and both find this version's schema."""
    with cluster.database() as name:
        engines = [open_engine(cluster.url(name)) for _ in range(3)]
        together(*(lambda engine=engine: migrate(engine) for engine in engines))
        for engine in engines:
            require_schema(engine)
        with engines[0].connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        for engine in engines:
            engine.dispose()

    assert [expected_revision()] == found
