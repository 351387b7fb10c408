"""Check a policy against every rule, with the catalogue of services and the default texts at hand."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from askfirst import known_services
from askfirst.core.errors import BadOverride, RulesBroken
from askfirst.core.policy import PolicyDraft
from askfirst.core.rules import BY_ID, Background, Finding, broken, dotted, findings
from askfirst.core.texts import Texts
from askfirst.region_presets import preset_rule
from askfirst.texts import default_texts, languages, unreviewed


def _texts(language: str) -> Texts | None:
    return default_texts(language) if language in languages() else None


def _unread(language: str) -> tuple[str, ...]:
    return unreviewed(language) if language in languages() else ()


BACKGROUND: Final = Background(
    kept_by=lru_cache(4096)(known_services.kept_by),
    find=known_services.find,
    default_texts=_texts,
    unreviewed=_unread,
    preset_rule=preset_rule,
)


def check_policy(draft: PolicyDraft) -> tuple[Finding, ...]:
    """Return everything that the rules find in a policy: errors first, then warnings, then notes."""
    return findings(draft, BACKGROUND)


def require_lawful(draft: PolicyDraft, *, override: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the ids of the rules that were overridden, sorted, each once.

    Raises RulesBroken where an error is found that `override` does not name, and BadOverride for an id in `override`
    that is no rule, or under which no error was found: what is overridden for later is overridden unseen.
    """
    found = check_policy(draft)
    errors = set(broken(found))
    for rule_id in override:
        if rule_id not in BY_ID:
            raise BadOverride(rule_id, "is no rule of the check")
        if rule_id not in errors:
            raise BadOverride(rule_id, "has no error here, so there is nothing to override")
    left = [one for one in found if one.rule.severity == "error" and one.rule.id not in override]
    if left:
        raise RulesBroken([(one.rule.id, dotted(one.path), one.said) for one in left])
    return tuple(sorted(set(override)))
