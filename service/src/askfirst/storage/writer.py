"""Group commit: many callers, one connection, one transaction a batch, each answered after its batch is committed."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from askfirst.storage.group import STALLED_S, Group
from askfirst.storage.group_connection import Words
from askfirst.usecases.rows import Decision, Entry, Outcome


class Batches(Protocol):
    """A database connection that commits batches; one that is also a `Sends` is used from the event loop."""

    def commit(self, works: Sequence[Decision | Entry]) -> list[Outcome]:
        """Store all works in one durable transaction, and return one outcome each. On any error nothing is stored."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


_PATIENCE_S: Final = 0.002  # less than half of what a commit under load takes from queue to answer
_WORDS: Final = Words(
    thread="askfirst-writer",
    away="The database does not store answers",
    refused="Answers are refused with 503 until it does again; what was confirmed is kept.",
    again="The database stores answers again.",
    full="too many answers wait to be stored",
    failed="the database did not confirm it",
)


class GroupWriter:
    """The one writer of a process (the `Writer` of usecases.ports)."""

    def __init__(
        self,
        open_batches: Callable[[], Batches],
        *,
        queue_limit: int = 4096,
        batch_limit: int = 512,
        stalled_s: float = STALLED_S,
        told: Callable[[int, float, bool], None] = lambda _works, _seconds, _well: None,
    ) -> None:
        """Take a way to open the connection, whose every batch is one durable transaction, the most jobs that may wait,
        the most that share one commit, the seconds after which nobody waits for a commit any more, and what hears of
        each batch how many works it had, how many seconds it took, and whether it was committed."""
        self._group: Group[Batches, Decision | Entry, Outcome] = Group(
            open_batches,
            lambda batches, works: batches.commit(works),
            _WORDS,
            queue_limit=queue_limit,
            batch_limit=batch_limit,
            stalled_s=stalled_s,
            patience_s=_PATIENCE_S,
            told=told,
        )

    def start(self) -> None:
        """Start the writer's threads."""
        self._group.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Commit all that was accepted, then end. Later calls are refused with Unavailable."""
        self._group.stop(timeout)

    @property
    def waiting(self) -> int:
        """How many jobs wait for a commit."""
        return self._group.waiting

    async def record(self, decision: Decision) -> Outcome:
        """Store a decision, or say what is stored under its id."""
        return await self._group.put(decision)

    async def append(self, entry: Entry) -> None:
        """Store an entry that is no decision."""
        await self._group.put(entry)
