"""Nodes of one PostgreSQL count a busy address together, and what they tell each other names nobody."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from askfirst.node import Node
from askfirst.storage import tables as t
from askfirst.storage.limits import SqlLimits
from askfirst.web.limits import AddressLimit
from support.cluster import Cluster
from support.places import Home
from support.table_rows import row_counts

CLIENT = ("203.0.113.77", 40_000)
OTHER = ("203.0.113.78", 40_000)
SECRET = b"s" * 32
SITE = "demo0001"
ON_POSTGRES = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class Shared:
    """A store in memory, as the database is."""

    def __init__(self) -> None:
        self.counts: dict[tuple[int, str, bytes], int] = {}

    def add(self, minute: int, counts: Mapping[tuple[str, bytes], int]) -> dict[tuple[str, bytes], int]:
        for (site, bucket), count in counts.items():
            self.counts[minute, site, bucket] = self.counts.get((minute, site, bucket), 0) + count
        return {(site, bucket): self.counts[minute, site, bucket] for site, bucket in counts}


class Gone:
    """A store that can not be reached."""

    def add(self, minute: int, counts: Mapping[tuple[str, bytes], int]) -> dict[tuple[str, bytes], int]:
        raise OperationalError("x", {}, Exception("gone"))


class Clock:
    """Seconds since 1970."""

    def __init__(self) -> None:
        self.now = 1_780_000_020.0

    def __call__(self) -> float:
        return self.now


def limits(clock: Clock, count: int = 2, per_minute: int = 80) -> list[AddressLimit]:
    """Return what so many nodes count with."""
    return [AddressLimit(per_minute, clock, secret=SECRET) for _ in range(count)]


def answered(limit: AddressLimit, times: int, client: tuple[str, int] = CLIENT) -> int:
    """Send so many requests, and return how many were let through."""
    return sum(limit.wait(client, SITE) == 0 for _ in range(times))


def test_what_one_node_counted_counts_on_the_other() -> None:
    """Together they allow what one would."""
    one, two = limits(Clock())
    store = Shared()
    assert 60 == answered(one, 60)
    assert 10 == answered(two, 10)
    one.exchange(store)
    two.exchange(store)

    assert 10 == answered(two, 80)
    two.exchange(store)
    one.exchange(store)
    assert 0 == answered(one, 5)
    assert 5 == answered(one, 5, OTHER)


def test_a_second_exchange_counts_nothing_twice() -> None:
    """Only what came since is told."""
    one, two = limits(Clock())
    store = Shared()
    answered(one, 20)
    for _ in range(5):
        one.exchange(store)
    answered(two, 20)
    two.exchange(store)

    assert [40] == list(store.counts.values())
    assert 40 == answered(two, 80)


def test_who_answers_now_and_then_is_told_to_nobody() -> None:
    """An address is shared from an eighth of the limit on."""
    (one,) = limits(Clock(), 1)
    store = Shared()
    answered(one, 9)
    one.exchange(store)
    assert {} == store.counts
    answered(one, 1)
    one.exchange(store)

    assert [10] == list(store.counts.values())


def test_the_last_minute_counts_with_its_share() -> None:
    """Also what the other node counted in it."""
    clock = Clock()
    one, two = limits(clock)
    store = Shared()
    answered(one, 40)
    answered(two, 40)
    for limit in (one, two, one):
        limit.exchange(store)
    clock.now += 60 + 30 - clock.now % 60

    assert 40 == answered(one, 80)


def test_names_change_every_hour_and_can_not_be_turned_back() -> None:
    """No two hours have a name in common, and without the secret nobody can tell which address it is."""
    clock = Clock()
    store = Shared()
    for limit in (*limits(clock), AddressLimit(80, clock, secret=b"x" * 32)):
        answered(limit, 20)
        limit.exchange(store)
    clock.now += 3600
    (later,) = limits(clock, 1)
    answered(later, 20)
    later.exchange(store)

    assert 3 == len({bucket for _, _, bucket in store.counts})
    assert {16} == {len(bucket) for _, _, bucket in store.counts}
    assert [40, 20, 20] == list(store.counts.values())


def test_without_the_store_each_counts_for_itself() -> None:
    """What others counted is let go of: a limit that is too wide for a while hurts less than one that is wrong."""
    one, two = limits(Clock())
    store = Shared()
    answered(one, 60)
    answered(two, 15)
    one.exchange(store)
    two.exchange(store)
    with pytest.raises(OperationalError):
        two.exchange(Gone())

    assert 65 == answered(two, 200)


@contextmanager
def two_nodes(home: Home) -> Iterator[list[Node]]:
    """Give two nodes on the home's database."""
    settings = home.settings.model_copy(update={"shared_limits": True, "rate_per_minute": 80})
    nodes = [Node(settings, clock=home.clock, random=home.random) for _ in range(2)]
    try:
        yield nodes
    finally:
        for node in nodes:
            node.engine.dispose()


@ON_POSTGRES
def test_two_nodes_share_through_the_database(home: Home) -> None:
    """Under the right log, for two minutes, and what lies there is no address."""
    with two_nodes(home) as (one, two):
        answered(one.limit, 60)
        answered(two.limit, 20)
        one.share_limits()
        two.share_limits()
        assert 0 == answered(two.limit, 10)
        with home.place.engine.connect() as connection:
            rows = connection.execute(select(t.limit_count)).all()
        assert [(1, home.clock() // 60_000, 80)] == [(row.log_id, row.minute, row.count) for row in rows]
        assert not re.search("203.0.113", repr(rows))
        home.clock.forward(3 * 60_000)
        answered(one.limit, 20)
        one.share_limits()

    assert 1 == row_counts(home.place.engine)["limit_count"]


@ON_POSTGRES
def test_a_database_that_is_away_leaves_the_limit_of_each_node(home: Home, cluster: Cluster) -> None:
    """The loop says so and goes on; nobody is let through without a limit."""
    name = home.place.engine.url.database or ""
    with two_nodes(home) as (one, _):
        answered(one.limit, 20)
        with cluster.away(name), pytest.raises(OperationalError):
            one.share_limits()

        assert 60 == answered(one.limit, 200)


@ON_POSTGRES
def test_it_is_in_no_backup_and_no_standby(home: Home, cluster: Cluster) -> None:
    """The table is unlogged, which PostgreSQL neither sends on nor, as we call it, dumps."""
    name = home.place.engine.url.database or ""

    assert [("u",)] == cluster.run("SELECT relpersistence::text FROM pg_class WHERE relname = 'limit_count'", name)


def test_a_site_that_is_gone_in_the_meantime_is_left_out(home: Home) -> None:
    """A site that another node disabled, say."""
    store = SqlLimits(home.place.engine, lambda _site: None)

    assert {} == store.add(1, {("gone0001", b"b" * 16): 5})


def test_sqlite_has_one_process_and_shares_nothing(home: Home) -> None:
    """The setting does nothing there."""
    with two_nodes(home) as (one, _):
        answered(one.limit, 20)
        one.share_limits()

    assert 0 == row_counts(home.place.engine)["limit_count"]
