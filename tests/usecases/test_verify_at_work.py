"""`ledger verify` beside a service at work: no false alarm, and an end."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from askfirst.storage import tables as t
from askfirst.usecases.erase import erase_record
from askfirst.usecases.keys import CHECKPOINT, RECEIPT, rotate_key
from askfirst.usecases.sequence import sequence_all
from askfirst.usecases.set_up import change_retention
from askfirst.usecases.verify_ledger import Verification, verify_ledger
from support.altered_log import change, leaves, said, verified
from support.places import Home, publish
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


class Busy:
    """The real ledger, beside which something happens right after its head was read."""

    def __init__(self, home: Home, happens: Callable[[], object]) -> None:
        self._ledger, self._happens = home.place.ledger, happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def head(self, log_id: int) -> Any:
        head = self._ledger.head(log_id)
        self._happens()
        return head


def _wait(home: Home) -> None:
    """Commit an entry that has no place yet."""
    batches = open_batches(home.settings)
    batches.commit([looked(home)])
    batches.close()


def _come(home: Home) -> None:
    """Commit an entry and give it its place."""
    _wait(home)
    sequence_all(home.place.ledger, 1, clock=home.clock)


_ROW: dict[str, Any] = {"log_id": 1, "name": "x", "role": "owner", "sites": None, "created_at": 1}
HANDS: dict[str, tuple[Any, str]] = {
    "an origin was let in": (
        update(t.site).where(t.site.c.site_key == "demo0001").values(origins='["https://evil.example"]'),
        "the site demo0001 has another origins than was said last",
    ),
    "a token was slipped in": (
        insert(t.token).values({**_ROW, "token_id": b"\x07" * 16, "secret_hash": b"\x07" * 32, "expires_at": 2}),
        "The token 07070707-0707-0707-0707-070707070707 was never announced by an entry.",
    ),
    "a key was retired": (
        update(t.key).where(t.key.c.log_id == 1, t.key.c.use == RECEIPT).values(state="retired"),
        "is retired, but here it was active",
    ),
    "a script was slipped in": (
        insert(t.build).values(log_id=1, digest=b"\x01" * 32, script=b"evil()", first_served_at=1),
        f"The script {'01' * 32} was never announced by an entry.",
    ),
}


@pytest.mark.parametrize("name", HANDS)
@pytest.mark.parametrize("happens", [_wait, _come], ids=["waits", "has its place"])
def test_a_service_at_work_hides_nothing(log: RunningService, happens: Callable[[Home], None], name: str) -> None:
    """What stands beside the log is looked at also where an entry came after the head was read."""
    hand, expected = HANDS[name]
    change(log.home, hand)
    place = log.home.place
    result = verify_ledger(place.directory, Busy(log.home, lambda: happens(log.home)), 1)  # type: ignore[arg-type]

    assert [True] == [expected in line for line in said(result)], said(result)


def test_a_change_whose_entry_waits_is_held_against_that_entry(log: RunningService) -> None:
    """It is what was said last, and has no number yet by which it could be named."""
    place = log.home.place
    change_retention(place.catalogue, place.directory().sites["demo0001"].site, 7, by=place.by)
    held = said(verified(log.home))
    change(log.home, update(t.site).where(t.site.c.site_key == "demo0001").values(retention_days=0))

    assert [] == held
    assert ["The site demo0001 has another retention_days than was said last."] == said(verified(log.home))


def test_what_is_forgotten_meanwhile_is_no_fault(log: RunningService) -> None:
    """Neither before the entry that says so has its place, nor after."""
    place = log.home.place
    records = [str(UUID(bytes=row.entry_id)) for row in leaves(log.home)[-2:]]

    def forget() -> None:
        erase_record(place.forgetting, 1, records.pop(), reason="Asked for.", by=place.by)

    found = [said(verify_ledger(place.directory, Busy(log.home, forget), 1)) for _ in range(2)]  # type: ignore[arg-type]

    assert [[], []] == found
    assert [] == said(verified(log.home))


def test_an_entry_that_waits_and_was_altered_is_noticed(log: RunningService) -> None:
    """What was altered before it had its place is no word to hold anything against."""
    home = log.home
    _wait(home)
    with home.place.engine.connect() as connection:
        waiting = connection.execute(select(t.pending.c.entry_id).where(t.pending.c.log_id == 1)).scalar_one()
    change(home, update(t.entry).where(t.entry.c.entry_id == waiting).values(who=b"{}"))

    assert ["Whom it concerns is not what was committed to: it was altered."] == said(verified(home))
