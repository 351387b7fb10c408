"""What must agree between the parts of a policy, so that no visitor meets a banner with a hole in it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from askfirst.core.embeds import embed_faults
from askfirst.core.policy_content import PolicyContent
from askfirst.core.purposes import NECESSARY
from askfirst.core.regions import DEFAULT_RULE
from askfirst.core.service import stored_fault
from askfirst.core.signals import unknown_purposes


def contradictions(draft: PolicyContent) -> Iterator[tuple[str, str]]:
    """Yield (member, what is wrong) for everything in which the parts of a policy contradict each other."""
    yield from _doubled("languages", draft.languages)
    yield from _doubled("purposes", [purpose.id for purpose in draft.purposes])
    yield from _doubled("services", [service.id for service in draft.services])
    yield from _doubled("gpc", draft.gpc)
    yield from _doubled("regions.rules", [rule.id for rule in draft.regions.rules])
    yield from _languages(draft)
    yield from _purposes(draft)
    yield from _cookies(draft)
    yield from embed_faults(draft.embeds, draft.marks, draft.purposes)
    for member, purpose in unknown_purposes(draft.signals, [purpose.id for purpose in draft.purposes]):
        yield member, f"{purpose} is not among the purposes"


def _languages(draft: PolicyContent) -> Iterator[tuple[str, str]]:
    told: list[tuple[str, Mapping[str, object]]] = [("privacy_policy", draft.privacy_policy), ("texts", draft.texts)]
    for purpose in draft.purposes:
        told += [(f"purposes.{purpose.id}.name", purpose.name)]
        told += [(f"purposes.{purpose.id}.description", purpose.description)]
    for service in draft.services:
        told += [(f"services.{service.id}.description", service.description)]
        told += [(f"services.{service.id}.cookies.{cookie.name}", cookie.description) for cookie in service.cookies]
    if draft.opt_out_link:
        told += [("opt_out_link", draft.opt_out_link)]
    if draft.accounts:
        told += [("accounts", draft.accounts)]
    wanted = set(draft.languages)
    for member, texts in told:
        missing, unknown = wanted - texts.keys(), texts.keys() - wanted
        if missing:
            yield member, f"has no text in {', '.join(sorted(missing))}"
        if unknown:
            yield member, f"has a text in {', '.join(sorted(unknown))}, which is not among the languages"


def _purposes(draft: PolicyContent) -> Iterator[tuple[str, str]]:
    known = {purpose.id for purpose in draft.purposes}
    optional = known - {NECESSARY}
    if draft.purposes[0].id != NECESSARY:
        yield "purposes", "must begin with “necessary”"
    if not optional:
        yield "purposes", "must have an optional one: otherwise there is nothing to ask"
    for service in draft.services:
        if service.purpose not in known:
            yield f"services.{service.id}.purpose", "is not among the purposes"
    for purpose in draft.gpc:
        if purpose not in optional:
            yield "gpc", f"{purpose} is not among the optional purposes"
    for rule in draft.regions.rules:
        for purpose in sorted(rule.modes.keys() - optional):
            yield f"regions.rules.{rule.id}.modes", f"{purpose} is not among the optional purposes"
    if draft.regions.default not in {DEFAULT_RULE, *(rule.id for rule in draft.regions.rules)}:
        yield "regions.default", "is not among the rules"


def _cookies(draft: PolicyContent) -> Iterator[tuple[str, str]]:
    for service in draft.services:
        yield from _doubled(
            f"services.{service.id}.cookies", [f"{cookie.kind} {cookie.name}" for cookie in service.cookies]
        )
        for cookie in service.cookies:
            member = f"services.{service.id}.cookies.{cookie.name}"
            fault = stored_fault(cookie.name, cookie.kind, cookie.duration)
            if fault is not None:
                yield member, fault


def _doubled(member: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield member, f"{name} is there {count} times"
