"""What a node measures of its own work: its commits, its queue, and how long entries wait for a checkpoint."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from askfirst.storage.writer import GroupWriter
from askfirst.tracing import trace_commit
from askfirst.usecases.ports import Clock, Ledger
from askfirst.usecases.rows import Organisation
from askfirst.web.metrics import committed, note_checkpoint_age, note_queue

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


def watching(tracer: "Tracer | None" = None) -> Callable[[int, float, bool], None]:
    """Return what counts each batch of the writer, and with a tracer also traces it; one that failed is no commit."""

    def told(works: int, seconds: float, well: bool) -> None:
        if well:
            committed(works, seconds)
        if tracer is not None:
            trace_commit(tracer, works, seconds, well=well)

    return told


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
