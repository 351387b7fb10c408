"""What other consent tools call the parts of an answer: one reader for each tool, from a row to what Askfirst keeps.

Formats and their sources are in service/docs/importing.md. What is not among the parts is not read: addresses and
browsers of visitors are in many of these files, and are nobody's business here.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

Row = Mapping[str, Any]

_EARLIEST_MS: Final = 946_684_800_000  # 2000: before it no tool asked
_SECONDS_BELOW: Final = 100_000_000_000  # a smaller number of milliseconds would be before 1973
_YES: Final = frozenset({"true", "1", "yes", "y", "granted", "allow", "allowed", "accepted"})
_NO: Final = frozenset({"false", "0", "no", "n", "denied", "deny", "refused", "rejected", "declined"})
_SPLIT: Final = re.compile(r"[,;|\s]+")


class BadRow(ValueError):  # noqa: N818 - what is bad is the row, not the program
    """A row that can not be taken over; the message says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class ToldAnswer:
    """An answer as another tool tells it: its id there, whose it is there, when (ms), and each name's answer.

    `rest_refused`: the tool lists what was accepted only, so that every other purpose was refused.
    """

    id: str
    person: str
    given: int
    answers: Mapping[str, bool]
    rest_refused: bool = False
    language: str | None = None
    page: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file without a known form calls things; `purposes` are columns of their own, by name."""

    id: str = "id"
    person: str = "person"
    time: str = "time"
    granted: str = "granted"
    refused: str = "refused"
    language: str = "language"
    page: str = "origin"
    notice: str = "notice"
    purposes: Mapping[str, str] = field(default_factory=dict)


def read_c15t(row: Row) -> ToldAnswer:
    """Return a row of c15t's table `consent`."""
    accepted = _list(row, "purposeIds")
    return ToldAnswer(
        id=_text(row, "id"),
        person=_text(row, "subjectId"),
        given=_time(row, "givenAt"),
        answers=dict.fromkeys(accepted, True),
        rest_refused=True,
        notice=_optional(row, "policyId"),
    )


def read_klaro(row: Row) -> ToldAnswer:
    """Return what Klaro submitted, or a row that keeps its `consents`: an object of services to true or false."""
    data = row.get("consent_data")
    consents = _object(data if isinstance(data, Mapping) else row, "consents")
    return ToldAnswer(
        id=_text(row, "id"),
        person=_optional(row, "person", "user") or _text(row, "id"),
        given=_time(row, "created_at", "time", "date"),
        answers={name: _answer(name, value) for name, value in consents.items()},
    )


def read_vanilla(row: Row) -> ToldAnswer:
    """Return vanilla-cookieconsent's cookie, or what its guide to logging sends."""
    accepted = _list(row, "acceptedCategories", "categories")
    revision = row.get("revision")
    rejected = _list(row, "rejectedCategories") if row.get("rejectedCategories") not in (None, "") else []
    return ToldAnswer(
        id=_text(row, "consentId"),
        person=_text(row, "consentId"),
        given=_time(row, "lastConsentTimestamp", "consentTimestamp", "timestamp"),
        answers={**dict.fromkeys(rejected, False), **dict.fromkeys(accepted, True)},
        rest_refused=not rejected,
        language=_optional(row, "languageCode"),
        notice=None if revision in (None, "") else f"revision {revision}",
    )


def read_cookiebot(row: Row) -> ToldAnswer:
    """Return a line of Cookiebot's log, or its cookie: a key, a time, and three categories."""
    key = _text(row, "consent key", "consentkey", "consentid", "key", "stamp")
    names = ("preferences", "statistics", "marketing")
    return ToldAnswer(
        id=key,
        person=key,
        given=_time(row, "utc", "utc date", "date", "time"),
        answers={name: _answer(name, _value(row, name)) for name in names if _value(row, name) not in (None, "")},
        page=_optional(row, "url"),
    )


_ONETRUST: Final = {
    **dict.fromkeys(("CONFIRMED", "OPT_IN", "ACTIVE"), True),
    **dict.fromkeys(("NOTGIVEN", "NOT_GIVEN", "OPT_OUT", "WITHDRAWN", "EXPIRED"), False),
    # Nobody answered: no answer is made of it.
    **dict.fromkeys(("NO_CHOICE", "PENDING", "IMPLICIT", "CHANGE_PREFERENCES"), None),
}


def read_onetrust(row: Row) -> ToldAnswer:
    """Return a OneTrust consent receipt with its `purposes`, or the `groups` of its cookie."""
    answers: dict[str, bool] = {}
    if row.get("groups"):
        for pair in str(row["groups"]).split(","):
            name, colon, value = pair.partition(":")
            if not colon:
                raise BadRow("has groups that are not like C0001:1,C0002:0")
            answers[name.strip()] = _answer(name, value)
    else:
        for purpose in _objects(row, "purposes"):
            name = _text(purpose, "id", "purposeid", "name", "purposename")
            state = _text(purpose, "transactiontype", "status").upper().replace(" ", "_")
            if state not in _ONETRUST:
                raise BadRow(f"has the unknown transaction type {state[:64]} for {name[:64]}")
            if (answer := _ONETRUST[state]) is not None:
                answers[name] = answer
    key = _text(row, "identifier", "consentid", "datasubjectidentifier", "data subject identifier")
    return ToldAnswer(
        id=_optional(row, "receiptguid", "consentreceiptid", "receiptid") or key,
        person=key,
        given=_time(row, "interactiondate", "interactiondatetime", "datestamp", "consentdate", "consent date"),
        answers=answers,
        language=_optional(row, "language"),
    )


