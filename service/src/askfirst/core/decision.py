"""What a page may say that its visitor answered, checked before anything is stored (formats.md 6.1)."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from askfirst.core.canonical import MAX_NUMBER
from askfirst.core.errors import (
    BodyTooLarge,
    InvalidDecision,
    MethodMismatch,
    MissingPurpose,
    UnknownLanguage,
    UnknownPurpose,
    UnknownRule,
)
from askfirst.core.policy import Policy
from askfirst.core.strict_json import strict_json
from askfirst.core.strict_model import StrictModel

MAX_BODY_BYTES: Final = 8192
# A page can stay open, or a phone offline, for a while; an answer older than this is marked.
LATE_AFTER_MS: Final = 3_600_000

_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_DecisionId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
_Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,7}$")]
_PurposeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.-]{1,64}$")]
# A keyed pseudonym, 32 bytes as base64url, in its one spelling: the last character holds four bits.
ACCOUNT_PATTERN: Final = r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"
_Account = Annotated[str, StringConstraints(pattern=ACCOUNT_PATTERN)]
_Path = Annotated[str, StringConstraints(pattern=r"^/[^\x00-\x20?#\x7f]*$", max_length=2048)]


_ACCOUNT_TEXT: Final = re.compile(ACCOUNT_PATTERN[1:-1])


class DecisionRequest(StrictModel):
    """A decision as the browser sent it: every member of the right form, nothing yet held against a policy."""

    v: Annotated[int, Field(ge=1, le=1)]  # `Literal[1]` would take true and 1.0
    id: _DecisionId
    policy: _Digest
    build: _Digest
    language: _Language
    purposes: Annotated[dict[_PurposeId, bool], Field(min_length=1, max_length=64)]
    method: Literal["accept_all", "reject_all", "custom", "withdraw", "signal"]
    at: Annotated[int, Field(ge=0, le=MAX_NUMBER)]
    gpc: bool
    rule: _RuleId
    receipt: str | None = None
    consent_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    page: _Path | None = None

    @property
    def grants_something(self) -> bool:
        """Whether at least one purpose is granted; if none is, this is a full refusal."""
        return True in self.purposes.values()


class ServerDecision(StrictModel):
    """A decision as the website's own server tells it: from an app, a form, a phone call, or a page without JavaScript.

    No script showed anything, so there is no build; `api` says that the visitor answered elsewhere than in a banner.
    """

    v: Annotated[int, Field(ge=1, le=1)]
    id: _DecisionId
    site: str
    policy: _Digest
    language: _Language
    purposes: Annotated[dict[_PurposeId, bool], Field(min_length=1, max_length=64)]
    method: Literal["api", "accept_all", "reject_all", "custom", "withdraw", "signal"]
    at: Annotated[int, Field(ge=0, le=MAX_NUMBER)]
    gpc: bool
    rule: _RuleId
    origin: str | None = None
    receipt: str | None = None
    account: _Account | None = None

    # What only a page can say.
    build: ClassVar[None] = None
    page: ClassVar[None] = None
    consent_id: ClassVar[None] = None

    @property
    def grants_something(self) -> bool:
        """Whether at least one purpose is granted; if none is, this is a full refusal."""
        return True in self.purposes.values()


_GRANTED_BEFORE: Final = "that what stays granted was granted before, by the receipt that comes along"

_SERVER_METHODS: Final = "must be api, accept_all, reject_all, custom, withdraw or signal"

_FORMS: Final[Mapping[str, str]] = {
    "v": "must be 1",
    "id": "must be a UUID in lower case with hyphens",
    "policy": "must be a digest of 64 lower-case hexadecimal characters",
    "build": "must be a digest of 64 lower-case hexadecimal characters",
    "language": "must be a BCP 47 language",
    "purposes": "must be an object of 1 to 64 purpose ids to true or false",
    "site": "must be a string",
    "method": "must be accept_all, reject_all, custom, withdraw or signal",
    "origin": "must be a string",
    "at": "must be a whole number of milliseconds, from 0 to 2^53 - 1",
    "gpc": "must be true or false",
    "rule": "must be 1 to 64 characters of a-z0-9_.-",
    "receipt": "must be a string",
    "account": "must be a keyed pseudonym of 32 bytes as base64url, 43 characters",
    "consent_id": "must be a string of 1 to 64 characters",
    "page": "must be a path that begins with a slash, without query, of at most 2048 characters",
}


def is_account(text: str) -> bool:
    """Say whether a text is the keyed pseudonym of an account."""
    return _ACCOUNT_TEXT.fullmatch(text) is not None


def parse_decision(body: bytes) -> DecisionRequest:
    """Return the decision in a request's body.

    Raises BodyTooLarge above 8,192 bytes, MalformedBody for what is not JSON with one meaning, and InvalidDecision
    with one message for each member that is missing, unknown or of the wrong form.
    """
    return _parsed(DecisionRequest, body, ("receipt", "consent_id", "page"))


def parse_server_decision(body: bytes) -> ServerDecision:
    """Return the decision in the body of a request by the website's own server; raises like `parse_decision`."""
    return _parsed(ServerDecision, body, ("receipt", "origin", "account"))


