"""Many callers, one connection: what they ask together is done together, and each gets its answer.

A thread of its own opens the connection and works with it. Where the connection can also be given a batch and asked for
its outcomes later, the event loop does both by itself, and the thread is left what takes longer: to connect, to answer
who asked twice, and to end. Handing each batch to a thread costs more than the batch: two threads of one interpreter
wait for each other several times for each.
"""

import asyncio
import logging
import select
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from time import monotonic
from typing import Final, Generic, TypeVar

from askfirst.core.errors import Unavailable
from askfirst.storage.group_connection import Connected, Sends, Words

log = logging.getLogger("askfirst")

C = TypeVar("C", bound=Connected)
W = TypeVar("W")
Out = TypeVar("Out")

_BUSY = 4  # jobs in a batch
# A batch that takes longer is taken for one that may never end. A stall of a second is waited for.
STALLED_S: Final = 3.0
_LOOK_S = 0.25
_LATE = 4  # times as long as for a stall is waited where an answer lies there, and the loop has not come to it


@dataclass(slots=True)
class _Job(Generic[W, Out]):
    work: W
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Out]


class Group(Generic[C, W, Out]):
    """Callers of one kind, whose works wait for each other."""

    def __init__(
        self,
        open_connection: Callable[[], C],
        do: Callable[[C, list[W]], list[Out]],
        words: Words,
        *,
        queue_limit: int = 4096,
        batch_limit: int = 512,
        stalled_s: float = STALLED_S,
        patience_s: float = 0.0,
        twice: bool = False,
        told: Callable[[int, float, bool], None] = lambda _works, _seconds, _well: None,
    ) -> None:
        """Take a way to open the connection and to do works on it, with one outcome each, the most jobs that may wait,
        the most that share one batch, the seconds after which nobody waits for a batch any more, and those that a busy
        batch waits for more to join it. `twice`: a batch that failed on a connection that was open before is tried once
        more on a new one. `told` hears of each batch how many works it had, how many seconds it took, and whether it
        was done.
        """
        self._open, self._do, self._words = open_connection, do, words
        self._patience_s, self._twice, self._told = patience_s, twice, told
        self._queue_limit = queue_limit
        self._batch_limit = batch_limit
        # Owned by whoever holds _wake's lock.
        self._queue: deque[_Job[W, Out]] = deque()
        self._gathering: float | None = None  # since when a loop is to begin a batch
        self._stopping = False
        self._lately = 0
        self._working: list[_Job[W, Out]] = []
        # The loop that begins a batch or has one in its hands, and where the answer to that one will come.
        self._at: asyncio.AbstractEventLoop | None = None
        self._answer_at: int | None = None
        # The thread does the next batch, although the loop could.
        self._in_full = False
        # Owned by whoever works: nobody else touches them while `_begun` says that somebody does.
        self._connection: C | None = None
        self._sends: Sends | None = None  # the same, where the loop can work with it
        # When the batch that runs now began, or None. While `_away` nobody waits for one: the last failed or stalled.
        self._begun: float | None = None
        self._away = False
        self._stalled_s = stalled_s
        self._said = ""  # what is wrong with the database, as it was last said
        self._ended = threading.Event()
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=words.thread, daemon=True)
        self._watch = threading.Thread(target=self._look, name=f"{words.thread}-watch", daemon=True)

    def start(self) -> None:
        """Start the threads."""
        self._thread.start()
        self._watch.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Do all that was accepted, then end. Later calls are refused with Unavailable."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._ended.set()

    @property
    def waiting(self) -> int:
        """How many jobs wait for a batch."""
        return len(self._queue)

    async def put(self, work: W) -> Out:
        """Have a work done and return its outcome. Raises Unavailable where nobody knows what became of it."""
        loop = asyncio.get_running_loop()
        job: _Job[W, Out] = _Job(work, loop, loop.create_future())
        with self._wake:
            if self._stopping:
                raise Unavailable(5, "the service is shutting down")
            if self._away and self._begun is not None:
                raise Unavailable(2, "the database does not answer")
            if len(self._queue) >= self._queue_limit:
                raise Unavailable(1, self._words.full)
            self._queue.append(job)
            # Who works on a connection that the loop can use has the loop go on afterwards.
            if self._gathering is None and (self._begun is None or self._sends is None):
                self._gather(loop)
        # A caller that goes away leaves its job in the queue: it is done all the same.
        return await job.done

    def _gather(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have this thread's loop begin a batch after all that it is to do by now; called with the lock."""
        self._gathering, self._at = monotonic(), loop
        # Not in the caller's context, which would be that of all batches that follow.
        loop.call_soon(self._gathered, context=Context())

    def _gathered(self) -> None:
        """Let the batch begin. It waits for this pass of the event loop: requests that came in together share it, and
        the loop's thread is not interrupted for each of them."""
        with self._wake:
            self._gathering = None
            if self._begun is not None:
                return  # who works goes on with what waits
            connection = self._sends
            if connection is None or self._in_full or self._stopping or not self._queue:
                self._wake.notify()
                return
            jobs = self._begin()
            loop = self._at = asyncio.get_running_loop()
        answer = None
        try:
            answer = self._answer_at = connection.send([job.work for job in jobs])
            if not connection.flush():
                loop.add_writer(answer, self._flush, connection, loop, answer, jobs)
            loop.add_reader(answer, self._receive, connection, loop, answer, jobs)
        except Exception as error:  # noqa: BLE001 - as in the thread
            if answer is not None:
                self._let_go(loop, answer)
            self._failed(jobs, error)

    def _flush(self, connection: Sends, loop: asyncio.AbstractEventLoop, answer: int, jobs: list[_Job[W, Out]]) -> None:
        try:
            if connection.flush():
                loop.remove_writer(answer)
        except Exception as error:  # noqa: BLE001 - as in the thread
            self._let_go(loop, answer)
            self._failed(jobs, error)

    def _receive(
        self, connection: Sends, loop: asyncio.AbstractEventLoop, answer: int, jobs: list[_Job[W, Out]]
    ) -> None:
        try:
            outcomes = connection.receive()
            if outcomes is None and not connection.flush():
                loop.add_writer(answer, self._flush, connection, loop, answer, jobs)
        except Exception as error:  # noqa: BLE001 - as in the thread
            self._let_go(loop, answer)
            self._failed(jobs, error)
            return
        if outcomes is None:
            return
        self._let_go(loop, answer)
        try:
            self._done(jobs, outcomes, self._begun, loop)
        finally:
            rest = [job for job, outcome in zip(jobs, outcomes, strict=True) if outcome is None]
            with self._wake:
                self._begun, self._working = None, []
                self._queue.extendleft(reversed(rest))
                self._in_full = bool(rest)
                if self._in_full or self._stopping:
                    self._wake.notify()
                elif self._queue and self._gathering is None:
                    self._gather(loop)  # after those have gone on who have their answer now

    def _let_go(self, loop: asyncio.AbstractEventLoop, answer: int) -> None:
        self._answer_at = None
        loop.remove_writer(answer)
        loop.remove_reader(answer)

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have a loop of another thread begin a batch of what waits, if nothing else does; called with the lock."""
        if self._gathering is not None:
            return
        try:
            loop.call_soon_threadsafe(self._gathered, context=Context())
        except RuntimeError:  # it is closed
            self._in_full = True
        else:
            self._gathering, self._at = monotonic(), loop

    def _run(self) -> None:
        while jobs := self._take():
            works = [job.work for job in jobs]
            try:
                since: float | None = monotonic()
                if self._connection is not None and self._twice:
                    connection, outcomes = self._once_more(self._connection, works)
                    self._use(connection)
                else:
                    connection = self._connection or self._open()
                    self._use(connection)
                    since = monotonic()
                    outcomes = self._do(connection, works)
            except Exception as error:  # noqa: BLE001 - every caller of the batch is told, and the next batch reconnects
                self._failed(jobs, error)
            else:
                self._done(jobs, outcomes, since)
        if self._connection is not None:
            self._connection.close()

    def _use(self, connection: C | None) -> None:
        self._connection = connection
        self._sends = connection if isinstance(connection, Sends) else None

    def _done(
        self,
        jobs: list[_Job[W, Out]],
        outcomes: Sequence[Out | None],
        since: float | None,
        here: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Give the outcomes that there are, of a batch that began at that time; this thread runs the loop `here`."""
        found: list[tuple[_Job[W, Out], Out | Exception]] = [
            (job, outcome) for job, outcome in zip(jobs, outcomes, strict=True) if outcome is not None
        ]
        self._tell(len(found), since, well=True)
        if self._away:
            self._well()
        self._answer(found, here)

    def _failed(self, jobs: list[_Job[W, Out]], error: Exception) -> None:
        """Tell everybody whose work was in a batch, and let go of its connection: the next batch has a new one."""
        self._tell(len(jobs), self._begun, well=False)
        broken = self._connection
        self._use(None)
        # What a driver says after its first line may be about a person.
        self._trouble(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
        self._answer([(job, error) for job in jobs])
        if broken is not None:
            broken.close()

    def _tell(self, works: int, since: float | None, *, well: bool) -> None:
        if not works or since is None:
            return
        try:
            self._told(works, monotonic() - since, well)
        except Exception:  # what only counts holds up nobody
            log.exception("a batch could not be counted")

    def _once_more(self, connection: C, works: list[W]) -> tuple[C, list[Out]]:
        """Do a batch, on a new connection where the old one was lost, and give the connection with the outcomes."""
        try:
            return connection, self._do(connection, works)
        except Exception:  # noqa: BLE001 - what fails again is told
            connection.close()
        fresh = self._open()
        try:
            return fresh, self._do(fresh, works)
        except BaseException:
            fresh.close()
            raise

    def _trouble(self, said: str) -> None:
        """Remember that the database does not do it, and say once why."""
        with self._wake:
            new = said != self._said
            self._away, self._begun, self._said, self._working = True, None, said, []
            self._wake.notify()  # what waits is the thread's again
        if new:
            log.critical("%s (%s). %s", self._words.away, said, self._words.refused)

    def _well(self) -> None:
        with self._wake:
            self._away, self._said = False, ""
        log.warning("%s", self._words.again)

    def _look(self) -> None:
        """Tell everybody who waits for a batch that stalls. What becomes of it, the same work given again tells."""
        while not self._ended.wait(_LOOK_S):
            self._look_after_loops()
            with self._wake:
                begun, late = self._begun, 0.0
                if self._answer_at is not None and _readable(self._answer_at):
                    late = self._stalled_s * (_LATE - 1)  # the database answered, and the loop has not come to it yet
                if begun is None or monotonic() - begun < self._stalled_s + late:
                    continue
                waiting = [*self._working, *self._queue]
                # What did not begin is dropped: whoever asked is told so, and will ask again.
                self._queue.clear()
                self._working = []
                said = f"no answer for {self._stalled_s:g} seconds"
                new, self._away, self._said = not self._away, True, self._said or said
            if new:
                log.critical("%s (%s). %s", self._words.away, said, self._words.refused)
            stalled = TimeoutError(said)
            self._answer([(job, stalled) for job in waiting])

    def _look_after_loops(self) -> None:
        """Take over from a loop that will do no more: it was closed, or does not come to what it was to begin."""
        jobs: list[_Job[W, Out]] = []
        with self._wake:
            closed = self._at is not None and self._at.is_closed()
            if closed and self._answer_at is not None:
                self._answer_at, jobs = None, self._working
            if self._gathering is not None and (closed or monotonic() - self._gathering > self._stalled_s):
                self._gathering, self._in_full = None, True
                self._wake.notify()
        if jobs:
            self._failed(jobs, RuntimeError("who asked for it is gone"))

    def _take(self) -> list[_Job[W, Out]]:
        """Return the thread's next batch; none at the end."""
        with self._wake:
            self._begun = None
            if self._queue and not self._stopping and self._sends is not None:
                self._go_on(self._queue[0].loop)
            while not self._has_to():
                self._wake.wait()
            # Under load a batch of few costs as much as one of many: it waits a moment for as many as came lately.
            if self._patience_s and self._lately >= _BUSY:
                self._wake.wait_for(lambda: len(self._queue) >= self._lately or self._stopping, self._patience_s)
            self._in_full = False
            return self._begin()

    def _has_to(self) -> bool:
        """Tell whether the thread has to work, or to end; called with the lock."""
        if self._begun is not None:
            return False
        if self._stopping:
            return True
        if not self._queue or self._gathering is not None:
            return False
        return self._in_full or self._sends is None

    def _begin(self) -> list[_Job[W, Out]]:
        """Take what waits, at most as much as a batch holds; called with the lock."""
        count = min(len(self._queue), self._batch_limit)
        self._lately = max(count, self._lately * 3 // 4)
        self._working = [self._queue.popleft() for _ in range(count)]
        self._begun = monotonic() if count else None
        return self._working

    def _answer(
        self, answers: list[tuple[_Job[W, Out], Out | Exception]], here: asyncio.AbstractEventLoop | None = None
    ) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Job[W, Out], Out | Exception]]] = {}
        for job, outcome in answers:
            by_loop.setdefault(job.loop, []).append((job, outcome))
        for loop, its in by_loop.items():
            if loop is here:
                self._resolve(its)
            else:
                with suppress(RuntimeError):  # it is closed: nobody waits there
                    loop.call_soon_threadsafe(self._resolve, its)

    def _resolve(self, answers: list[tuple[_Job[W, Out], Out | Exception]]) -> None:
        for job, outcome in answers:
            if job.done.done():
                continue
            if isinstance(outcome, Exception):
                refusal = Unavailable(self._words.retry_s, self._words.failed)
                refusal.__cause__ = outcome
                job.done.set_exception(refusal)
            else:
                job.done.set_result(outcome)


def _readable(descriptor: int) -> bool:
    """Tell whether something lies there to be read."""
    looking = select.poll()
    looking.register(descriptor, select.POLLIN)
    return bool(looking.poll(0))