def read_generic(columns: Columns) -> Callable[[Row], ToldAnswer]:
    """Return what reads rows whose columns are called so."""

    def read(row: Row) -> ToldAnswer:
        answers: dict[str, bool] = {}
        if isinstance(row.get("purposes"), Mapping):
            answers |= {str(name): _answer(str(name), value) for name, value in row["purposes"].items()}
        for name in _list(row, columns.refused) if _value(row, columns.refused) not in (None, "") else []:
            answers[name] = False
        for name in _list(row, columns.granted) if _value(row, columns.granted) not in (None, "") else []:
            if answers.get(name) is False:
                raise BadRow(f"says that {name[:64]} is both granted and refused")
            answers[name] = True
        for purpose, column in columns.purposes.items():
            answers[purpose] = _answer(column, _value(row, column))
        return ToldAnswer(
            id=_text(row, columns.id),
            person=_optional(row, columns.person) or _text(row, columns.id),
            given=_time(row, columns.time),
            answers=answers,
            language=_optional(row, columns.language),
            page=_optional(row, columns.page),
            notice=_optional(row, columns.notice),
        )

    return read


READERS: Final[Mapping[str, Callable[[Row], ToldAnswer]]] = {
    "c15t": read_c15t,
    "klaro": read_klaro,
    "vanilla-cookieconsent": read_vanilla,
    "cookiebot": read_cookiebot,
    "onetrust": read_onetrust,
}
# What a tool calls a purpose, beside the common names of core.embeds.
CALLED: Final[Mapping[str, Mapping[str, str]]] = {
    "onetrust": {
        "c0001": "necessary",
        "c0002": "measurement",
        "c0003": "preferences",
        "c0004": "marketing",
        "c0005": "embeds",
    },
}


def read_time(value: object, now: int) -> int:
    """Return a time as ms: ISO 8601 (UTC where no zone is said), or a number of seconds or milliseconds since 1970.

    Raises BadRow for what is none, or is before 2000 or after `now`.
    """
    if isinstance(value, str) and re.fullmatch(r"[0-9]{9,14}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise BadRow("has no time that can be read")
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value.strip())
        except ValueError:
            raise BadRow(
                f"has a time that can not be read: {value[:64]!r}; write it like 2026-01-31T12:00:00Z"
            ) from None
        ms = int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    else:
        ms = int(value * 1000 if abs(value) < _SECONDS_BELOW else value)
    if not _EARLIEST_MS <= ms <= now:
        raise BadRow("has a time before 2000 or in the future")
    return ms


def _value(row: Row, *names: str) -> Any:
    """Return the first of these members, whatever the case of its name."""
    for name in names:
        if row.get(name) not in (None, ""):
            return row[name]
    lower = {str(name).strip().lower(): value for name, value in row.items()}
    return next((lower[name.lower()] for name in names if lower.get(name.lower()) not in (None, "")), None)


def _text(row: Row, *names: str) -> str:
    found = _value(row, *names)
    if found is None or not isinstance(found, (str, int)) or isinstance(found, bool):
        raise BadRow(f"has no {' or '.join(dict.fromkeys(names))}")
    text = str(found).strip()
    if not 0 < len(text) <= 512:
        raise BadRow(f"has a {names[0]} of more than 512 characters, or an empty one")
    return text


def _optional(row: Row, *names: str) -> str | None:
    found = _value(row, *names)
    return str(found).strip()[:512] if isinstance(found, (str, int)) and not isinstance(found, bool) else None


def _time(row: Row, *names: str) -> int:
    found = _value(row, *names)
    if found is None:
        raise BadRow(f"has no {' or '.join(names)}")
    return read_time(found, 2**53)


def _answer(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise BadRow(f"has neither yes nor no for {name[:64]}: {str(value)[:64]!r}")


def _list(row: Row, *names: str) -> list[str]:
    """Return a list of names: JSON, c15t's `{"json": […]}`, or a text with commas, semicolons, bars or spaces."""
    found = _value(row, *names)
    if isinstance(found, str) and found.lstrip()[:1] in ("[", "{"):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            raise BadRow(f"has a {names[0]} that is no list") from None
    if isinstance(found, Mapping):
        found = found.get("json")
    if found is None:
        return []
    if isinstance(found, str):
        return [one for one in _SPLIT.split(found) if one]
    if isinstance(found, Sequence) and all(isinstance(one, str) for one in found):
        return list(found)
    raise BadRow(f"has a {names[0]} that is no list of names")


def _object(row: Row, name: str) -> Mapping[str, Any]:
    found = _value(row, name)
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, Mapping):
        raise BadRow(f"has no object {name}")
    return found


def _objects(row: Row, name: str) -> Iterable[Row]:
    found = _value(row, name)
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise BadRow(f"has no list {name}")
    return found
