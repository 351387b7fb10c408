"""The check of a policy against law and guidelines: a closed registry of rules, each with its source and its mend."""

from askfirst.core.rules.registry import BY_ID, RULES, broken, findings
from askfirst.core.rules.rule import SEVERITIES, Background, Fault, Finding, Path, Rule, Severity, dotted

__all__ = [
    "BY_ID",
    "RULES",
    "SEVERITIES",
    "Background",
    "Fault",
    "Finding",
    "Path",
    "Rule",
    "Severity",
    "broken",
    "dotted",
    "findings",
]
