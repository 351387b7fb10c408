"""The writer: many callers, one commit, and nobody answered before it is on disk."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from askfirst.core.errors import Unavailable
from askfirst.storage.writer import GroupWriter
from askfirst.usecases.rows import Conflicted, Gone, Replayed, Stored
from askfirst.usecases.sequence import sequence_all
from support.places import Home
from support.table_rows import alter, more_rows, row_counts
from support.writing import SentBatches, WatchedBatches, looked, sealed

AWAY = sqlite3.OperationalError("disk I/O error")


@asynccontextmanager
async def writing(batches: WatchedBatches, **limits: float) -> AsyncIterator[GroupWriter]:
    writer = GroupWriter(batches.open, **limits)  # type: ignore[arg-type]
    writer.start()
    try:
        yield writer
    finally:
        batches.release()
        await asyncio.to_thread(writer.stop)


async def queued(writer: GroupWriter, count: int) -> None:
    """Let the tasks begin, so that `count` jobs wait."""
    await asyncio.sleep(0)
    assert count == writer.waiting


async def blocked(batches: WatchedBatches, writer: GroupWriter, home: Home) -> asyncio.Task[None]:
    """Hold the writer in a batch of one entry, so that all that comes next waits."""
    batches.hold()
    first = asyncio.create_task(writer.append(looked(home)))
    await asyncio.to_thread(batches.arrived.wait, 30)
    return first


def run(home: Home, act: Callable[[WatchedBatches], Awaitable[Any]]) -> tuple[Any, WatchedBatches, dict[str, int]]:
    """Run `act` with a connection to the home's database; return its result, the connection, and the rows added."""
    before = row_counts(home.place.engine)
    # What a thread does is seen on SQLite, what the event loop does by itself on PostgreSQL.
    batches = (WatchedBatches if home.settings.on_sqlite else SentBatches)(home.settings)

    async def whole() -> Any:
        return await act(batches)

    result = asyncio.run(whole())
    return result, batches, more_rows(before, row_counts(home.place.engine))


def test_callers_who_wait_together_share_one_commit(store: Home) -> None:
    """Twenty decisions that queue behind a commit are one transaction."""

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            first = await blocked(batches, writer, store)
            others = [asyncio.create_task(writer.record(sealed(store, number))) for number in range(20)]
            await queued(writer, 20)
            batches.release()
            await first
            return await asyncio.gather(*others)

    outcomes, batches, added = run(store, act)

    assert [Stored()] * 20 == outcomes
    assert [1, 20] == batches.sizes
    assert {"entry": 21, "pending": 21, "deed": 1, "record": 20, "decision_seen": 20} == added


def test_callers_of_one_pass_of_the_loop_share_one_commit(store: Home) -> None:
    """Nobody has to wait for somebody else's commit first: those who come in together are one batch at once."""

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            works = [sealed(store, number) for number in range(20)]
            return await asyncio.gather(*(writer.record(work) for work in works))

    outcomes, batches, added = run(store, act)

    assert [Stored()] * 20 == outcomes
    assert [20] == batches.sizes
    assert 20 == added["record"]


def test_a_batch_has_a_limit(store: Home) -> None:
    """More callers than one batch may hold are several batches, in order."""

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches, batch_limit=8) as writer:
            first = await blocked(batches, writer, store)
            others = [asyncio.create_task(writer.record(sealed(store, number))) for number in range(20)]
            await queued(writer, 20)
            batches.release()
            return await asyncio.gather(first, *others)

    _outcomes, batches, _added = run(store, act)

    assert [1, 8, 8, 4] == batches.sizes


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_a_twin_gets_the_first_answer_and_another_body_a_conflict(store: Home, together: bool) -> None:
    """The same decision id is stored once, also where both wait for the same commit."""
    first, twin = sealed(store, 7), sealed(store, 7)
    other = sealed(store, 7)._replace(mac=b"x" * 32)
    works = (sealed(store, 1), first, twin, other, sealed(store, 2))

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            if not together:
                return [await writer.record(work) for work in works]
            leading = await blocked(batches, writer, store)
            tasks = [asyncio.create_task(writer.record(work)) for work in works]
            await queued(writer, len(works))
            batches.release()
            await leading
            return await asyncio.gather(*tasks)

    outcomes, _batches, added = run(store, act)

    replayed = Replayed(first.entry.entry_id, first.record.receipt, first.record.late, first.record.granted)
    assert [Stored(), Stored(), replayed, Conflicted(), Stored()] == outcomes
    assert (3, 3) == (added["record"], added["decision_seen"])


