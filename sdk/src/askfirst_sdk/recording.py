"""Decisions that a server tells the service: from an app, a form, a phone call."""

import re
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .consent import Consent
from .descriptor import Descriptor
from .errors import ConfigurationError, ServiceUnreachable

_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{43}")

__all__ = ["Recorded", "decision_members", "recorded"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The service's answer: the visitor's receipt, and the record's id (None after a full refusal, which has none).
    `late` says that the answer came long after it was given, or to an outdated policy."""

    receipt: str
    record_id: str | None
    late: bool


def decision_members(
    site: str,
    described: Descriptor | None,
    granted: Collection[str],
    *,
    language: str,
    decision_id: str | None,
    given_at: float | None,
    policy: str | None,
    gpc: bool,
    rule: str,
    origin: str | None,
    held: Consent | str | None,
    account: str | None,
) -> dict[str, Any]:
    """Return what is sent for a decision; raise ConfigurationError for what the site does not ask."""
    if described is None:
        raise ServiceUnreachable("the site's descriptor is not loaded, so nobody knows what it asks: try again")
    if isinstance(granted, str):
        raise ConfigurationError("granted is a list of purposes")
    unknown = set(granted) - described.purposes.keys()
    if unknown:
        raise ConfigurationError(f"the site asks for no purpose {sorted(unknown)[0]!r}")
    if account is not None and not _PSEUDONYM.fullmatch(account):
        raise ConfigurationError("account is what Accounts.pseudonym gives: an account's own id is never sent")
    receipt = held if isinstance(held, str) else next(iter(held.receipts), None) if held is not None else None
    members: dict[str, Any] = {
        "v": 1,
        "id": decision_id or str(uuid.uuid4()),
        "site": site,
        "policy": policy or described.policy,
        "language": language,
        "purposes": {purpose: purpose in granted for purpose in described.purposes},
        "method": "api",
        "at": int((time.time() if given_at is None else given_at) * 1000),
        "gpc": gpc,
        "rule": rule,
    }
    return {**members, **_given(origin=origin, receipt=receipt, account=account)}


def recorded(answer: Mapping[str, Any]) -> Recorded:
    """Return what the service answered; raise ServiceUnreachable where that is no answer to a decision."""
    receipt, record, late = answer.get("receipt"), answer.get("record"), answer.get("late")
    if not isinstance(receipt, str) or not isinstance(late, bool) or not (record is None or isinstance(record, str)):
        raise ServiceUnreachable("what answered is not the service")
    return Recorded(receipt, record, late)


def _given(**members: str | None) -> dict[str, str]:
    return {name: value for name, value in members.items() if value is not None}
