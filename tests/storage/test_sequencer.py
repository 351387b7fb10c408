"""The sequencer: every committed entry gets one place, in one tree, whoever gives it."""

import threading
from collections import Counter

import pytest
from sqlalchemy import insert, select

from askfirst.core.errors import LedgerFault
from askfirst.core.frontier import Frontier, grow
from askfirst.core.tree import EMPTY_ROOT
from askfirst.storage import tables as t
from askfirst.usecases.rows import Decision, Head
from askfirst.usecases.sequence import sequence, sequence_all
from support.places import Home, found
from support.table_rows import row_counts
from support.time_and_ids import HOUR, CountedRandomness
from support.writing import looked, open_batches, sealed

FIRST = 4  # entries that an organisation begins with


def stored(home: Home, count: int) -> list[Decision]:
    """Commit decisions over several hours, of two kinds, with the entry of a look between them."""
    batches = open_batches(home.settings)
    decisions = []
    for number in range(count):
        refused = number % 3 == 0
        purposes = {"measurement": not refused, "embeds": number % 2 == 0 and not refused}
        method = "reject_all" if refused else "custom"
        decision = sealed(home, number, purposes=purposes, method=method, language=("en", "de")[number % 2])
        batches.commit([decision, looked(home)])
        decisions.append(decision)
        home.clock.forward(HOUR // 2)
    batches.close()
    return decisions


def leaves(home: Home, log_id: int = 1) -> list[tuple[int, bytes, bytes]]:
    query = select(t.leaf).where(t.leaf.c.log_id == log_id).order_by(t.leaf.c.position)
    with home.place.engine.connect() as connection:
        return [(row.position, row.entry_id, row.leaf_hash) for row in connection.execute(query)]


def tiles(home: Home) -> dict[tuple[int, int], bytes]:
    with home.place.engine.connect() as connection:
        rows = connection.execute(select(t.tile).where(t.tile.c.log_id == 1))
        return {(row.level, row.position): row.hashes for row in rows}


@pytest.mark.parametrize("limit", [1, 7, 8192])
def test_entries_stand_without_a_gap_in_the_order_of_their_ids(store: Home, limit: int) -> None:
    """Each step moves at most its limit, and nothing is left behind or moved twice."""
    stored(store, 12)
    steps = list(iter(lambda: sequence(store.place.ledger, 1, clock=store.clock, limit=limit), 0))

    placed = leaves(store)
    assert FIRST + 24 == sum(steps) == len(placed)
    assert max(steps) <= limit
    assert list(range(FIRST + 24)) == [position for position, _, _ in placed]
    assert sorted(entry_id for _, entry_id, _ in placed) == [entry_id for _, entry_id, _ in placed]
    assert 0 == store.place.ledger.waiting(1)


@pytest.mark.parametrize("limit", [50, 300, 8192])
def test_tiles_and_head_are_those_of_the_leaves(store: Home, limit: int) -> None:
    """Full and partial tiles of every level, and the root, are what the leaves give, however they were cut."""
    batches = open_batches(store.settings)
    for _ in range(10):
        batches.commit([looked(store) for _ in range(70)])
        sequence(store.place.ledger, 1, clock=store.clock, limit=limit)
    batches.close()
    sequence_all(store.place.ledger, 1, clock=store.clock)

    grown, full = grow(Frontier(), (leaf_hash for _, _, leaf_hash in leaves(store)))
    expected = {(int(one.address.level), one.address.index): one.data for one in (*full, *grown.partial_tiles())}
    assert expected == tiles(store)
    assert {(0, 0), (0, 1), (0, 2), (1, 0)} == expected.keys()
    assert Head(FIRST + 700, grown.root) == store.place.ledger.head(1)


def test_the_counts_are_those_of_a_recount(store: Home) -> None:
    """Rollups kept step by step say what counting all records again says."""
    counted: Counter[tuple[str, int, str, str]] = Counter()
    for decision in stored(store, 20):
        row = decision.record
        said = [("method", row.method), ("language", row.language), ("policy", "1"), ("rule", "default")]
        said += [("answer", "none" if not row.granted else "some" if row.refused else "all")]
        said += [("granted", one) for one in row.granted.split(",") if one]
        said += [("refused", one) for one in row.refused.split(",") if one]
        counted.update((row.site_key, row.server_time // HOUR, dimension, value) for dimension, value in said)
    while sequence(store.place.ledger, 1, clock=store.clock, limit=3):
        pass
    with store.place.engine.connect() as connection:
        rows = connection.execute(select(t.rollup))
        kept = {(row.site_key, row.hour, row.dimension, row.value): row.count for row in rows}

    assert dict(counted) == kept


def test_two_sequencers_at_once_share_the_work(store: Home) -> None:
    """Whoever holds the head's lock works; no entry gets two places, and none gets lost."""
    stored(store, 40)
    moved: list[int] = []

    def work() -> None:
        moved.append(sum(iter(lambda: sequence(store.place.ledger, 1, clock=store.clock, limit=2), 0)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sequence_all(store.place.ledger, 1, clock=store.clock)

    assert list(range(FIRST + 80)) == [position for position, _, _ in leaves(store)]
    assert FIRST + 80 >= sum(moved)
    assert 0 == store.place.ledger.waiting(1)


def test_a_step_that_fails_moves_nothing(store: Home) -> None:
    """What was taken from the queue is in it again after a failure; tree and counts are as before."""
    stored(store, 3)
    before = row_counts(store.place.engine)

    def step() -> None:
        with store.place.ledger.sequencing(1) as transaction:
            assert transaction is not None
            frontier, _full = grow(Frontier(), transaction.place(5))
            transaction.write({(0, 0): frontier.edge[0]}, Head(frontier.size, frontier.root), store.clock())
            raise RuntimeError("the process died")

    with pytest.raises(RuntimeError, match="the process died"):
        step()

    assert before == row_counts(store.place.engine)
    assert Head(0, EMPTY_ROOT) == store.place.ledger.head(1)


def test_a_log_that_another_holds_is_left_alone(store: Home) -> None:
    """Without the head's lock there is no step; nothing waits for it."""

    class Held:
        """A ledger whose head another node holds."""

        def sequencing(self, _log_id: int) -> "Held":
            return self

        def __enter__(self) -> None:
            return None

        def __exit__(self, *_: object) -> None:
            return None

    assert 0 == sequence(Held(), 1, clock=store.clock)  # type: ignore[arg-type]


def test_each_organisation_has_its_own_tree(store: Home) -> None:
    """Sequencing one log moves no entry of another."""
    found(store.place, "other")
    sequence_all(store.place.ledger, 1, clock=store.clock)

    assert (FIRST, 0) == (store.place.ledger.head(1).size, store.place.ledger.head(2).size)
    assert FIRST == store.place.ledger.waiting(2)


def test_an_entry_that_commits_late_with_an_older_id_is_not_missed(store: Home) -> None:
    """The queue is emptied, never read with a cursor: an older id that is committed after newer ones gets its place."""
    slow = CountedRandomness("slow")
    early = looked(Home(store.place, store.clock, slow, store.anchors))
    store.clock.forward(HOUR)
    batches = open_batches(store.settings)
    batches.commit([looked(store)])
    sequence_all(store.place.ledger, 1, clock=store.clock)
    batches.commit([early])
    batches.close()
    sequence_all(store.place.ledger, 1, clock=store.clock)

    assert (FIRST + 1, early.entry_id) == leaves(store)[-1][:2]


def test_a_row_that_claims_a_taken_place_stops_the_step(store: Home) -> None:
    """The database itself refuses a second entry in one place, and the queue keeps what waits."""
    entry = looked(store)
    row = {"log_id": 1, "position": 0, "entry_id": entry.entry_id, "leaf_hash": bytes(32)}
    with store.place.engine.begin() as connection:
        connection.execute(insert(t.leaf).values(row))

    with pytest.raises(LedgerFault, match=r"A leaf stands where .* askfirst ledger verify"):
        sequence(store.place.ledger, 1, clock=store.clock)
    assert FIRST == store.place.ledger.waiting(1)
