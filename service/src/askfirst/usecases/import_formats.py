"""What other consent tools call the parts of an answer: one reader for each tool, from a row to what Askfirst keeps.

Formats and their sources are in service/docs/importing.md. A reader returns None for a row that holds no answer.
What is not among the parts is not read: addresses and browsers of visitors are in many of these files, and are nobody's
business here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from askfirst.usecases.import_values import (
    BadRow,
    Row,
    answer_of,
    names_of,
    object_of,
    objects_of,
    optional_text,
    text_of,
    time_of,
    value_of,
)


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


def read_c15t(row: Row) -> ToldAnswer | None:
    """Return a row of c15t's table `consent`, with `type` of its policy where there is one."""
    if optional_text(row, "type") not in (None, "cookie_banner"):
        return None  # that somebody read the terms, say
    status = optional_text(row, "status")
    if status not in (None, "active"):
        raise BadRow(f"has the status {status[:64]}, and not since when; leave it out")
    accepted = names_of(row, "purposeIds")
    return ToldAnswer(
        id=text_of(row, "id"),
        person=text_of(row, "subjectId"),
        given=time_of(row, "givenAt"),
        answers=dict.fromkeys(accepted, True),
        rest_refused=True,
        notice=optional_text(row, "policyId"),
    )


def read_klaro(row: Row) -> ToldAnswer | None:
    """Return what Klaro submitted, by itself or in `consent_data`: `consents`, an object of services to true or false;
    `id` and `time` are of the server that kept it."""
    data = row.get("consent_data")
    told = data if isinstance(data, Mapping) else row
    if optional_text(told, "type") == "show":
        return None  # the banner was shown
    return ToldAnswer(
        id=text_of(row, "id"),
        person=optional_text(row, "person") or text_of(row, "id"),
        given=time_of(row, "time", "created_at"),
        answers={name: answer_of(name, value) for name, value in object_of(told, "consents").items()},
    )


def read_vanilla(row: Row) -> ToldAnswer:
    """Return vanilla-cookieconsent's cookie, or what its guide to logging sends."""
    accepted = names_of(row, "acceptedCategories", "categories")
    revision = row.get("revision")
    rejected = names_of(row, "rejectedCategories") if row.get("rejectedCategories") not in (None, "") else []
    return ToldAnswer(
        id=text_of(row, "consentId"),
        person=text_of(row, "consentId"),
        given=time_of(row, "lastConsentTimestamp", "consentTimestamp", "timestamp"),
        answers={**dict.fromkeys(rejected, False), **dict.fromkeys(accepted, True)},
        rest_refused=not rejected,
        language=optional_text(row, "languageCode"),
        notice=None if revision in (None, "") else f"revision {revision}",
    )


def read_cookiebot(row: Row) -> ToldAnswer | None:
    """Return Cookiebot's cookie `CookieConsent`."""
    if optional_text(row, "method") == "implied":
        return None
    key = text_of(row, "stamp")
    names = ("preferences", "statistics", "marketing")
    return ToldAnswer(
        id=key,
        person=key,
        given=time_of(row, "utc"),
        answers={name: answer_of(name, value_of(row, name)) for name in names if value_of(row, name) is not None},
    )


# The transaction types of its API.
_ONETRUST: Final = {
    **dict.fromkeys(("CONFIRMED", "OPT_IN"), True),
    **dict.fromkeys(("NOTGIVEN", "OPT_OUT", "HARD_OPT_OUT", "WITHDRAWN", "EXPIRED"), False),
    # Nobody answered: no answer is made of it.
    **dict.fromkeys(("NO_CHOICE", "PENDING", "IMPLICIT", "CHANGE_PREFERENCES", "EXTEND", "CANCEL", "NO_OPT_OUT"), None),
}


def read_onetrust(row: Row) -> ToldAnswer | None:
    """Return a OneTrust transaction, a consent receipt with its `purposes`, or the members of its cookie."""
    if value_of(row, "groups") is not None:
        return _onetrust_cookie(row)
    single = value_of(row, "purposeGuid") is not None
    answers: dict[str, bool] = {}
    for purpose in [row] if single else objects_of(row, "purposes"):
        name = text_of(purpose, "purposeGuid" if single else "Id")
        kind = text_of(purpose, "TransactionType")
        if kind not in _ONETRUST:
            raise BadRow(f"has the unknown transaction type {kind[:64]} for {name[:64]}")
        if (answer := _ONETRUST[kind]) is not None:
            answers[name] = answer
    key = text_of(row, "identifier")
    return (
        ToldAnswer(
            id=optional_text(row, "transactionGuid", "receiptId") or key,
            person=key,
            given=time_of(row, "interactionDate", "consentDate", "consentCreationDate"),
            answers=answers,
            language=optional_text(row, "language"),
        )
        if answers
        else None
    )


def _onetrust_cookie(row: Row) -> ToldAnswer | None:
    if str(value_of(row, "interactionCount")) == "0":
        return None
    answers: dict[str, bool] = {}
    for pair in text_of(row, "groups").split(","):
        name, colon, value = pair.partition(":")
        if not colon:
            raise BadRow("has groups that are not like C0001:1,C0002:0")
        answers[name.strip()] = answer_of(name, value)
    key = text_of(row, "consentId")
    return ToldAnswer(id=key, person=key, given=time_of(row, "datestamp"), answers=answers)


def read_generic(columns: Columns) -> Callable[[Row], ToldAnswer]:
    """Return what reads rows whose columns are called so."""

    def read(row: Row) -> ToldAnswer:
        answers: dict[str, bool] = {}
        if isinstance(row.get("purposes"), Mapping):
            answers |= {str(name): answer_of(str(name), value) for name, value in row["purposes"].items()}
        for name in names_of(row, columns.refused) if value_of(row, columns.refused) not in (None, "") else []:
            answers[name] = False
        for name in names_of(row, columns.granted) if value_of(row, columns.granted) not in (None, "") else []:
            if answers.get(name) is False:
                raise BadRow(f"says that {name[:64]} is both granted and refused")
            answers[name] = True
        for purpose, column in columns.purposes.items():
            answers[purpose] = answer_of(column, value_of(row, column))
        return ToldAnswer(
            id=text_of(row, columns.id),
            person=optional_text(row, columns.person) or text_of(row, columns.id),
            given=time_of(row, columns.time),
            answers=answers,
            language=optional_text(row, columns.language),
            page=optional_text(row, columns.page),
            notice=optional_text(row, columns.notice),
        )

    return read


READERS: Final[Mapping[str, Callable[[Row], ToldAnswer | None]]] = {
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
