"""Look-ups that many ask at once: each gets its own answer, and nobody waits for ever."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from askfirst.core.errors import Unavailable
from askfirst.storage.batches import batches_of, reads_of
from askfirst.storage.lookups import MOST, Look, LookupReader, Reads, Rows
from askfirst.storage.tables import record, token
from askfirst.usecases.rows import RecordQuery
from askfirst.usecases.sessions import secret_hash
from askfirst.usecases.tokens import issue_token, revoke_token
from core.examples import SUBJECT
from support.cluster import Cluster
from support.places import Home
from support.table_rows import alter
from support.writing import sealed

OTHER = "01K9X7QM3D4F8HTZB2NC5"


@asynccontextmanager
async def reading(*reads: Any, **limits: Any) -> AsyncIterator[LookupReader]:
    reader = LookupReader(*reads, **limits)
    reader.start()
    try:
        yield reader
    finally:
        await asyncio.to_thread(reader.stop)


def filled(home: Home, decisions: int) -> Home:
    batches = batches_of(home.settings.database)()
    batches.commit([sealed(home, number) for number in range(1, decisions + 1)])
    batches.close()
    return home


@pytest.mark.each_database
def test_each_of_many_gets_its_own_answer(home: Home) -> None:
    """The same as one at a time: people, pages, other logs, nobody, and tokens, all in one batch, and in several."""
    filled(home, 5)
    secret = issue_token(home.place.staff, 1, name="x", role="auditor", sites=("demo0001",), days=1, by=home.place.by)
    wanted = home.place.staff.token(secret_hash(secret))
    whole = home.place.records.search(1, RecordQuery(subject=SUBJECT, limit=9))
    assert 5 == len(whole)
    third = whole[2][0]

    async def act() -> list[Any]:
        async with reading(reads_of(home.settings.database)) as reader:
            asked = [
                reader.of_subject(1, SUBJECT, None, 9),
                reader.token(secret_hash(secret)),
                reader.of_subject(1, SUBJECT, None, 2),
                reader.of_subject(1, SUBJECT, third, 9),
                reader.of_subject(2, SUBJECT, None, 9),
                reader.token(b"\0" * 32),
                reader.of_subject(1, OTHER, None, 9),
                reader.token(secret_hash(secret)),
            ]
            once = await asyncio.gather(*asked)
            many = await asyncio.gather(*(reader.of_subject(1, SUBJECT, None, 1) for _ in range(3 * MOST)))
            assert [whole[:1]] * 3 * MOST == many
            return list(once)

    found = asyncio.run(act())

    assert [whole, wanted, whole[:2], whole[3:], [], None, [], wanted] == found


@pytest.mark.each_database
def test_a_token_that_was_revoked_is_revoked_for_the_next_look(home: Home) -> None:
    """Nothing is remembered between batches."""
    place = home.place
    secret = issue_token(place.staff, 1, name="x", role="auditor", sites=None, days=1, by=place.by)

    async def act() -> list[bool]:
        async with reading(reads_of(home.settings.database)) as reader:
            before = await reader.token(secret_hash(secret))
            assert before is not None
            await asyncio.to_thread(revoke_token, place.staff, 1, before.token_id, by=place.by)
            after = await reader.token(secret_hash(secret))
            assert after is not None
            return [before.revoked_at is None, after.revoked_at is None]

    assert [True, False] == asyncio.run(act())


def test_what_somebody_altered_is_read_as_what_comes_nearest(home: Home) -> None:
    """SQLite lets any type into any column: it is shown, and not tripped over; sites that can not be read are none."""
    filled(home, 1)
    place = home.place
    secret = issue_token(place.staff, 1, name="x", role="auditor", sites=("demo0001",), days=1, by=place.by)
    alter(place.engine, record, record.c.log_id == 1, server_time="soon", language=b"\xff", receipt=None)
    alter(place.engine, token, token.c.log_id == 1, sites="{")
    whole = place.records.search(1, RecordQuery(subject=SUBJECT, limit=9))

    async def act() -> Any:
        async with reading(reads_of(home.settings.database)) as reader:
            found = await reader.token(secret_hash(secret))
            assert found is not None
            assert () == found.sites
            return await reader.of_subject(1, SUBJECT, None, 9)

    found = asyncio.run(act())
    assert whole == found
    assert (-1, "") == (found[0][1].server_time, found[0][1].receipt)


class Held:
    """A connection that answers when it is let go on."""

    def __init__(self) -> None:
        self.arrived, self.go_on = threading.Event(), threading.Event()
        self.sizes: list[int] = []

    def open(self) -> Reads:
        return self

    def read(self, looks: list[Look]) -> list[Rows]:
        self.sizes.append(len(looks))
        self.arrived.set()
        assert self.go_on.wait(30)
        return [[] for _ in looks]

    def close(self) -> None:
        pass


def test_when_too_many_wait_the_next_is_refused_and_nobody_else() -> None:
    """503 with a time to come back, instead of a queue that grows."""
    held = Held()

    async def act() -> list[object]:
        async with reading(held.open, queue_limit=2) as reader:
            first = asyncio.create_task(reader.token(b"1"))
            await asyncio.to_thread(held.arrived.wait, 30)
            waiting = [asyncio.create_task(reader.token(one)) for one in (b"2", b"3")]
            await asyncio.sleep(0)
            with pytest.raises(Unavailable, match="too many look-ups wait; try again in 1 second"):
                await reader.token(b"4")
            held.go_on.set()
            return list(await asyncio.gather(first, *waiting))

    assert [None] * 3 == asyncio.run(act())
    assert [1, 2] == held.sizes


def test_a_caller_that_goes_away_takes_nobody_with_it() -> None:
    """Its own look-up is done and dropped."""
    held = Held()

    async def act() -> object:
        async with reading(held.open) as reader:
            gone = asyncio.create_task(reader.token(b"1"))
            await asyncio.to_thread(held.arrived.wait, 30)
            other = asyncio.create_task(reader.token(b"2"))
            await asyncio.sleep(0)
            gone.cancel()
            held.go_on.set()
            assert isinstance((await asyncio.gather(gone, return_exceptions=True))[0], asyncio.CancelledError)
            return await other

    assert None is asyncio.run(act())


def test_nobody_waits_for_a_database_that_answers_nothing() -> None:
    """Who waits is told, who comes is refused at once."""
    held = Held()

    async def act() -> float:
        async with reading(held.open, stalled_s=0.3) as reader:
            first = asyncio.create_task(reader.token(b"1"))
            await asyncio.to_thread(held.arrived.wait, 30)
            with pytest.raises(Unavailable, match="the database can not be reached; try again in 5 seconds"):
                await first
            begun = time.monotonic()
            with pytest.raises(Unavailable, match="the database does not answer"):
                await reader.token(b"2")
            held.go_on.set()
            return time.monotonic() - begun

    assert asyncio.run(act()) < 0.3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("how", ["the connection was ended", "the server was stopped at once"])
def test_a_connection_that_was_lost_meanwhile_is_opened_again(cluster: Cluster, home: Home, how: str) -> None:
    """A look may be asked twice, so nobody is told of it."""
    filled(home, 1)

    async def act() -> list[int]:
        async with reading(reads_of(home.settings.database)) as reader:
            first = await reader.of_subject(1, SUBJECT, None, 9)
            cut = cluster.crash if how.startswith("the server") else None
            await asyncio.to_thread(cut or (lambda: cluster.cut(str(home.place.engine.url.database))))
            return [len(first), len(await reader.of_subject(1, SUBJECT, None, 9))]

    assert [1, 1] == asyncio.run(act())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_records_come_from_the_replica_and_tokens_never(cluster: Cluster, home: Home) -> None:
    """A token that was revoked must be so at once; what staff read may be a moment behind."""
    place = home.place
    secret = issue_token(place.staff, 1, name="x", role="auditor", sites=None, days=1, by=place.by)
    place.engine.dispose()  # a database is copied while nobody is in it
    with cluster.database(str(place.engine.url.database)) as copy:
        replica = cluster.url(copy)
        revoked = home.place.staff.tokens(1)[0]
        revoke_token(place.staff, 1, revoked.token_id, by=place.by)
        filled(home, 1)

        async def act() -> tuple[bool, int]:
            async with reading(reads_of(home.settings.database), reads_of(replica)) as reader:
                found = await reader.token(secret_hash(secret))
                assert found is not None
                return found.revoked_at is None, len(await reader.of_subject(1, SUBJECT, None, 9))

        assert (False, 0) == asyncio.run(act())


def test_a_replica_that_answers_nothing_keeps_nobody_out(home: Home) -> None:
    """Only what would come from it is refused."""
    held = Held()
    secret = issue_token(home.place.staff, 1, name="x", role="auditor", sites=None, days=1, by=home.place.by)

    async def act() -> object:
        async with reading(reads_of(home.settings.database), held.open, stalled_s=0.3) as reader:
            with pytest.raises(Unavailable):
                await reader.of_subject(1, SUBJECT, None, 9)
            found = await reader.token(secret_hash(secret))
            held.go_on.set()
            return found

    assert None is not asyncio.run(act())
