"""The statement: a record in the fields of ISO/IEC TS 27560, in terms of the W3C Data Privacy Vocabulary 2.3 (PR-4).

The document is JSON-LD. Everything that can be several is an array, and every name is one of the context's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from askfirst.core.policy import Policy
from askfirst.core.purposes import Mode
from askfirst.core.regions import DEFAULT_RULE
from askfirst.core.statement_parts import (
    DAY_MS,
    UNDETERMINED,
    duration,
    entity,
    event,
    iso,
    jurisdiction,
    notice,
    personal_data,
    purpose_types,
    recipients,
    services,
    storage,
)

Node = dict[str, Any]

RECORD_SCHEMA: Final = "dpv-27560:record"
RECEIPT_SCHEMA: Final = "dpv-27560:receipt"
_CONSENT: Final = "eu-gdpr:A6-1-a"
_WITHDRAWAL: Final = "eu-gdpr:A7-3"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a statement is made of: the `what` part of the entry, whose it is, the policy that was shown, and now.

    `consent_id` is None after a full refusal. `had` are the purposes that the subject had granted just before, None
    where no earlier record is left. `place` is the web address at which the policy is published, `context` that of the
    JSON-LD context. `now` is in ms.
    """

    what: Mapping[str, Any]
    consent_id: str | None
    policy: Policy
    had: frozenset[str] | None
    place: str
    context: str
    now: int


def record_statement(stated: Stated) -> Node:
    """Return the consent record. Raises KeyError where the policy is not in the language of the record."""
    record, language = str(stated.what["record"]), str(stated.what["language"])
    stated.policy.texts[language]
    subject = _subject(record, stated.consent_id)
    return {
        "@context": [stated.context],
        **_head(record, RECORD_SCHEMA, "ConsentRecord", int(stated.what["server_time"])),
        "hasDataSubject": [subject],
        "hasNotice": [notice(stated.policy, str(stated.what["policy"]), language, stated.place)],
        "language": [language],
        "hasProcess": [_process(stated, purpose, granted) for purpose, granted in _answers(stated)],
    }


def receipt_statement(record: Node, now: int) -> Node:
    """Return the consent receipt that wraps a record's statement, made at `now` (ms)."""
    inner = {name: value for name, value in record.items() if name != "@context"}
    identifier = f"{record['identifier'][0]}#receipt-{now}"
    return {
        "@context": record["@context"],
        "id": f"urn:uuid:{identifier}",
        "type": ["dpv:ConsentReceipt"],
        "conformsTo": [RECEIPT_SCHEMA],
        "identifier": [identifier],
        "hasIdentifier": [identifier],
        "created": [iso(now)],
        "hasRecordOfActivity": [inner],
    }


def forgotten_statement(
    record: str, *, controller: Node, place: str, context: str, forgotten_at: int, why: str
) -> Node:
    """Return what can be stated of a record whose content is gone: every mandatory field, as not known any more.

    `controller` is the party that answers for the site today, from `entity`. `forgotten_at` is in ms.
    """
    subject = _subject(record, None)
    state = event("ConsentUnknown", forgotten_at, None, controller["id"], why)
    return {
        "@context": [context],
        **_head(record, RECORD_SCHEMA, "ConsentRecord", forgotten_at),
        "hasDataSubject": [subject],
        "hasNotice": [{"id": place, "type": ["dpv:ConsentNotice", "dpv:PrivacyNotice"], "language": [UNDETERMINED]}],
        "language": [UNDETERMINED],
        "hasProcess": [
            {
                "id": f"urn:uuid:{record}#process",
                "type": ["dpv:Process"],
                "hasPurpose": [{"type": ["dpv:Purpose"], "description": ["erased"]}],
                "hasLegalBasis": [_CONSENT],
                "hasPersonalData": [{"type": ["dpv:PersonalData"], "description": ["erased"]}],
                "hasDataController": [controller],
                "hasEntity": [controller],
                "hasStorageCondition": storage((), None),
                "hasJurisdiction": [jurisdiction("", None)],
                "hasRecipient": [controller],
                "hasConsentControl": [_withdrawal(place)],
                "hasRight": [_WITHDRAWAL],
                "hasConsentStatus": [state],
            }
        ],
    }


