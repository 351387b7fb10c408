"""One service process at a time on a home folder with an SQLite file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from askfirst.core.errors import ConfigurationFault
from askfirst.settings import Settings


@contextmanager
def folder_lock(settings: Settings) -> Iterator[None]:
    """Hold the home folder while the block runs, where its database is SQLite.

    The kernel lets go of the lock when the process ends, however it ends. Raises ConfigurationFault where another
    service process holds it.
    """
    if not settings.on_sqlite:
        yield
        return
    path = settings.home / "service.lock"
    settings.require_home()
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = "is in use by another Askfirst process; stop that one first, or move to PostgreSQL for several"
            raise ConfigurationFault([(str(settings.home), said)]) from None
        # A copy of this process (verifying.py) must not keep it locked.
        os.register_at_fork(after_in_child=file.close)
        yield
