"""A node that is being stopped while it signs."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from askfirst.core.errors import UntrustedNote
from askfirst.storage.anchor_files import AnchorFiles
from support.running_service import RunningService
from usecases.test_succeed import take_over

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


def test_a_kept_checkpoint_out_of_reach_holds_up_its_own_log_alone(
    service: RunningService, caplog: pytest.LogCaptureFixture
) -> None:
    """It is one log's trouble, told once with the file and what helps; the other organisation's log is signed."""
    service.settle()
    kept = service.home.settings.anchors_folder / "log-1.checkpoint"
    kept.rename(kept.with_suffix(".aside"))
    kept.mkdir()
    service.accept()
    service.accept("other0001")
    for _ in range(2):
        service.settle()
    said = [(line.levelname, line.getMessage()) for line in caplog.records if line.name == "askfirst"]
    ledger = service.home.place.ledger
    before = ledger.last_checkpoint(1), ledger.last_checkpoint(2)
    kept.rmdir()
    kept.with_suffix(".aside").rename(kept)
    service.settle()

    assert [("CRITICAL", True)] == [(level, f"{kept}: " in line and "needs to" in line) for level, line in said]
    assert before[1] is not None
    assert before[1].size == ledger.head(2).size
    assert [before[0]] == [one for one in ledger.checkpoints(1) if before[0] and one.size == before[0].size]
    assert (ledger.last_checkpoint(1) or before[0]) != before[0]


@pytest.mark.parametrize("damage", ["", "consent", "half", "another text\n\n— x AAAA\n"])
def test_a_kept_checkpoint_that_is_damaged_is_told_and_put_back(
    service: RunningService, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    """What helps is a copy from whoever keeps checkpoints, or the database's own where nothing was lost."""
    service.settle()
    kept = service.home.settings.anchors_folder / "log-1.checkpoint"
    whole = service.get("/log/example/checkpoint").text
    kept.write_text(whole[: len(whole) // 2] if damage == "half" else damage, encoding="utf-8")
    service.accept()
    service.settle()
    said = [line.getMessage() for line in caplog.records if line.levelname == "CRITICAL"]
    with pytest.raises(UntrustedNote, match="Put a copy of the log's last one in its place"):
        take_over(service.home, kept=service.home.anchors.read(1))
    ledger = service.home.place.ledger
    before = ledger.last_checkpoint(1)
    kept.write_text(whole, encoding="utf-8")
    service.settle()

    assert [True] == ["is damaged" in line and "Put a copy of the log's last one in its place" in line for line in said]
    assert before is not None
    assert whole == before.note
    assert ledger.head(1).size == getattr(ledger.last_checkpoint(1), "size", None)
