"""Group commit: many callers, one thread, one transaction a batch, each answered after its batch is committed."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, Protocol

from askfirst.core.errors import Unavailable
from askfirst.usecases.rows import Decision, Entry, Outcome

log = logging.getLogger("askfirst")

_BUSY = 4  # jobs in a batch
_PATIENCE_S = 0.002  # less than half of what a commit under load takes from queue to answer
# A commit that takes longer is taken for one that may never end. A stall of a second is waited for.
STALLED_S: Final = 3.0
_LOOK_S = 0.25


@dataclass(slots=True)
class _Job:
    work: Decision | Entry
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Outcome]


class Batches(Protocol):
    """A database connection that commits batches. Only the writer's thread uses it."""

    def commit(self, works: Sequence[Decision | Entry]) -> list[Outcome]:
        """Store all works in one durable transaction, and return one outcome each. On any error nothing is stored."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class GroupWriter:
    """The one writer of a process (the `Writer` of usecases.ports)."""

    def __init__(
        self,
        open_batches: Callable[[], Batches],
        *,
        queue_limit: int = 4096,
        batch_limit: int = 512,
        stalled_s: float = STALLED_S,
    ) -> None:
        """Take a way to open the connection, the most jobs that may wait, the most that share one commit, and the
        seconds after which nobody waits for a commit any more."""
        self._open = open_batches
        self._queue_limit = queue_limit
        self._batch_limit = batch_limit
        # Owned by whoever holds _wake's lock.
        self._queue: deque[_Job] = deque()
        self._gathering = False
        self._stopping = False
        self._lately = 0
        self._working: list[_Job] = []
        # When the commit that runs now began, or None. While `_away` nobody waits for one: the last failed or stalled.
        self._begun: float | None = None
        self._away = False
        self._stalled_s = stalled_s
        self._said = ""  # what is wrong with the database, as it was last said
        self._ended = threading.Event()
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="askfirst-writer", daemon=True)
        self._watch = threading.Thread(target=self._look, name="askfirst-writer-watch", daemon=True)

    def start(self) -> None:
        """Start the writer's threads."""
        self._thread.start()
        self._watch.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Commit all that was accepted, then end. Later calls are refused with Unavailable."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._ended.set()

    @property
    def waiting(self) -> int:
        """How many jobs wait for a commit."""
        return len(self._queue)

    async def record(self, decision: Decision) -> Outcome:
        """Store a decision, or say what is stored under its id."""
        return await self._put(decision)

    async def append(self, entry: Entry) -> None:
        """Store an entry that is no decision."""
        await self._put(entry)

    async def _put(self, work: Decision | Entry) -> Outcome:
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        with self._wake:
            if self._stopping:
                raise Unavailable(5, "the service is shutting down")
            if self._away and self._begun is not None:
                raise Unavailable(2, "the database does not answer")
            if len(self._queue) >= self._queue_limit:
                raise Unavailable(1, "too many answers wait to be stored")
            self._queue.append(job)
            if not self._gathering:
                self._gathering = True
                loop.call_soon(self._gathered)
        # A caller that goes away leaves its job in the queue: the entry is stored all the same.
        return await job.done

    def _gathered(self) -> None:
        """Let the batch begin. It waits for this pass of the event loop: requests that came in together share it, and
        the loop's thread is not interrupted for each of them."""
        with self._wake:
            self._gathering = False
            self._wake.notify()

    def _run(self) -> None:
        batches: Batches | None = None
        while jobs := self._take():
            try:
                if batches is None:
                    batches = self._open()
                outcomes = batches.commit([job.work for job in jobs])
            except Exception as error:  # noqa: BLE001 - every caller of the batch is told, and the next batch reconnects
                # What a driver says after its first line may be about a person.
                self._trouble(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
                self._answer(jobs, [error] * len(jobs))
                if batches is not None:
                    batches.close()
                batches = None
            else:
                if self._away:
                    self._well()
                self._answer(jobs, outcomes)
        if batches is not None:
            batches.close()

    def _trouble(self, said: str) -> None:
        """Remember that the database does not store answers, and say once why."""
        with self._wake:
            new = said != self._said
            self._away, self._begun, self._said = True, None, said
        if new:
            remedy = "Answers are refused with 503 until it does again; what was confirmed is kept."
            log.critical("The database does not store answers (%s). %s", said, remedy)

    def _well(self) -> None:
        with self._wake:
            self._away, self._said = False, ""
        log.warning("The database stores answers again.")

    def _look(self) -> None:
        """Tell everybody who waits for a commit that stalls. What becomes of it, the same decision sent again tells."""
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
                log.critical("The database does not store answers (%s). Answers are refused with 503.", said)
            self._answer(waiting, [TimeoutError(said)] * len(waiting))

    def _take(self) -> list[_Job]:
        with self._wake:
            self._begun = None
            while (not self._queue or self._gathering) and not self._stopping:
                self._wake.wait()
            # Under load a commit for few costs as much as one for many: it waits a moment for as many as came lately.
            if self._lately >= _BUSY:
                self._wake.wait_for(lambda: len(self._queue) >= self._lately or self._stopping, _PATIENCE_S)
            count = min(len(self._queue), self._batch_limit)
            self._lately = max(count, self._lately * 3 // 4)
            self._working = [self._queue.popleft() for _ in range(count)]
            self._begun = monotonic() if count else None
            return self._working

    @staticmethod
    def _answer(jobs: list[_Job], outcomes: Sequence[Outcome | Exception]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Job, Outcome | Exception]]] = {}
        for job, outcome in zip(jobs, outcomes, strict=True):
            by_loop.setdefault(job.loop, []).append((job, outcome))
        for loop, answers in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, answers)


def _resolve(answers: list[tuple[_Job, Outcome | Exception]]) -> None:
    for job, outcome in answers:
        if job.done.done():
            continue
        if isinstance(outcome, Exception):
            refusal = Unavailable(2, "the database did not confirm it")
            refusal.__cause__ = outcome
            job.done.set_exception(refusal)
        else:
            job.done.set_result(outcome)
