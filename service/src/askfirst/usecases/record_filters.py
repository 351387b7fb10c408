"""Read a search over records from named texts, of a query string or a command line, naming all that is wrong."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from askfirst.core.errors import InvalidQuery
from askfirst.usecases.imported import METHOD
from askfirst.usecases.rows import RecordQuery
from askfirst_sdk.receipt import is_purpose, is_site_key
from askfirst_sdk.subject import parse_consent_id

METHODS: Final = ("accept_all", "reject_all", "custom", "withdraw", "signal", "api", METHOD)
MAX_LIMIT: Final = 200
# The field of the query that a parameter fills, and how its text is read.
Reader = tuple[str, Callable[[str], object]]
_ORIGIN: Final = re.compile(r"https?://[!-~]{1,240}")
_RULE: Final = re.compile(r"[a-z0-9_.-]{1,64}")
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9-]{1,35}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
PARAMETERS: Final = (
    "consent_id",
    "record",
    "site",
    "from",
    "to",
    "method",
    "granted",
    "refused",
    "policy",
    "language",
    "origin",
    "rule",
    "cursor",
    "limit",
)


def read_filters(params: Iterable[tuple[str, str]], sites: tuple[str, ...] | None) -> RecordQuery:
    """Return the search that the parameters ask for, within `sites`; raise InvalidQuery naming every fault."""
    return RecordQuery(sites=sites, **read_values(params, PARAMETERS, READERS))  # type: ignore[arg-type]


def read_values(
    params: Iterable[tuple[str, str]], known: Sequence[str], readers: Mapping[str, Reader]
) -> dict[str, object]:
    """Return what the parameters say, by the field that each fills; raise InvalidQuery naming every fault."""
    faults: list[tuple[str, str]] = []
    given: dict[str, str] = {}
    for name, value in params:
        if name not in known:
            faults.append((name[:64], f"is not one of {', '.join(known)}"))
        elif name in given:
            faults.append((name, "is given twice"))
        elif len(value) > 256:
            faults.append((name, "is longer than 256 characters"))
        elif not value:
            faults.append((name, "is empty"))
        else:
            given[name] = value
    values: dict[str, object] = {}
    for name, text in given.items():
        field, read = readers[name]
        try:
            values[field] = read(text)
        except ValueError as error:
            faults.append((name, str(error)))
    since, before = values.get("since"), values.get("before")
    if isinstance(since, int) and isinstance(before, int) and since >= before:
        faults.append(("to", "must be later than from"))
    if faults:
        raise InvalidQuery(faults)
    return values


def told(
    params: Iterable[tuple[str, str]], known: Sequence[str] = PARAMETERS, *, found: str | None = None
) -> dict[str, object]:
    """Return the filters as the ledger entry of the search keeps them.

    Whom a consent id names is told by `found`, a record of theirs, where there is one: entries stay when that person
    was erased, and must not name them then.
    """
    kept: dict[str, object] = {name: value[:256] for name, value in sorted(params) if name in known and value.strip()}
    if kept.pop("consent_id", None) is not None:
        kept["person_by"] = "consent_id"
        if found is not None:
            kept["subject_of"] = found
    return kept


def read_time(text: str) -> int:
    """Return an ISO 8601 date or time as milliseconds; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a date or time like 2026-11-23 or 2026-11-23T18:30:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    ms = (moment - _EPOCH) // timedelta(milliseconds=1)
    if not 0 <= ms < 2**47:
        raise ValueError("must be a time from 1970 to the year 6428")
    return ms


def read_id(text: str) -> bytes:
    """Return the 16 bytes of a UUID; ValueError for any other spelling than the usual one."""
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text.lower():
        raise ValueError("must be a record id, a UUID")
    return found.bytes


def _consent_id(text: str) -> str:
    subject = parse_consent_id(text)
    if subject is None:
        raise ValueError("is no consent id: it has 21 letters and digits, and one of them seems to be wrong")
    return subject


def _one_of(text: str) -> str:
    if text not in METHODS:
        raise ValueError(f"must be one of {', '.join(METHODS)}")
    return text


def _purpose(text: str) -> str:
    if not is_purpose(text):
        raise ValueError("must be a purpose id, like measurement")
    return text


def _site(text: str) -> str:
    if not is_site_key(text):
        raise ValueError("must be a site key: 4 to 32 of a-z and 0-9")
    return text


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("must be a language, like en")
    return text


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise ValueError("must be the origin of a page, like https://www.example.org")
    return text


def _rule(text: str) -> str:
    if not _RULE.fullmatch(text):
        raise ValueError("must be the id of a region rule, like default")
    return text


def _number(text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)) or not 1 <= int(text) <= most:
        raise ValueError(f"must be a whole number from 1 to {most}")
    return int(text)


READERS: Final[Mapping[str, Reader]] = {
    "consent_id": ("subject", _consent_id),
    "record": ("record_id", read_id),
    "site": ("site", _site),
    "from": ("since", read_time),
    "to": ("before", read_time),
    "method": ("method", _one_of),
    "granted": ("granted", _purpose),
    "refused": ("refused", _purpose),
    "policy": ("policy_number", lambda text: _number(text, 1_000_000)),
    "language": ("language", _language),
    "origin": ("origin", _origin),
    "rule": ("rule", _rule),
    "cursor": ("after_id", read_id),
    "limit": ("limit", lambda text: _number(text, MAX_LIMIT)),
}
