"""A node that is being stopped while it signs."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from askfirst.storage.anchor_files import AnchorFiles
from support.running_service import RunningService

pytestmark = pytest.mark.each_database


class MeetingAnchor:
    """An anchor at which two publishers wait for each other, if both get that far."""

    def __init__(self, anchors: AnchorFiles) -> None:
        self._anchors = anchors
        self._meeting = threading.Barrier(2)

    def prepare(self, log_id: int) -> None:
        self._anchors.prepare(log_id)

    def read(self, log_id: int) -> str | None:
        with contextlib.suppress(threading.BrokenBarrierError):  # the other one is kept out, as it has to be
            self._meeting.wait(0.3)
        return self._anchors.read(log_id)

    def write(self, log_id: int, note: str) -> None:
        self._anchors.write(log_id, note)


class WaitingAnchor(AnchorFiles):
    """An anchor that is far away: it takes long to be ready."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked, self.answers = threading.Event(), threading.Event()

    def prepare(self, log_id: int) -> None:
        self.asked.set()
        assert self.answers.wait(30)


def test_the_organisations_row_is_free_while_a_far_place_is_asked(service: RunningService) -> None:
    """Staff and erasures take that row: they do not wait for a bucket."""
    service.accept()
    service.node.sequence()
    anchor = service.node.publisher.anchor = WaitingAnchor(service.home.settings.anchors_folder)
    with ThreadPoolExecutor(1) as threads:
        step = threads.submit(service.node.publish)
        assert anchor.asked.wait(30)
        with service.home.place.ledger.publishing(1) as mine:
            assert mine
        anchor.answers.set()
        step.result(30)
    last = service.home.place.ledger.last_checkpoint(1)

    assert last is not None
    assert last.size == service.home.place.ledger.head(1).size


def test_two_steps_of_one_node_never_sign_the_same_head_at_once(service: RunningService) -> None:
    """The step that a stopping loop left in its thread and the last one of `close` follow each other."""
    service.accept()
    service.node.sequence()
    service.node.publisher.anchor = MeetingAnchor(service.home.anchors)
    with ThreadPoolExecutor(2) as threads:
        steps = [threads.submit(service.node.publish) for _ in range(2)]
        outcomes = [step.exception() for step in steps]

    assert [None, None] == outcomes
    ledger = service.home.place.ledger
    assert [ledger.head(1).size] == [one.size for one in ledger.checkpoints(1)][-1:]
