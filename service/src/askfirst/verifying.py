"""Check the entries of a long log on every core: each process reads the database by itself, a range at a time."""

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.util import Finalize
from typing import Literal

from askfirst.core.errors import LedgerFault
from askfirst.settings import Settings
from askfirst.storage.engine import without_connections
from askfirst.usecases.check_entries import Checked, CheckRanges, EntryCheck
from askfirst.usecases.verify_ledger import Verification, verify_ledger
from askfirst.workplace import Workplace, open_workplace

# A process takes longer to start than to check this many entries.
_WORTH_IT = 50_000

_mine: list[EntryCheck] = []  # the one of this process, where it is one that checks


def verify(
    place: Workplace,
    log_id: int,
    progress: Callable[[int, int], None],
    *,
    anchor: str | None,
    signatures: bool = True,
    processes: int | None = None,
) -> Verification:
    """Verify a whole log (usecases.verify_ledger) in as many processes as there are cores, or as many as are said."""
    count = processes or _cores()
    check_ranges = None
    if count > 1 and place.ledger.head(log_id).size >= _WORTH_IT:
        check_ranges = _in_processes(place, log_id, count, signatures)
    return verify_ledger(
        place.directory,
        place.ledger,
        log_id,
        progress,
        anchor=anchor,
        signatures=signatures,
        check_ranges=check_ranges,
        clock=place.by.clock,
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(place: Workplace, log_id: int, count: int, signatures: bool) -> CheckRanges:
    def check(ranges: Iterable[tuple[int, int]]) -> Iterator[Checked]:
        pool = ProcessPoolExecutor(
            count, get_context(_beginning(place)), initializer=_open, initargs=(place.settings, log_id, signatures)
        )
        waiting: deque[Future[Checked]] = deque()
        try:
            for first, end in ranges:
                waiting.append(pool.submit(_check_range, first, end))
                # As much ahead as keeps all of them busy, and no more: what was checked waits in memory.
                if len(waiting) > 2 * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise LedgerFault(
                "A process that checked entries was ended from outside, and nothing is known yet. "
                "Where memory is short, use one: askfirst ledger verify --processes 1"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)

    return check


def _beginning(place: Workplace) -> Literal["fork", "spawn"]:
    """Return how processes begin: as copies of this one where that is safe, since they take seconds to begin anew."""
    if sys.platform != "linux" or threading.active_count() > 1:
        # What another thread holds at that moment a copy would hold for ever.
        return "spawn"
    # No connection may be in two processes.
    without_connections(place.engine)
    return "fork"


def _open(settings: Settings, log_id: int, signatures: bool) -> None:
    threading.Thread(target=_end_with_parent, name="askfirst-parent", daemon=True).start()
    place = open_workplace(settings)
    # Processes of this kind end without the interpreter's own good-byes.
    Finalize(None, place.engine.dispose, exitpriority=1)
    _mine.append(EntryCheck(place.directory(), place.ledger, log_id, signatures=signatures))


def _end_with_parent() -> None:
    """End this process once the one is gone that it works for: killed, that could tell it nothing."""
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _check_range(first: int, end: int) -> Checked:
    return _mine[0].range(first, end)
