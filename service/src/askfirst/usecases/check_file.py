"""Check a site file as it was written: what is wrong with its form or against the rules, each with line and column."""

from dataclasses import dataclass
from json import JSONDecodeError
from typing import Final

from askfirst.core.errors import InvalidPolicy, MalformedBody
from askfirst.core.json_places import Place, Places
from askfirst.core.policy import MAX_POLICY_BYTES, parse_draft
from askfirst.core.rules import Severity, dotted
from askfirst.core.strict_json import strict_json
from askfirst.usecases.check_policy import check_policy

# What breaks the policy format is no rule of the registry: nobody can override it.
FORM: Final = "FORM"
_FORM_SOURCE: Final = "formats.md 7"
_FORM_MEND: Final = "Write the member as the schema of the policy format says."
_JSON_MEND: Final = "Save the file as JSON in UTF-8, as RFC 8259 has it."


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that is wrong in a file. `line` and `column` count from 1, columns in characters; both are None where
    the file as a whole is meant.
    """

    rule: str
    severity: Severity
    path: str
    line: int | None
    column: int | None
    said: str
    mend: str
    source: str


def check_file(data: bytes) -> tuple[Told, ...]:
    """Return everything that is wrong in the bytes of a site file: errors first, then warnings, then notes."""
    if len(data) > MAX_POLICY_BYTES:
        said = f"the file is longer than {MAX_POLICY_BYTES:,} bytes"
        return (_form("policy", said, None, "Take out what no visitor reads; sixty services in thirty languages fit."),)
    try:
        strict_json(data)
    except MalformedBody as error:
        return (_unreadable(data, error),)
    places = Places(data.decode())
    try:
        draft = parse_draft(data)
    except InvalidPolicy as error:
        return tuple(_form(member, said, places.of_dotted(member), _FORM_MEND) for member, said in error.errors)
    return tuple(
        Told(
            rule=one.rule.id,
            severity=one.rule.severity,
            path=dotted(one.path),
            line=(place := places.of(one.path)).line,
            column=place.column,
            said=one.said,
            mend=one.rule.mend,
            source=one.rule.source,
        )
        for one in check_policy(draft)
    )


def _unreadable(data: bytes, error: MalformedBody) -> Told:
    cause = error.__cause__
    if isinstance(cause, UnicodeDecodeError):
        before = Places(data[: cause.start].decode())
        place = before.at(len(data[: cause.start].decode()))
        return _form("policy", f"byte {cause.start + 1:,} is not UTF-8", place, _JSON_MEND)
    places = Places(data.decode())
    if data.startswith(b"\xef\xbb\xbf"):
        return _form("policy", "the file begins with a byte order mark", Place(1, 1), _JSON_MEND)
    if isinstance(cause, JSONDecodeError):
        said = f"it is not JSON: {cause.msg[:1].lower()}{cause.msg[1:]}"
        return _form("policy", said, places.at(cause.pos), _JSON_MEND)
    if places.repeated is not None:
        name, place = places.repeated
        return _form("policy", f"the member “{name[:64]}” is there twice", place, "Keep one of the two.")
    return _form("policy", error.reason, None, _JSON_MEND)


def _form(path: str, said: str, place: Place | None, mend: str) -> Told:
    line, column = place or (None, None)
    return Told(FORM, "error", path, line, column, said, mend, _FORM_SOURCE)
