"""Keeps something fetched fresh in the background, so that no request ever waits for the network."""

import asyncio
import contextlib
import logging
import os
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable
from random import SystemRandom

from .errors import SdkError

_log = logging.getLogger("askfirst_sdk")
_random = SystemRandom()

FIRST_RETRY = 1.0
# A nudge by a request that met something new never makes attempts more frequent than this.
MIN_SPACING = 10.0


class Refresh:
    """Calls `attempt` in a daemon thread: at once, then about every `every` seconds, after failures sooner at first and
    then ever later up to `every`. Every delay is jittered by a fifth, so that many servers do not ask in step.

    The thread starts with the first `start` in each process, so also anew in a forked child; `in_task` has an event
    loop do the same. `attempt` raises OSError or SdkError when it failed; each outage is logged once, with the cause.
    """

    def __init__(self, attempt: Callable[[], None], every: float) -> None:
        self._attempt = attempt
        self._every = every
        self._reset()
        _living.add(self)

    def _reset(self) -> None:
        # Also runs in a forked child, where the thread is gone and a lock may be held by nobody.
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._succeeded = threading.Event()
        self._in_task = False

    def start(self) -> None:
        """Start the thread if it does not run. Never waits for the network."""
        if self._thread is not None or self._in_task:
            return
        with self._lock:
            if self._thread is not None or self._in_task or self._closed.is_set():
                return
            thread = threading.Thread(target=self._run, name="askfirst-refresh", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # no more threads, or the interpreter is ending: the next call tries again
                _log.warning("the descriptor can not be refreshed now: %s", error)
                return
            self._thread = thread

    def nudge(self) -> None:
        """Ask for an attempt soon: a request met something newer than what is known."""
        self._wake.set()

    def wait(self, timeout: float) -> bool:
        """Start, wait at most `timeout` seconds for an attempt of this process to succeed, and say whether one did."""
        self.start()
        return self._succeeded.wait(timeout)

    def close(self) -> None:
        """End the thread; it is not started again."""
        self._closed.set()
        self._wake.set()

    @contextlib.asynccontextmanager
    async def in_task(self) -> AsyncIterator[None]:
        """Attempt in a task of the running loop while the block lasts; after it the next `start` starts the thread."""
        self._in_task = True
        task = asyncio.create_task(self._run_in_loop(), name="askfirst-refresh")
        try:
            yield
        finally:
            self._in_task = False
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _run(self) -> None:
        failures = 0
        while not self._closed.is_set() and not self._in_task:
            self._wake.clear()
            began = time.monotonic()
            failures = self._attempted(failures)
            if self._wake.wait(self._delay(failures)):
                self._closed.wait(self._spacing(began))
        self._thread = None

    async def _run_in_loop(self) -> None:
        failures = 0
        while not self._closed.is_set():
            self._wake.clear()
            began = time.monotonic()
            failures = await asyncio.to_thread(self._attempted, failures)
            # A nudge is looked for once a second: it may come from any thread.
            end = time.monotonic() + self._delay(failures)
            while time.monotonic() < end and not self._wake.is_set():  # noqa: ASYNC110  # no event of this loop's
                await asyncio.sleep(min(1.0, max(0.0, end - time.monotonic())))
            if self._wake.is_set():
                await asyncio.sleep(self._spacing(began))

    def _attempted(self, failures: int) -> int:
        """Attempt once, and return how many attempts have failed in a row."""
        try:
            self._attempt()
        except (OSError, SdkError) as error:
            if failures == 0:
                _log.warning("the descriptor could not be refreshed, trying again: %s", error)
            return failures + 1
        if failures:
            _log.info("the descriptor is refreshed again")
        self._succeeded.set()
        return 0

    def _delay(self, failures: int) -> float:
        delay = self._every if not failures else min(self._every, FIRST_RETRY * 2 ** min(failures - 1, 16))
        return delay * _random.uniform(0.8, 1.2)

    def _spacing(self, began: float) -> float:
        return max(0.0, began + min(MIN_SPACING, self._every) - time.monotonic())


_living: "weakref.WeakSet[Refresh]" = weakref.WeakSet()


def _after_fork() -> None:
    for refresh in list(_living):
        refresh._reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
