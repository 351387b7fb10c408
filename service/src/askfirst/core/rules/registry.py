"""The closed list of all rules: what is checked, in the order of the table in the docs."""

import re
from collections.abc import Iterable
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.rules import (
    answers,
    asking,
    lasting,
    looks,
    naming,
    necessary,
    regions,
    services,
    spoken,
    transfers,
    wording,
)
from askfirst.core.rules.rule import SEVERITIES, Background, Finding, Rule

_MODULES: Final = (answers, asking, lasting, looks, naming, necessary, regions, services, spoken, transfers, wording)


def _in_order(rule: Rule) -> tuple[list[str | int], str]:
    requirement, _dot, word = rule.id.partition(".")
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", requirement)], word


RULES: Final[tuple[Rule, ...]] = tuple(sorted((rule for module in _MODULES for rule in module.RULES), key=_in_order))
BY_ID: Final = {rule.id: rule for rule in RULES}


def findings(draft: PolicyDraft, known: Background) -> tuple[Finding, ...]:
    """Return everything that the rules find in a policy: errors first, then warnings, then notes."""
    found = [Finding(rule, path, said) for rule in RULES for path, said in rule.check(draft, known)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.rule.severity)))


def broken(found: Iterable[Finding]) -> tuple[str, ...]:
    """Return the ids of the rules whose errors are among the findings, sorted, each once."""
    return tuple(sorted({finding.rule.id for finding in found if finding.rule.severity == "error"}))
