"""The writer on PostgreSQL: once its connection is open, the event loop sends batches and hears of them by itself."""

import asyncio
import contextvars
import logging
import shutil
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from askfirst.core.errors import Unavailable
from askfirst.storage import postgres_batches
from askfirst.storage.batches import batches_of
from askfirst.storage.writer import GroupWriter
from askfirst.usecases.rows import Conflicted, Replayed, Stored
from support.cluster import Cluster
from support.places import Home
from support.table_rows import row_counts
from support.writing import SentBatches, looked, sealed

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def run(home: Home, act: Callable[[SentBatches, GroupWriter], Awaitable[Any]], **limits: Any) -> Any:
    """Run `act` with a writer whose connection was opened for decision 0."""
    batches = SentBatches(home.settings)

    async def whole() -> Any:
        writer = GroupWriter(batches.open, **limits)
        writer.start()
        try:
            assert Stored() == await writer.record(sealed(home, 0))
            assert [] == batches.sent
            return await act(batches, writer)
        finally:
            batches.release()
            await asyncio.to_thread(writer.stop)

    return asyncio.run(whole())


def records(home: Home) -> int:
    return row_counts(home.place.engine)["record"]


async def held(batches: SentBatches, writer: GroupWriter, work: Any) -> "asyncio.Task[Any]":
    """Give a work, and wait until the loop has it in hand."""
    batches.hold()
    task = asyncio.create_task(writer.record(work))
    await asyncio.to_thread(batches.arrived.wait, 30)
    return task


def test_the_loop_does_what_the_thread_opened_the_connection_for(home: Home) -> None:
    """Decisions, and entries that are none, one connection for all."""

    async def act(batches: SentBatches, writer: GroupWriter) -> Any:
        heard = await asyncio.gather(*(writer.record(sealed(home, number)) for number in range(1, 6)))
        await writer.append(looked(home))
        await asyncio.gather(writer.append(looked(home)), writer.record(sealed(home, 6)))
        return heard, batches.sent, batches.sizes, batches.opened

    assert ([Stored()] * 5, [5, 1, 2], [1, 5, 1, 2], 1) == run(home, act)
    assert 7 == records(home)


def test_what_comes_meanwhile_is_the_next_batch(home: Home) -> None:
    """One batch at a time, and none waits for another caller."""

    async def act(batches: SentBatches, writer: GroupWriter) -> Any:
        first = await held(batches, writer, sealed(home, 1))
        others = [asyncio.create_task(writer.record(sealed(home, number))) for number in range(2, 6)]
        await asyncio.sleep(0.05)
        waiting = writer.waiting
        batches.release()
        return await asyncio.gather(first, *others), waiting, batches.sent

    assert ([Stored()] * 5, 4, [1, 4]) == run(home, act)


def test_who_asks_twice_is_answered_by_the_thread(home: Home) -> None:
    """The rest of the batch is stored; a replay and a conflict are looked up, and the loop goes on afterwards."""
    first = sealed(home, 1)
    other = sealed(home, 1)._replace(mac=b"x" * 32)

    async def act(batches: SentBatches, writer: GroupWriter) -> Any:
        works = (first, sealed(home, 1), sealed(home, 2), other)
        heard = await asyncio.gather(*(writer.record(work) for work in works))
        return heard, await writer.record(sealed(home, 3)), batches.sent, batches.opened

    heard, after, sent, opened = run(home, act)

    replayed = Replayed(first.entry.entry_id, first.record.receipt, first.record.late, first.record.granted)
    assert [Stored(), replayed, Stored(), Conflicted()] == heard
    assert (Stored(), [4, 1], 1) == (after, sent, opened)
    assert 4 == records(home)


