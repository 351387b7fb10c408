"""Check a site file as it was written: what is wrong with its form or against the rules, each with line and column."""

from dataclasses import dataclass
from typing import Final

from askfirst.core.errors import InvalidPolicy
from askfirst.core.places import Place
from askfirst.core.policy import PolicyDraft
from askfirst.core.rules import Severity
from askfirst.site_file import SiteFile, read_site_file
from askfirst.usecases.check_policy import check_policy

# What breaks the format is no rule of the registry: nobody can override it.
FORM: Final = "FORM"
_FORM_SOURCE: Final = "formats.md 7"


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
    read = read_site_file(data)
    return form_faults(read) if read.draft is None else rule_faults(read, read.draft)


def form_faults(read: SiteFile) -> tuple[Told, ...]:
    """Return what is wrong with the form of a file."""
    return tuple(_told(FORM, "error", one.member, one.place, one.said, one.mend, _FORM_SOURCE) for one in read.faults)


def rule_faults(read: SiteFile, draft: PolicyDraft) -> tuple[Told, ...]:
    """Return what the rules find in the draft of a file, at its places there."""
    return tuple(
        _told(
            one.rule.id,
            one.rule.severity,
            read.member(one.path),
            read.place(one.path),
            one.said,
            one.rule.mend,
            one.rule.source,
        )
        for one in check_policy(draft)
    )


def draft_of(data: bytes, name: str) -> PolicyDraft:
    """Return the draft in a site file that is called `name`; raise InvalidPolicy with the place of every fault."""
    read = read_site_file(data)
    if read.draft is None:
        raise InvalidPolicy([(_where(name, one.place, one.member), one.said) for one in read.faults])
    return read.draft


def _where(name: str, place: Place | None, member: str) -> str:
    at = name if place is None else f"{name}:{place.line}:{place.column}"
    return at if member == "file" else f"{at} {member}"


def _told(rule: str, severity: Severity, path: str, place: Place | None, said: str, mend: str, source: str) -> Told:
    line, column = place or (None, None)
    return Told(rule, severity, path, line, column, said, mend, source)
