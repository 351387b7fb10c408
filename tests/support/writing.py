"""What the writer is given in tests: sealed decisions, entries, and a connection that can be held and made to fail."""

import os
import select
import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from askfirst.core.kinds import EntryKind
from askfirst.core.record import decision_what, decision_who
from askfirst.settings import Settings
from askfirst.storage.batches import batches_of
from askfirst.storage.group_connection import Sends
from askfirst.storage.writer import Batches
from askfirst.usecases.entries import seal, staff_entry
from askfirst.usecases.ports import Acting
from askfirst.usecases.purpose_lists import joined
from askfirst.usecases.rows import Decision, Entry, Outcome, Record
from core.examples import SUBJECT, what
from support.places import Home


def open_batches(settings: Settings) -> Batches:
    """Return a batch connection to the database that the settings name."""
    return batches_of(settings.database)()


def sealed(home: Home, number: int, *, mac: bytes = b"m" * 32, **changes: Any) -> Decision:
    """Return decision number `number`, ready to be stored in log 1; `changes` go into its `what` part."""
    now = home.clock()
    record_id = home.random.entry_id(now)
    record = str(UUID(bytes=record_id))
    members = what(**{"record": record, "server_time": now, "site": "demo0001", "language": "en", **changes})
    entry = seal(
        1,
        record_id,
        EntryKind.DECISION_RECORDED,
        decision_what(**members),
        decision_who(record=record, subject=SUBJECT),
        home.random,
    )
    row = Record(
        site_key=members["site"],
        subject=SUBJECT,
        server_time=now,
        method=members["method"],
        policy_number=1,
        language=members["language"],
        origin=members["origin"],
        granted=joined(purpose for purpose, answer in members["purposes"].items() if answer),
        refused=joined(purpose for purpose, answer in members["purposes"].items() if not answer),
        rule=members["rule"],
        late=members["late"],
        receipt=f"receipt-of-{record}",
    )
    return Decision(entry, row, UUID(int=number).bytes, mac)


def looked(home: Home) -> Entry:
    """Return the entry of a look, ready to be stored in log 1."""
    by = Acting("token:test", home.clock, home.random)
    members = {"record": "019ecb1d-0400-7000-8000-000000000001", "via": "api"}
    return staff_entry(1, EntryKind.RECORD_VIEWED, members, now=home.clock(), by=by)


class WatchedBatches:
    """Real batches that can be held at the door, and fail before or after their commit.

    It refuses what the writer promises never to do: two threads on one connection, an empty batch, or use after close.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # A new one may be opened before the one that broke is closed.
        self._connections: list[Batches] = []
        self._thread: int | None = None
        self._open = threading.Event()
        self._open.set()
        self.arrived = threading.Event()
        self.sizes: list[int] = []
        self.opened = 0
        self.fail_before: list[Exception] = []
        self.fail_after: list[Exception] = []
        self.fail_to_open: list[Exception] = []

    def open(self) -> "WatchedBatches":
        """Open the connection; what the writer is given."""
        if self.fail_to_open:
            raise self.fail_to_open.pop()
        self._connections.append(open_batches(self._settings))
        self._thread = threading.get_ident()
        self.opened += 1
        return self

    def hold(self) -> None:
        """Let no batch through until `release`."""
        self.arrived.clear()
        self._open.clear()

    def release(self) -> None:
        """Let batches through."""
        self._open.set()

    def commit(self, works: Sequence[Decision | Entry]) -> list[Outcome]:
        """Commit through the real connection."""
        assert works, "an empty batch is no batch"
        assert self._connections, "the connection is closed"
        assert self._thread == threading.get_ident(), "one thread alone uses the connection"
        self.arrived.set()
        assert self._open.wait(30), "the test never let the batch through"
        self.sizes.append(len(works))
        if self.fail_before:
            raise self.fail_before.pop()
        outcomes = self._connections[-1].commit(works)
        assert len(works) == len(outcomes), "one outcome each"
        if self.fail_after:
            raise self.fail_after.pop()
        return outcomes

    def close(self) -> None:
        """Close the real connection."""
        assert self._connections, "the connection is closed once"
        self._connections.pop(0).close()


class SentBatches(WatchedBatches):
    """Real batches on a connection that the event loop can use; what is held waits at a pipe until it may go on."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.sent: list[int] = []  # sizes of what the loop did
        self.pieces: list[bool] = []  # whether all was sent, each time that somebody asked
        self._door: tuple[int, int] | None = None
        self._works: Sequence[Decision | Entry] = ()

    @property
    def _real(self) -> Sends:
        assert self._connections, "the connection is closed"
        real = self._connections[-1]
        assert isinstance(real, Sends), "it is none that sends"
        return real

    def release(self) -> None:
        """Let batches through."""
        super().release()
        if self._door is not None:
            os.write(self._door[1], b"x")

    def send(self, works: Sequence[Decision | Entry]) -> int:
        """Begin to commit through the real connection, or wait at the door."""
        assert works, "an empty batch is no batch"
        self.sizes.append(len(works))
        self.sent.append(len(works))
        self.arrived.set()
        if self._open.is_set():
            return self._through(works)
        self._works, self._door = works, os.pipe()
        return self._door[0]

    def _through(self, works: Sequence[Decision | Entry]) -> int:
        if self.fail_before:
            raise self.fail_before.pop()
        return self._real.send(works)

    def flush(self) -> bool:
        """Send on what did not fit."""
        if self._door is not None:
            return True
        self.pieces.append(self._real.flush())
        return self.pieces[-1]

    def receive(self) -> list[Outcome | None] | None:
        """Return what the real connection says."""
        if self._door is None:
            outcomes = self._real.receive()
        else:
            for end in self._door:
                os.close(end)
            self._door = None
            answer = self._through(self._works)
            while not self._real.flush() or (outcomes := self._real.receive()) is None:
                select.select([answer], [], [], 0.01)
        if outcomes is not None and self.fail_after:
            raise self.fail_after.pop()
        return outcomes