@pytest.mark.parametrize("known", [True, False], ids=["as it is", "behind a pool"])
def test_a_batch_that_does_not_fit_is_sent_in_pieces(home: Home, known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand decisions with long texts are more than a socket takes at once."""
    if not known:
        monkeypatch.setattr(postgres_batches, "_MOST_PREPARED", 0)

    async def act(batches: SentBatches, writer: GroupWriter) -> Any:
        works = [sealed(home, number) for number in range(1, 1001)]
        long = [work._replace(record=work.record._replace(receipt="r" * 20_000)) for work in works]
        heard = await asyncio.gather(*(writer.record(work) for work in long))
        return heard, batches.sent, batches.pieces

    heard, sent, pieces = run(home, act, batch_limit=1000)

    assert [Stored()] * 1000 == heard
    assert [1000] == sent
    assert False in pieces
    assert pieces[-1]
    assert 1001 == records(home)


def test_a_statement_is_prepared_for_each_kind_of_values(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small numbers, great ones, entries of both kinds; and beyond the most that are prepared it works without."""
    monkeypatch.setattr(postgres_batches, "_MOST_PREPARED", 2)

    async def act(_batches: SentBatches, writer: GroupWriter) -> Any:
        heard: list[Any] = []
        for number, policy in enumerate((1, 40_000, 1, 70_000, 2_000_000_000, 2), start=1):
            work = sealed(home, number)
            heard.append(await writer.record(work._replace(record=work.record._replace(policy_number=policy))))
            await writer.append(looked(home))
        return heard

    assert [Stored()] * 6 == run(home, act)
    assert 7 == records(home)


@pytest.mark.parametrize("stored", [True, False], ids=["after it was stored", "before"])
def test_a_batch_that_breaks_tells_everybody_and_the_next_one_connects_anew(home: Home, stored: bool) -> None:
    """Whether it was stored nobody knows then; the same decision given again tells."""
    away = ConnectionError("the line is cut")

    async def act(batches: SentBatches, writer: GroupWriter) -> Any:
        (batches.fail_after if stored else batches.fail_before).append(away)
        works = [sealed(home, 1), sealed(home, 2)]
        told = await asyncio.gather(*(writer.record(work) for work in works), return_exceptions=True)
        return told, [await writer.record(work) for work in works], batches.opened

    told, again, opened = run(home, act)

    assert [Unavailable] * 2 == [type(one) for one in told]
    assert [Replayed if stored else Stored] * 2 == [type(one) for one in again]
    assert 2 == opened
    assert 3 == records(home)


def test_what_the_server_refuses_is_no_batch(home: Home) -> None:
    """An entry id that exists: nothing of its batch is stored, and what comes next is."""
    entry = looked(home)

    async def act(batches: SentBatches, writer: GroupWriter) -> Any:
        await writer.append(entry)
        works = (writer.record(sealed(home, 1)), writer.append(entry))
        return await asyncio.gather(*works, return_exceptions=True), await writer.record(sealed(home, 2)), batches.sent

    told, after, sent = run(home, act)

    assert [Unavailable] * 2 == [type(one) for one in told]
    assert "UniqueViolation" in repr(told[0].__cause__)
    assert (Stored(), [1, 2]) == (after, sent)
    assert 2 == records(home)


def test_nobody_waits_for_a_server_that_says_nothing(home: Home) -> None:
    """Who waits is told, who comes is refused; when it answers at last, all goes on over the same connection."""

    async def act(batches: SentBatches, writer: GroupWriter) -> Any:
        first = await held(batches, writer, sealed(home, 1))
        second = asyncio.create_task(writer.record(sealed(home, 2)))
        told = await asyncio.gather(first, second, return_exceptions=True)
        with pytest.raises(Unavailable, match="the database does not answer"):
            await writer.record(sealed(home, 3))
        batches.release()
        async with asyncio.timeout(30):
            while True:
                try:
                    return told, [await writer.record(sealed(home, number)) for number in (1, 2)], batches.opened
                except Unavailable:
                    await asyncio.sleep(0.05)

    told, after, opened = run(home, act, stalled_s=0.3)

    assert [Unavailable] * 2 == [type(one) for one in told]
    assert [Replayed, Stored] == [type(one) for one in after]
    assert 1 == opened
    assert 3 == records(home)


def test_a_caller_who_goes_away_takes_nobody_along(home: Home) -> None:
    """What was sent is stored, and the others hear of it."""

    async def act(batches: SentBatches, writer: GroupWriter) -> Any:
        first = await held(batches, writer, sealed(home, 1))
        gone, other = (asyncio.create_task(writer.record(sealed(home, number))) for number in (2, 3))
        await asyncio.sleep(0)
        first.cancel()
        gone.cancel()
        batches.release()
        return await other

    assert Stored() == run(home, act)
    assert 4 == records(home)


def test_stopping_waits_for_what_was_sent_and_does_the_rest(home: Home) -> None:
    """Everybody who was accepted is answered, whoever does it."""

    async def act(batches: SentBatches, writer: GroupWriter) -> Any:
        first = await held(batches, writer, sealed(home, 1))
        others = [asyncio.create_task(writer.record(sealed(home, number))) for number in range(2, 6)]
        await asyncio.sleep(0.05)
        stopping = asyncio.create_task(asyncio.to_thread(writer.stop))
        await asyncio.sleep(0.05)
        assert not stopping.done()
        with pytest.raises(Unavailable, match="shutting down"):
            await writer.record(sealed(home, 9))
        batches.release()
        await stopping
        return await asyncio.gather(first, *others), batches.sizes

    assert ([Stored()] * 5, [1, 1, 4]) == run(home, act)
    assert 6 == records(home)


@contextmanager
def in_pieces(cluster: Cluster, folder: Path) -> Iterator[str]:
    """Give the folder of a socket that hands on to the cluster, and hands its answers on in two pieces."""
    name = ".s.PGSQL.5432"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / name))
    listener.listen()
    ends = [listener]

    def copy(source: socket.socket, target: socket.socket, last: int) -> None:
        while data := source.recv(65536):
            head = data[:-last] if last and len(data) > last else data
            target.sendall(head)
            if len(head) < len(data):
                time.sleep(0.02)
                target.sendall(data[len(head) :])

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{cluster.folder}/{name}")
            ends.extend((near, far))
            threading.Thread(target=copy, args=(near, far, 0), daemon=True).start()
            threading.Thread(target=copy, args=(far, near, 6), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield str(folder)
    for end in ends:
        end.close()


def test_an_answer_that_comes_in_pieces_is_one_answer(
    home: Home, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The end of a transaction may come after its rows: what they say is not forgotten."""
    folder = tmp_path_factory.mktemp("s")
    with in_pieces(cluster, folder) as at:
        url = home.settings.database.replace(str(cluster.folder), at)
        sizes: list[int] = []

        async def act() -> list[Any]:
            writer = GroupWriter(batches_of(url), told=lambda works, _seconds, _well: sizes.append(works))
            writer.start()
            try:
                await writer.record(sealed(home, 0))
                return await asyncio.gather(*(writer.record(sealed(home, number)) for number in range(1, 7)))
            finally:
                await asyncio.to_thread(writer.stop)

        assert url != home.settings.database
        assert [Stored()] * 6 == asyncio.run(act())
    assert [1, 6] == sizes
    shutil.rmtree(folder)


def test_a_loop_that_is_late_itself_does_not_blame_the_database(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """What the server answered meanwhile is heard, and nobody is refused."""

    async def act(_batches: SentBatches, writer: GroupWriter) -> Any:
        first = asyncio.create_task(writer.record(sealed(home, 1)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        time.sleep(1.2)  # noqa: ASYNC251 - the loop is held up on purpose
        return await first, await writer.record(sealed(home, 2))

    assert (Stored(), Stored()) == run(home, act, stalled_s=0.6)
    assert [] == [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_loop_that_ends_with_a_batch_in_its_hands_stops_nobody_else(home: Home) -> None:
    """Its callers are gone; those of another loop connect anew, and the writer ends in order."""
    batches = SentBatches(home.settings)
    writer = GroupWriter(batches.open)
    writer.start()

    async def leave() -> None:
        await writer.record(sealed(home, 0))
        await held(batches, writer, sealed(home, 1))

    async def come() -> Any:
        async with asyncio.timeout(20):
            while True:
                try:
                    return await writer.record(sealed(home, 2))
                except Unavailable:
                    await asyncio.sleep(0.05)

    asyncio.run(leave())
    batches._open.set()
    heard = asyncio.run(come())
    begun = time.monotonic()
    writer.stop()

    assert Stored() == heard
    assert time.monotonic() - begun < 5
    assert 2 == batches.opened


def test_a_loop_that_does_not_come_to_it_is_not_waited_for(home: Home) -> None:
    """It was to begin a batch and stopped running: the thread does it, for whoever else waits."""
    batches = SentBatches(home.settings)
    writer = GroupWriter(batches.open, stalled_s=0.3)
    writer.start()
    resting = asyncio.new_event_loop()
    resting.run_until_complete(writer.record(sealed(home, 0)))
    task = resting.create_task(writer.record(sealed(home, 1)))
    resting.call_soon(resting.stop)
    resting.run_forever()

    async def come() -> Any:
        async with asyncio.timeout(20):
            return await writer.record(sealed(home, 2))

    assert Stored() == asyncio.run(come())
    assert Stored() == resting.run_until_complete(task)
    resting.close()
    writer.stop()
    assert 3 == records(home)


def test_a_count_that_fails_is_no_batch_that_fails(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """What hears of batches may break; those who wait are answered."""

    def told(_works: int, _seconds: float, _well: bool) -> None:
        raise ValueError("no room for a number")

    async def act(_batches: SentBatches, writer: GroupWriter) -> Any:
        return [await writer.record(sealed(home, number)) for number in (1, 2)]

    assert [Stored()] * 2 == run(home, act, told=told)
    assert "a batch could not be counted" in caplog.text


def test_a_batch_is_nobodys_alone(home: Home) -> None:
    """What a caller's task carries, such as the span of its request, is not handed on to the batches that follow."""
    mark: contextvars.ContextVar[str] = contextvars.ContextVar("mark", default="")
    seen: list[str] = []

    def told(_works: int, _seconds: float, _well: bool) -> None:
        seen.append(mark.get())

    async def act(_batches: SentBatches, writer: GroupWriter) -> Any:
        mark.set("somebody")
        await asyncio.gather(*(writer.record(sealed(home, number)) for number in range(1, 40)))
        return [await writer.record(sealed(home, number)) for number in (40, 41)]

    assert [Stored()] * 2 == run(home, act, told=told, batch_limit=4)
    assert {""} == set(seen)