def test_more_twins_than_a_statement_holds(store: Home) -> None:
    """Hundreds of callers with a hundred ids: each id is stored once, and everybody gets the first one's record."""
    works = [sealed(store, number % 100) for number in range(300)]

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            leading = await blocked(batches, writer, store)
            tasks = [asyncio.create_task(writer.record(work)) for work in works]
            await queued(writer, len(works))
            batches.release()
            await leading
            return await asyncio.gather(*tasks)

    outcomes, batches, added = run(store, act)

    # Who asks twice on PostgreSQL is looked up by the thread, after all others are stored.
    assert ([1, 300] if store.settings.on_sqlite else [1, 300, 200]) == batches.sizes
    assert [Stored()] * 100 == outcomes[:100]
    assert [work.entry.entry_id for work in works[:100]] * 2 == [one.record_id for one in outcomes[100:]]
    assert {"entry": 101, "pending": 101, "deed": 1, "record": 100, "decision_seen": 100} == added


def test_the_same_decision_id_of_two_sites_is_two_decisions(store: Home) -> None:
    """A decision id is the site's own: another site's visitor can not take it away."""

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            return [await writer.record(sealed(store, 7, site=site)) for site in ("demo0001", "shop0001")]

    outcomes, _batches, _added = run(store, act)

    assert [Stored(), Stored()] == outcomes


def test_a_caller_who_goes_away_leaves_its_entry(store: Home) -> None:
    """A cancelled caller does not cancel its entry."""

    async def act(batches: WatchedBatches) -> None:
        async with writing(batches) as writer:
            first = await blocked(batches, writer, store)
            gone = asyncio.create_task(writer.record(sealed(store, 1)))
            await queued(writer, 1)
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
            batches.release()
            await first

    _none, _batches, added = run(store, act)

    assert 1 == added["record"]


def test_a_full_queue_refuses_at_once(store: Home) -> None:
    """Who comes to a full queue is told to come again, and those who wait are served."""

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches, queue_limit=3) as writer:
            first = await blocked(batches, writer, store)
            waiting = [asyncio.create_task(writer.record(sealed(store, number))) for number in range(3)]
            await queued(writer, 3)
            with pytest.raises(Unavailable, match="too many answers wait") as refused:
                await writer.record(sealed(store, 9))
            batches.release()
            await first
            return refused.value.retry_after, await asyncio.gather(*waiting)

    answered, _batches, added = run(store, act)

    assert (1, [Stored()] * 3) == answered
    assert 3 == added["record"]


def test_stopping_commits_what_was_accepted_and_refuses_the_rest(store: Home) -> None:
    """Everybody who waits is answered before the writer ends; whoever comes later is refused."""

    async def act(batches: WatchedBatches) -> Any:
        writer = GroupWriter(batches.open)
        writer.start()
        first = await blocked(batches, writer, store)
        waiting = [asyncio.create_task(writer.record(sealed(store, number))) for number in range(5)]
        await queued(writer, 5)
        stopping = asyncio.create_task(asyncio.to_thread(writer.stop))
        while True:
            try:
                late = asyncio.ensure_future(writer.append(looked(store)))
                await asyncio.sleep(0)
                if late.done():
                    late.result()
            except Unavailable as error:
                refused = str(error)
                break
        batches.release()
        await asyncio.gather(first, stopping)
        return refused, await asyncio.gather(*waiting)

    (refused, outcomes), _batches, added = run(store, act)

    assert "Nothing was confirmed, since the service is shutting down; try again in 5 seconds." == refused
    assert [Stored()] * 5 == outcomes
    assert 5 == added["record"]


def test_a_failed_commit_stores_nothing_and_tells_everybody(store: Home) -> None:
    """Failed and not stored: each caller gets Unavailable, no row is there, and the next batch goes through."""

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            first = await blocked(batches, writer, store)
            tasks = [asyncio.create_task(writer.record(sealed(store, number))) for number in range(4)]
            await queued(writer, 4)
            batches.fail_before = [AWAY, AWAY]
            batches.release()
            told = await asyncio.gather(first, *tasks, return_exceptions=True)
            return told, await writer.record(sealed(store, 1))

    (told, after), batches, added = run(store, act)

    assert [Unavailable] * 5 == [type(one) for one in told]
    assert Stored() == after
    assert {"entry": 1, "pending": 1, "record": 1, "decision_seen": 1} == added
    assert 3 == batches.opened  # a connection that failed is not used again


