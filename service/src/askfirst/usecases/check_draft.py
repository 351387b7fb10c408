"""Check a draft that may be half written, and say of everything that is wrong at which member of it that is."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from askfirst.core.errors import InvalidPolicy
from askfirst.core.policy import PolicyDraft, parse_draft
from askfirst.core.rules import Severity, dotted
from askfirst.usecases.check_policy import check_policy

FORM: Final = "FORM"


@dataclass(frozen=True, slots=True)
class DraftFinding:
    """One thing that is wrong: `path` is the dotted path of the member, items of lists by their place from 0.

    `rule` is FORM, and `source` and `mend` are empty, where the policy format itself is not kept.
    """

    rule: str
    severity: Severity
    path: str
    said: str
    mend: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """What the check says; `draft` is None where the members are of no policy, and then only that is told."""

    draft: PolicyDraft | None
    findings: tuple[DraftFinding, ...]

    @property
    def errors(self) -> tuple[DraftFinding, ...]:
        """What stops a publication."""
        return tuple(one for one in self.findings if one.severity == "error")


def check_draft(members: Mapping[str, Any]) -> CheckedDraft:
    """Return what the policy format and every rule say about a draft's members."""
    try:
        draft = parse_draft(json.dumps(members, ensure_ascii=False).encode("utf-8", "replace"))
    except InvalidPolicy as error:
        return CheckedDraft(
            None, tuple(DraftFinding(FORM, "error", place_of(member, members), said) for member, said in error.errors)
        )
    return CheckedDraft(
        draft,
        tuple(
            DraftFinding(one.rule.id, one.rule.severity, dotted(one.path), one.said, one.rule.mend, one.rule.source)
            for one in check_policy(draft)
        ),
    )


def place_of(member: str, members: Mapping[str, Any]) -> str:
    """Return the path of a member that names items of lists by id or name: `services.matomo.cookies._pk_id.*`."""
    return ".".join(_steps(members, member))


def _steps(value: Any, rest: str) -> Iterator[str]:
    while rest:
        step, left = _step(value, rest)
        if step is None:
            yield rest
            return
        yield str(step)
        try:
            value = value[step]
        except (LookupError, TypeError):
            value = None
        rest = left


def _step(value: Any, rest: str) -> tuple[str | int | None, str]:
    """Return the next part of a path and what is left of it; names may hold dots themselves."""
    first, _, left = rest.partition(".")
    if isinstance(value, list):
        if first.isascii() and first.isdigit():
            return int(first), left
        for place, item in enumerate(value):
            if not isinstance(item, dict):
                continue
            for name in (item.get("id"), item.get("name")):
                if isinstance(name, str) and name and (rest == name or rest.startswith(f"{name}.")):
                    return place, rest[len(name) + 1 :]
        return None, ""
    if isinstance(value, dict):
        return first, left
    return (first, left) if value is None else (None, "")
