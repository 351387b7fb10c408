"""Many callers, one thread with one connection: what they ask together is done together, and each gets its answer."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, Generic, Protocol, TypeVar

from askfirst.core.errors import Unavailable

log = logging.getLogger("askfirst")

C = TypeVar("C", bound="Connected")
W = TypeVar("W")
Out = TypeVar("Out")

_BUSY = 4  # jobs in a batch
# A batch that takes longer is taken for one that may never end. A stall of a second is waited for.
STALLED_S: Final = 3.0
_LOOK_S = 0.25


@dataclass(slots=True)
class _Job(Generic[W, Out]):
    work: W
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Out]


class Connected(Protocol):
    """A database connection. Only the group's thread uses it."""

    def close(self) -> None:
        """Give the connection back."""
        ...


@dataclass(frozen=True, slots=True)
class Words:
    """What a group is called and says: of itself in the log, and to callers why they get no outcome."""

    thread: str
    away: str  # the beginning of a sentence: what the database does not do
    refused: str  # what becomes of callers meanwhile
    again: str
    full: str
    failed: str
    retry_s: int = 2


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
    ) -> None:
        """Take a way to open the connection and to do works on it, with one outcome each, the most jobs that may wait,
        the most that share one batch, the seconds after which nobody waits for a batch any more, and those that a busy
        batch waits for more to join it. `twice`: a batch that failed on a connection that was open before is tried once
        more on a new one.
        """
        self._open, self._do, self._words = open_connection, do, words
        self._patience_s, self._twice = patience_s, twice
        self._queue_limit = queue_limit
        self._batch_limit = batch_limit
        # Owned by whoever holds _wake's lock.
        self._queue: deque[_Job[W, Out]] = deque()
        self._gathering = False
        self._stopping = False
        self._lately = 0
        self._working: list[_Job[W, Out]] = []
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
            if not self._gathering:
                self._gathering = True
                loop.call_soon(self._gathered)
        # A caller that goes away leaves its job in the queue: it is done all the same.
        return await job.done

    def _gathered(self) -> None:
        """Let the batch begin. It waits for this pass of the event loop: requests that came in together share it, and
        the loop's thread is not interrupted for each of them."""
        with self._wake:
            self._gathering = False
            self._wake.notify()

    def _run(self) -> None:
        connection: C | None = None
        while jobs := self._take():
            works = [job.work for job in jobs]
            try:
                if connection is not None and self._twice:
                    connection, outcomes = self._once_more(connection, works)
                else:
                    connection = connection or self._open()
                    outcomes = self._do(connection, works)
            except Exception as error:  # noqa: BLE001 - every caller of the batch is told, and the next batch reconnects
                # What a driver says after its first line may be about a person.
                self._trouble(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
                self._answer(jobs, [error] * len(jobs))
                if connection is not None:
                    connection.close()
                connection = None
            else:
                if self._away:
                    self._well()
                self._answer(jobs, outcomes)
        if connection is not None:
            connection.close()

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
            self._away, self._begun, self._said = True, None, said
        if new:
            log.critical("%s (%s). %s", self._words.away, said, self._words.refused)

    def _well(self) -> None:
        with self._wake:
            self._away, self._said = False, ""
        log.warning("%s", self._words.again)

    def _look(self) -> None:
        """Tell everybody who waits for a batch that stalls. What becomes of it, the same work given again tells."""
        while not self._ended.wait(_LOOK_S):
            with self._wake:
                begun = self._begun
                if begun is None or monotonic() - begun < self._stalled_s:
                    continue
                waiting = [*self._working, *self._queue]
                # What did not begin is dropped: whoever asked is told so, and will ask again.
                self._queue.clear()
                self._working = []
                said = f"no answer for {self._stalled_s:g} seconds"
                new, self._away, self._said = not self._away, True, self._said or said
            if new:
                log.critical("%s (%s). %s", self._words.away, said, self._words.refused)
            self._answer(waiting, [TimeoutError(said)] * len(waiting))

    def _take(self) -> list[_Job[W, Out]]:
        with self._wake:
            self._begun = None
            while (not self._queue or self._gathering) and not self._stopping:
                self._wake.wait()
            # Under load a batch of few costs as much as one of many: it waits a moment for as many as came lately.
            if self._patience_s and self._lately >= _BUSY:
                self._wake.wait_for(lambda: len(self._queue) >= self._lately or self._stopping, self._patience_s)
            count = min(len(self._queue), self._batch_limit)
            self._lately = max(count, self._lately * 3 // 4)
            self._working = [self._queue.popleft() for _ in range(count)]
            self._begun = monotonic() if count else None
            return self._working

    def _answer(self, jobs: list[_Job[W, Out]], outcomes: Sequence[Out | Exception]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Job[W, Out], Out | Exception]]] = {}
        for job, outcome in zip(jobs, outcomes, strict=True):
            by_loop.setdefault(job.loop, []).append((job, outcome))
        for loop, answers in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._resolve, answers)

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
