"""Visitors who answer banners without end, repeat what was not confirmed, and remember what was."""

import http.client
import itertools
import math
import random
import threading
import time
from dataclasses import dataclass

from askfirst.node import Node
from faults.workload import ORIGIN, SITE, body

CONFIRMED = (200, 201)
# How long a visitor who has been told to stop still repeats an answer that was not confirmed.
LAST_S = 20.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One request: when it was sent and answered (monotonic seconds), and how; status 0 means not at all."""

    sent: float
    ended: float
    status: int
    retry_after: str | None = None

    @property
    def took(self) -> float:
        """Seconds from sending to the answer."""
        return self.ended - self.sent


class Visitors:
    """Threads that each answer one banner after the other."""

    def __init__(self, node: Node, ports: list[int], *, writers: int = 4) -> None:
        """Start them; each request goes to one of the ports."""
        self.answers: dict[int, str] = {}
        self.contradictions: list[int] = []
        self.heard: list[Heard] = []
        self.begun = time.monotonic()
        self._node, self.ports = node, ports
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._stop, self._last = threading.Event(), math.inf
        self.writers = writers
        self._threads = [threading.Thread(target=self._visit, args=(number,)) for number in range(writers)]
        for thread in self._threads:
            thread.start()

    def hear(self, more: int, within: float = 120.0) -> None:
        """Wait until so many more decisions were confirmed: a blow that meets a service at its start proves little."""
        wanted, end = len(self.answers) + more, time.monotonic() + within
        while len(self.answers) < wanted:
            assert time.monotonic() < end, "no service has answered for long"
            time.sleep(0.02)

    def since(self, moment: float) -> list[Heard]:
        """Return what was sent since a moment."""
        with self._lock:
            return [one for one in self.heard if one.sent >= moment]

    def recovered_after(self, moment: float, within: float = 120.0) -> float:
        """Wait for a decision that was sent after a moment and confirmed; return the seconds up to its answer."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            confirmed = [one.ended for one in self.since(moment) if one.status in CONFIRMED]
            if confirmed:
                return min(confirmed) - moment
            time.sleep(0.02)
        raise AssertionError("it does not recover")

    def stop(self) -> None:
        """Let each finish the decision that it is at, where a service still answers."""
        self._last = time.monotonic() + LAST_S
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        self.ended = time.monotonic()

    @property
    def per_second(self) -> float:
        """How many new decisions were confirmed in a second, from the first to the last, the faults included."""
        return len(self.answers) / (self.ended - self.begun)

    def _goes_on(self) -> bool:
        return time.monotonic() < self._last

    def _visit(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self._stop.is_set():
            with self._lock:
                number = next(self._numbers)
            content = body(self._node, number)
            while self._goes_on():
                answer = self._post(chance.choice(self.ports), content)
                if answer is not None:
                    self._confirmed(number, answer)
                    if chance.random() > 0.1:  # sometimes the page did not hear it, and says it again
                        break
                else:
                    time.sleep(0.05)

    def _confirmed(self, number: int, answer: str) -> None:
        with self._lock:
            if self.answers.setdefault(number, answer) != answer:
                self.contradictions.append(number)

    def _post(self, port: int, content: bytes) -> str | None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        sent, status, read, later = time.monotonic(), 0, b"", None
        try:
            headers = {"Origin": ORIGIN, "Content-Type": "text/plain"}
            connection.request("POST", f"/d/{SITE}", content, headers)
            answer = connection.getresponse()
            read = answer.read()
            status, later = answer.status, answer.getheader("Retry-After")
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        with self._lock:
            self.heard.append(Heard(sent, time.monotonic(), status, later))
        assert status in (0, 503, *CONFIRMED), (status, read)
        return read.decode() if status in CONFIRMED else None
