"""What a group of callers has: a connection that works one batch at a time, and words for when it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


class Connected(Protocol):
    """A database connection. One thread at a time uses it."""

    def close(self) -> None:
        """Give the connection back."""
        ...


@runtime_checkable
class Sends(Protocol):
    """A connection that can be given works without waiting, and asked for their outcomes later.

    One batch at a time; what each raises, the whole batch failed with, and the connection is not used again.
    """

    def send(self, works: Sequence[Any]) -> int:
        """Begin a batch, and return the file descriptor that becomes readable when something of its answer is there."""
        ...

    def flush(self) -> bool:
        """Send on what did not fit, and return whether all is sent; it is asked again when there is room for more."""
        ...

    def receive(self) -> list[Any] | None:
        """Return the outcomes, None while there is more to come; in them None for a work that takes more than that."""
        ...


@dataclass(frozen=True, slots=True)
class Words:
    """What a group is called and says: of itself in the log, and to callers why they get no outcome."""

    thread: str
    away: str  # the beginning of a sentence: what the database does not do
    refused: str  # what becomes of callers meanwhile
    again: str
    full: str
    failed: str
    retry_s: int = 2
