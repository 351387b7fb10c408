"""Keeps something fetched fresh in the background, so that no request ever waits for the network."""

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
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

    The thread starts with the first `start` in each process, so also anew in a forked child. `attempt` raises OSError
    or SdkError when it failed; each outage is logged once, with the cause.
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

    def start(self) -> None:
        """Start the thread if it does not run. Never waits for the network."""
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is not None or self._closed.is_set():
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

    def _run(self) -> None:
        failures = 0
        while not self._closed.is_set():
            self._wake.clear()
            began = time.monotonic()
            try:
                self._attempt()
            except (OSError, SdkError) as error:
                failures += 1
                if failures == 1:
                    _log.warning("the descriptor could not be refreshed, trying again: %s", error)
            else:
                if failures:
                    _log.info("the descriptor is refreshed again")
                failures = 0
                self._succeeded.set()
            delay = self._every if not failures else min(self._every, FIRST_RETRY * 2 ** min(failures - 1, 16))
            if self._wake.wait(delay * _random.uniform(0.8, 1.2)):
                self._closed.wait(max(0.0, began + min(MIN_SPACING, self._every) - time.monotonic()))


_living: "weakref.WeakSet[Refresh]" = weakref.WeakSet()


def _after_fork() -> None:
    for refresh in list(_living):
        refresh._reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