def test_a_commit_that_was_stored_but_not_confirmed_is_answered_by_the_retry(store: Home) -> None:
    """Failed but stored: the retry with the same id gets the first answer, and there is one record."""
    first = sealed(store, 7)

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            batches.fail_after = [AWAY]
            with pytest.raises(Unavailable, match="did not confirm"):
                await writer.record(first)
            return await writer.record(sealed(store, 7))

    outcome, _batches, added = run(store, act)

    replayed = Replayed(first.entry.entry_id, first.record.receipt, first.record.late, first.record.granted)
    assert replayed == outcome
    assert 1 == added["record"]


def test_one_bad_row_in_a_batch_leaves_no_part_of_it(store: Home) -> None:
    """An entry id that exists fails the whole transaction: all or nothing."""
    entry = looked(store)

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            await writer.append(entry)
            first = await blocked(batches, writer, store)
            works = [writer.record(sealed(store, 1)), writer.append(entry), writer.record(sealed(store, 2))]
            tasks = [asyncio.ensure_future(work) for work in works]
            await queued(writer, 3)
            batches.release()
            await first
            return await asyncio.gather(*tasks, return_exceptions=True)

    told, _batches, added = run(store, act)

    assert [Unavailable] * 3 == [type(one) for one in told]
    assert {"entry": 2, "pending": 2, "deed": 2} == added


def test_a_database_that_is_away_is_opened_again(store: Home) -> None:
    """The writer outlives a database that can not be opened for a while."""

    async def act(batches: WatchedBatches) -> Any:
        batches.fail_to_open = [AWAY]
        async with writing(batches) as writer:
            with pytest.raises(Unavailable):
                await writer.record(sealed(store, 1))
            return await writer.record(sealed(store, 1))

    outcome, _batches, _added = run(store, act)

    assert Stored() == outcome


def test_nobody_waits_for_a_commit_that_stalls(store: Home, caplog: pytest.LogCaptureFixture) -> None:
    """Who waits is told so, who comes is refused at once, and what became of the first one is told when it ends."""
    decision, other = sealed(store, 1), sealed(store, 2)

    async def act(batches: WatchedBatches) -> list[object]:
        async with writing(batches, stalled_s=0.3) as writer:
            batches.hold()
            first = asyncio.create_task(writer.record(decision))
            await asyncio.to_thread(batches.arrived.wait, 30)
            second = asyncio.create_task(writer.record(other))
            told: list[object] = [str(one) for one in await asyncio.gather(first, second, return_exceptions=True)]
            begun = time.monotonic()
            with pytest.raises(Unavailable, match="the database does not answer; try again in 2 seconds"):
                await writer.record(other)
            assert time.monotonic() - begun < 0.3
            batches.release()
            end = time.monotonic() + 30
            while time.monotonic() < end:
                try:
                    return [*told, await writer.record(sealed(store, 1)), await writer.record(sealed(store, 2))]
                except Unavailable:
                    await asyncio.sleep(0.05)
            raise AssertionError("the writer does not go on")

    (first, second, again, stored), _, rows = run(store, act)

    assert ["Nothing was confirmed, since the database did not confirm it; try again in 2 seconds."] * 2 == [
        first,
        second,
    ]
    assert isinstance(again, Replayed)
    assert Stored() == stored
    assert 2 == rows["record"]
    said = "Answers are refused with 503 until it does again; what was confirmed is kept."
    assert [f"The database does not store answers (no answer for 0.3 seconds). {said}"] == [
        one.getMessage() for one in caplog.records if one.levelno == logging.CRITICAL
    ]
    assert "The database stores answers again." in caplog.text


def test_an_erased_decision_is_gone_for_its_id(store: Home) -> None:
    """After an erasure nothing comes back under the decision's id, whatever the body."""
    from askfirst.storage.tables import decision_seen, record

    first = sealed(store, 7)

    async def once(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            return await writer.record(first)

    async def again(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            return [await writer.record(sealed(store, 7)), await writer.record(sealed(store, 7, mac=b"x" * 32))]

    run(store, once)
    alter(store.place.engine, decision_seen, decision_seen.c.decision_id == first.decision_id, mac=None)
    alter(store.place.engine, record, record.c.record_id == first.entry.entry_id, receipt=None)
    outcomes, _batches, added = run(store, again)

    assert [Gone(), Gone()] == outcomes
    assert {} == added


def test_what_was_confirmed_survives_another_reader(store: Home) -> None:
    """What the writer confirmed can be sequenced by somebody else at once: it is committed."""

    async def act(batches: WatchedBatches) -> Any:
        async with writing(batches) as writer:
            await writer.record(sealed(store, 1))
            return await asyncio.to_thread(sequence_all, store.place.ledger, 1, clock=store.clock)

    moved, _batches, _added = run(store, act)

    assert 5 == moved  # the organisation's four entries and the decision
