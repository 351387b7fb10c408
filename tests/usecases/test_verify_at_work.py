"""`ledger verify` beside a service at work: no false alarm, and an end."""

import threading
from typing import Any

import pytest

from askfirst.usecases.keys import CHECKPOINT, RECEIPT, rotate_key
from askfirst.usecases.sequence import sequence_all
from askfirst.usecases.verify_ledger import Verification, verify_ledger
from support.altered_log import said, verified
from support.places import publish
from support.running_service import RunningService
from support.writing import looked, open_batches

pytestmark = pytest.mark.each_database


def test_a_log_that_grows_meanwhile_gives_no_false_alarm(log: RunningService) -> None:
    """Decisions, policies, keys and checkpoints that come while the log is verified are no faults."""
    place = log.home.place
    stop = threading.Event()
    runs: list[Verification] = []

    def verify() -> None:
        while not stop.is_set():
            runs.append(verified(log.home, log.home.anchors.read(1)))

    reader = threading.Thread(target=verify)
    reader.start()
    for step in range(12):
        log.home.clock.forward(1)
        log.accept()
        if step % 4 == 1:
            publish(place, "demo0001", lifetime_days=100 + step)
        if step % 4 == 2:
            rotate_key(
                place.catalogue, place.keys, log.home.organisation(), (RECEIPT, CHECKPOINT)[step % 2], by=place.by
            )
        log.settle()
    stop.set()
    reader.join()

    assert runs
    assert [] == [line for run in runs for line in said(run)]


def test_an_entry_between_the_head_and_the_walk_is_not_this_logs_yet(log: RunningService) -> None:
    """What is sequenced after the head was read is left for the next verification."""
    place = log.home.place

    class Growing:
        """The real ledger, into which entries come right after its head was read."""

        def __getattr__(self, name: str) -> Any:
            return getattr(place.ledger, name)

        def head(self, log_id: int) -> Any:
            head = place.ledger.head(log_id)
            batches = open_batches(log.home.settings)
            batches.commit([looked(log.home) for _ in range(3)])
            batches.close()
            sequence_all(place.ledger, 1, clock=log.home.clock)
            return head

    size = place.ledger.head(1).size
    result = verify_ledger(place.directory, Growing(), 1)  # type: ignore[arg-type]

    assert ([], size) == (said(result), result.size)


def test_progress_goes_from_nothing_to_all(log: RunningService) -> None:
    """The last word of the progress is the whole log."""
    seen: list[tuple[int, int]] = []
    size = log.home.place.ledger.head(1).size
    verify_ledger(log.home.place.directory, log.home.place.ledger, 1, lambda done, of: seen.append((done, of)))

    assert (size, size) == seen[-1]
