"""What a node measures of its own work: its commits, its queue, and how long entries wait for a checkpoint."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from askfirst.storage.writer import Batches, GroupWriter
from askfirst.tracing import TracedBatches
from askfirst.usecases.ports import Clock, Ledger
from askfirst.usecases.rows import Decision, Entry, Organisation, Outcome
from askfirst.web.metrics import committed, note_checkpoint_age, note_queue

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


class MeteredBatches:
    """A connection whose commits are counted."""

    def __init__(self, batches: Batches) -> None:
        """Take the connection."""
        self._batches = batches

    def commit(self, works: Sequence[Decision | Entry]) -> list[Outcome]:
        """Commit, and note how many shared it and how long it took; a commit that failed is not one."""
        begun = perf_counter()
        outcomes = self._batches.commit(works)
        committed(len(works), perf_counter() - begun)
        return outcomes

    def close(self) -> None:
        """Give the connection back."""
        self._batches.close()


def metered(open_batches: Callable[[], Batches], tracer: "Tracer | None" = None) -> Callable[[], Batches]:
    """Return a way to open the connection whose commits are counted, and with a tracer also traced."""
    if tracer is None:
        return lambda: MeteredBatches(open_batches())
    return lambda: TracedBatches(MeteredBatches(open_batches()), tracer)


def measure(
    database: str, writer: GroupWriter, ledger: Ledger, organisations: Sequence[Organisation], clock: Clock
) -> None:
    """Note the length of the queue, and of each log for how long it has had entries without a checkpoint."""
    note_queue(database, writer.waiting)
    for organisation in organisations:
        head, last = ledger.head(organisation.log_id), ledger.last_checkpoint(organisation.log_id)
        since = organisation.created_at if last is None else last.signed_at
        covered = head.size == 0 or (last is not None and last.size >= head.size)
        note_checkpoint_age(organisation.slug, 0.0 if covered else max(0.0, (clock() - since) / 1000))