_Kind = TypeVar("_Kind", DecisionRequest, ServerDecision)


def _parsed(kind: type[_Kind], body: bytes, may_be_missing: tuple[str, ...]) -> _Kind:
    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLarge(MAX_BODY_BYTES)
    members = strict_json(body)
    if not isinstance(members, dict):
        raise InvalidDecision([("decision", "must be an object")])
    # A member that may be missing may not be null: one way to say nothing.
    nulls = [name for name in may_be_missing if members.get(name, "") is None]
    if nulls:
        raise InvalidDecision([(name, _FORMS[name]) for name in nulls])
    try:
        return kind.model_validate(members)
    except ValidationError as error:
        said = _said(error)
        if kind is ServerDecision:
            said = [(name, _SERVER_METHODS if text == _FORMS["method"] else text) for name, text in said]
        raise InvalidDecision(said) from None


def check_decision(request: DecisionRequest | ServerDecision, policy: Policy) -> None:
    """Hold a decision against the policy that it answers.

    Raises UnknownLanguage, UnknownRule, UnknownPurpose, MissingPurpose or MethodMismatch.
    """
    if request.language not in policy.languages:
        raise UnknownLanguage(request.language)
    if request.rule not in policy.rule_ids:
        raise UnknownRule(request.rule)
    asked = policy.optional_purposes
    if request.purposes.keys() != set(asked):
        unknown = request.purposes.keys() - set(asked)
        if unknown:
            raise UnknownPurpose(sorted(unknown))
        raise MissingPurpose(sorted(set(asked) - request.purposes.keys()))
    _check_method(request, policy)


def check_standing(method: str, purposes: Mapping[str, bool], standing: Mapping[str, bool]) -> None:
    """Hold a signal against the answers that stand, by the valid receipt that came along (none: empty).

    Nobody consents by a signal, so what it leaves granted was granted before. Raises MethodMismatch.
    """
    if method == "signal" and not all(standing.get(purpose, False) for purpose, granted in purposes.items() if granted):
        raise MethodMismatch(method, "that what stays granted was granted before, by the receipt that comes along")


def is_late(at: int, *, superseded_at: int | None, now: int) -> bool:
    """Return whether an answer of the time `at` arrives late at the time `now` (both ms; formats.md 6.1).

    `superseded_at` is when a newer policy took the place of the answered one, None if none did.
    """
    if superseded_at is not None and now - superseded_at > LATE_AFTER_MS:
        return True
    return now - at > LATE_AFTER_MS


def _check_method(request: DecisionRequest | ServerDecision, policy: Policy) -> None:
    answers = request.purposes.values()
    tied = policy.gpc or policy.optional_purposes
    if request.method == "accept_all":
        if False in answers:
            raise MethodMismatch(request.method, "that every purpose is granted")
    elif request.method in ("reject_all", "withdraw"):
        if True in answers:
            raise MethodMismatch(request.method, "that every purpose is refused")
    elif request.method == "signal":
        # A signal is an objection: nobody consents by it, and it is there only with Global Privacy Control on.
        if not request.gpc or any(request.purposes[one] for one in tied):
            raise MethodMismatch(
                "signal", "that Global Privacy Control is on and every purpose that it refuses is refused"
            )
        if True in answers and request.receipt is None:
            raise MethodMismatch("signal", _GRANTED_BEFORE)


def _said(error: ValidationError) -> list[tuple[str, str]]:
    said: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        member = str(fault["loc"][0])
        if fault["type"] == "missing":
            said[member] = "is missing"
        elif fault["type"] == "extra_forbidden":
            said[member] = "is not a member of a decision"
        else:
            said[member] = _FORMS[member]
    return list(said.items())