def imported_statement(
    what: Mapping[str, Any], *, consent_id: str | None, controller: Node, place: str, context: str
) -> Node:
    """Return what can be stated of an answer that another tool took and that was imported.

    What that tool showed is not known here: the notice says so, and every purpose is named by its id alone.
    """
    record, given, language = str(what["entry"]), int(what["given"]), str(what["language"] or UNDETERMINED)
    said = f"imported from {what['source']}; what it showed is not known here"
    subject = _subject(record, consent_id)
    return {
        "@context": [context],
        **_head(record, RECORD_SCHEMA, "ConsentRecord", given),
        "hasDataSubject": [subject],
        "hasNotice": [
            {
                "id": f"urn:uuid:{record}#notice",
                "type": ["dpv:ConsentNotice", "dpv:PrivacyNotice"],
                "language": [language],
                "description": [said if what["notice"] is None else f"{said}: {what['notice']}"],
            }
        ],
        "language": [language],
        "hasProcess": [
            {
                "id": f"urn:uuid:{record}#{purpose}",
                "type": ["dpv:Process"],
                "hasPurpose": [{"type": purpose_types(purpose), "identifier": [purpose], "description": [said]}],
                "hasLegalBasis": [_CONSENT],
                "hasPersonalData": [{"type": ["dpv:PersonalData"], "description": [said]}],
                "hasDataController": [controller],
                "hasEntity": [controller],
                "hasStorageCondition": storage((), None),
                "hasJurisdiction": [jurisdiction("", None)],
                "hasRecipient": [controller],
                "hasConsentControl": [_withdrawal(str(what["origin"] or place))],
                "hasRight": [_WITHDRAWAL],
                "hasConsentStatus": [
                    event("ConsentGiven" if granted else "ConsentRefused", given, None, subject["id"], "import")
                ],
            }
            for purpose, granted in what["purposes"].items()
        ],
    }


def _head(record: str, schema: str, kind: str, created: int) -> Node:
    return {
        "id": f"urn:uuid:{record}",
        "type": [f"dpv:{kind}"],
        "conformsTo": [schema],
        "identifier": [record],
        "hasIdentifier": [record],
        "created": [iso(created)],
    }


def _subject(record: str, consent_id: str | None) -> Node:
    # A full refusal has no identifier: whoever it was, they are known by this record alone.
    known = consent_id or f"{record}#subject"
    name = f"urn:askfirst:subject:{consent_id}" if consent_id else f"urn:uuid:{known}"
    return {"id": name, "type": ["dpv:DataSubject", "dpv:Entity"], "hasIdentifier": [known]}


def _answers(stated: Stated) -> Sequence[tuple[str, bool]]:
    given = stated.what["purposes"]
    return [(one.id, bool(given[one.id])) for one in stated.policy.purposes if one.id in given]


def _process(stated: Stated, purpose: str, granted: bool) -> Node:
    policy, what = stated.policy, stated.what
    record, language = str(what["record"]), str(what["language"])
    shown = next(one for one in policy.purposes if one.id == purpose)
    own = [one for one in policy.services if one.purpose == purpose]
    controller = entity(policy.controller, str(what["site"]))
    received = recipients(own, controller)
    by_consent = _mode(policy, purpose, str(what["rule"])) == "opt_in"
    return {
        "id": f"urn:uuid:{record}#{purpose}",
        "type": ["dpv:Process"],
        "title": [shown.name[language]],
        "hasPurpose": [
            {
                "id": f"{stated.place}#{purpose}",
                "type": purpose_types(purpose),
                "identifier": [purpose],
                "title": [shown.name[language]],
                "description": [shown.description[language]],
            }
        ],
        **({"hasLegalBasis": [_CONSENT]} if by_consent else {}),
        "hasPersonalData": personal_data(purpose, own, language),
        "hasNecessity": ["dpv:Optional"],
        "hasDataController": [controller],
        "hasEntity": [controller],
        "hasStorageCondition": storage(own, policy.controller.country),
        "hasJurisdiction": _jurisdictions(policy, str(what["rule"])),
        "hasRecipient": received,
        "hasService": services(own, language),
        "hasConsentControl": [_withdrawal(str(what["origin"]))],
        "hasRight": [_WITHDRAWAL],
        "hasConsentStatus": _events(stated, purpose, granted),
    }


def _withdrawal(place: str) -> Node:
    return {"type": ["dpv:WithdrawConsent"], "isExercisedAt": [place]}


def _events(stated: Stated, purpose: str, granted: bool) -> list[Node]:
    what = stated.what
    given, by = int(what["server_time"]), _subject(str(what["record"]), stated.consent_id)["id"]
    lasts = stated.policy.lifetime_under(str(what["rule"]))
    method = str(what["method"])
    if not granted:
        # Who withdraws had something: where it is not known what, everything is taken back.
        withdrawn = method == "withdraw" if stated.had is None else purpose in stated.had
        state = "ConsentWithdrawn" if withdrawn else "ConsentRefused"
        return [event(state, given, duration(lasts), by, method)]
    state = "RenewedConsentGiven" if purpose in (stated.had or ()) else "ConsentGiven"
    events = [event(state, given, duration(lasts), by, method)]
    ends = given + lasts * DAY_MS
    return [*events, event("ConsentExpired", ends, duration(lasts), by, "lifetime")] if ends <= stated.now else events


def _mode(policy: Policy, purpose: str, rule: str) -> Mode | None:
    found = next((one for one in policy.regions.rules if one.id == rule), None)
    own = next(one.mode for one in policy.purposes if one.id == purpose)
    return (found.modes.get(purpose) if found else None) or own


def _jurisdictions(policy: Policy, rule: str) -> list[Node]:
    found = next((one for one in policy.regions.rules if one.id == rule and rule != DEFAULT_RULE), None)
    if found is None:
        return [jurisdiction(policy.controller.country or "", None)]
    return [jurisdiction(place, found.source) for place in found.places]
