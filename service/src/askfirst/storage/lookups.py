"""Look-ups by a key: what many requests ask at once is read by one thread in one statement (the `Lookups` port)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from askfirst.storage import tables as t
from askfirst.storage.group import STALLED_S, Group
from askfirst.storage.group_connection import Words
from askfirst.storage.read_back import as_record
from askfirst.storage.staff_rows import token_row
from askfirst.usecases.altered_values import as_bytes
from askfirst.usecases.rows import ApiToken, Record

# A statement for each number of look-ups, and the database keeps each prepared.
MOST: Final = 32
LAST_ID: Final = b"\xff" * 17
_ID_BYTES: Final = 16  # a key of another length is nobody's record
_WORDS: Final = Words(
    thread="askfirst-lookups",
    away="The database does not answer look-ups",
    refused="They are refused with 503 until it does again.",
    again="The database answers look-ups again.",
    full="too many look-ups wait",
    failed="the database can not be reached",
    retry_s=5,
)


@dataclass(frozen=True, slots=True)
class TokenLook:
    """Who has this secret?"""

    secret_hash: bytes


@dataclass(frozen=True, slots=True)
class SubjectLook:
    """Which records has a subject, newest first, before the id `after`; at most `most`."""

    log_id: int
    subject: str
    after: bytes
    most: int


Look = TokenLook | SubjectLook
# The columns of the look's rows, as the driver gives them.
Rows = list[tuple[Any, ...]]

TOKEN_COLUMNS: Final = tuple(column.name for column in t.token.columns)
SUBJECT_COLUMNS: Final = ("record_id", *Record._fields)


class Reads(Protocol):
    """A database connection for look-ups. Only the reading thread uses it."""

    def read(self, looks: list[Look]) -> list[Rows]:
        """Return the rows of each look."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class LookupReader:
    """The reading thread of a process (the `Lookups` of usecases.ports); where there is a replica, one for each."""

    def __init__(
        self,
        open_reads: Callable[[], Reads],
        open_replica: Callable[[], Reads] | None = None,
        *,
        queue_limit: int = 4096,
        stalled_s: float = STALLED_S,
    ) -> None:
        """Take a way to open the connection, and one to the replica that records come from, the most look-ups that may
        wait, and the seconds after which nobody waits any more."""

        def group(opening: Callable[[], Reads]) -> Group[Reads, Look, Rows]:
            return Group(
                opening,
                lambda reads, looks: reads.read(looks),
                _WORDS,
                queue_limit=queue_limit,
                batch_limit=MOST,
                stalled_s=stalled_s,
                twice=True,
            )

        self._tokens = group(open_reads)
        # A replica that is away must not keep out who has a token.
        self._records = group(open_replica) if open_replica else self._tokens

    def start(self) -> None:
        """Start the threads."""
        for one in {self._tokens, self._records}:
            one.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Answer what waits, then end. Later look-ups are refused with Unavailable."""
        for one in {self._tokens, self._records}:
            one.stop(timeout)

    async def token(self, secret_hash: bytes) -> ApiToken | None:
        """Return the API token with this secret."""
        rows = await self._tokens.put(TokenLook(secret_hash))
        return token_row(dict(zip(TOKEN_COLUMNS, rows[0], strict=True))) if rows else None

    async def of_subject(self, log_id: int, subject: str, after: bytes | None, most: int) -> list[tuple[bytes, Record]]:
        """Return (record id, record) of a subject, newest first, those before the id `after`."""
        rows = await self._records.put(SubjectLook(log_id, subject, LAST_ID if after is None else after, most))
        return [_record(row) for row in rows if len(as_bytes(row[0])) == _ID_BYTES]


class _Row:
    """A row whose columns have names."""

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.__dict__.update(zip(SUBJECT_COLUMNS, values, strict=True))


# What drivers give of a row that nobody altered by hand.
_WHOLE: Final = frozenset(
    (bytes, str, str, int, str, int, str, str, str, str, str, late, str, account)
    for late in (bool, int)
    for account in (str, type(None))
)


def _record(row: tuple[Any, ...]) -> tuple[bytes, Record]:
    if tuple(map(type, row)) in _WHOLE:
        return row[0], Record._make((*row[1:11], bool(row[11]), *row[12:]))
    return as_bytes(row[0]), as_record(_Row(row))
