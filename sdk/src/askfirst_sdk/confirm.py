"""Strict mode: what is left of a consent once the service was asked whether its receipts still stand."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from .consent import Consent
from .reason import Reason

__all__ = ["confirmed_by", "nothing_of"]

_ENDED = {"withdrawn": Reason.WITHDRAWN, "erased": Reason.ERASED}


def confirmed_by(consent: Consent, answers: Sequence[Any]) -> Consent:
    """Return the consent that stands after the service's `answers`, one for each of the consent's receipts. Anything
    but a clear word that a receipt stands takes away what it granted."""
    if len(answers) != len(consent.receipts):
        return nothing_of(consent, Reason.UNCONFIRMED)
    standing = consent
    for answer in answers:
        state = answer.get("state") if isinstance(answer, dict) else None
        if state in ("current", "refusal"):
            continue
        if state == "superseded" and isinstance(answer.get("granted"), list):
            standing = _only(standing, frozenset(one for one in answer["granted"] if isinstance(one, str)))
        else:
            return nothing_of(consent, _ENDED.get(str(state), Reason.UNCONFIRMED))
    return standing


def nothing_of(consent: Consent, reason: Reason) -> Consent:
    """Return a consent that grants nothing, for `reason`; what was refused stays refused."""
    return _without(consent, consent.granted, reason)


def _only(consent: Consent, granted: frozenset[str]) -> Consent:
    return _without(consent, consent.granted - granted, Reason.WITHDRAWN)


def _without(consent: Consent, gone: frozenset[str], reason: Reason) -> Consent:
    if not gone and consent.granted:
        return consent
    left = consent.granted - gone
    return replace(
        consent,
        reason=consent.reason if left or not gone else reason,
        granted=left,
        refused=consent.refused | gone,
        reasons=MappingProxyType({**consent.reasons, **dict.fromkeys(gone, reason)}),
    )
