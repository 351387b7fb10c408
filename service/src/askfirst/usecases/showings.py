"""Count how often a banner was shown, where a site chose that: a bare number by site, hour, policy and language."""

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Final, Protocol

from askfirst.core.errors import InvalidQuery, NotFound
from askfirst.usecases.directory import LiveSite

DIMENSION: Final = "shown"
MAX_BYTES: Final = 64
_HOUR_MS: Final = 3_600_000
# More different ones than this can only come together while the database is away for weeks.
_MOST: Final = 100_000


@dataclass(frozen=True, slots=True, order=True)
class Showing:
    """What is counted together. `value` is the policy's number and the language, as `3 de`."""

    log_id: int
    site_key: str
    hour: int
    value: str


class ShowingRoom(Protocol):
    """Where the numbers are kept: with the decisions' own."""

    def add(self, counts: dict[Showing, int]) -> None:
        """Add to the numbers, all of them or none."""
        ...


class Showings:
    """Numbers that wait to be stored. The event loop counts, the node's loop stores."""

    def __init__(self, room: ShowingRoom) -> None:
        """Begin with nothing counted."""
        self._room = room
        # Both threads hold it for a step of some microseconds.
        self._lock = threading.Lock()
        self._waiting: Counter[Showing] = Counter()
        self._failed: Counter[Showing] = Counter()

    def count(self, showing: Showing) -> None:
        """Count one."""
        with self._lock:
            if showing in self._waiting or len(self._waiting) < _MOST:
                self._waiting[showing] += 1

    def store(self) -> int:
        """Store what was counted since, and return how many there were. What can not be stored is kept for the next."""
        with self._lock:
            taken, self._waiting = self._waiting, Counter()
        taken.update(self._failed)
        self._failed = taken if len(taken) <= _MOST else Counter(dict(taken.most_common(_MOST)))
        if taken:
            self._room.add(dict(taken))
        self._failed = Counter()
        return taken.total()


def showing(site: LiveSite, body: bytes, now: int) -> Showing:
    """Return what a page tells. Raises NotFound where the site does not count, InvalidQuery for what is no showing."""
    current = site.current
    if current is None or not current.policy.count_views:
        raise NotFound("This site does not count how often its banner is shown.")
    number, _, language = body.decode("ascii", "replace").partition(" ")
    # A page that was loaded before the newest policy still shows the one before.
    known = {str(one.policy.number): one.policy for one in site.policies.values()}
    if number not in known or language not in known[number].languages:
        raise InvalidQuery([("body", "must be the number of a policy of this site and one of its languages")])
    return Showing(site.site.log_id, site.site.site_key, now // _HOUR_MS, f"{number} {language}")
