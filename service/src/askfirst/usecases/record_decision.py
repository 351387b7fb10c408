"""Record a visitor's decision: check it, seal it, store it durably, answer with the signed receipt."""

import hmac
import json
from dataclasses import dataclass

from askfirst.core.decision import DecisionRequest, check_decision, check_standing, is_late, parse_decision
from askfirst.core.errors import (
    DecisionConflict,
    DecisionErased,
    OriginMissing,
    OriginNotAllowed,
    ReceiptRequired,
    UnknownBuild,
    UnknownPolicy,
)
from askfirst.core.kinds import EntryKind
from askfirst.core.record import decision_what, decision_who
from askfirst.core.uuid_text import uuid_bytes, uuid_text
from askfirst.usecases.directory import LivePolicy, LiveSite
from askfirst.usecases.entries import seal
from askfirst.usecases.ports import Clock, Randomness, Writer
from askfirst.usecases.purpose_lists import joined
from askfirst.usecases.rows import Conflicted, Decision, Gone, Record, Stored
from askfirst_sdk.check import MAX_SKEW
from askfirst_sdk.errors import ReceiptFormatError, TokenError
from askfirst_sdk.receipt import DAY, Receipt, grant_receipt, parse_receipt, receipt_payload, refusal_receipt
from askfirst_sdk.signing import TokenSigner
from askfirst_sdk.subject import make_subject, parse_consent_id
from askfirst_sdk.token import TokenVerifier

_encoder = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Recorder:
    """What one organisation's decisions are recorded with."""

    log_id: int
    signer: TokenSigner
    verifier: TokenVerifier
    builds: frozenset[str]
    mac_key: bytes
    writer: Writer
    clock: Clock
    random: Randomness


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser is told: JSON bytes, and whether it was the first time."""

    body: bytes
    first: bool


def check_page(site: LiveSite, origin: str | None) -> str:
    """Return the page's origin; raise OriginMissing or OriginNotAllowed."""
    if origin is None or origin == "null":
        raise OriginMissing
    if origin not in site.site.origins:
        raise OriginNotAllowed(origin)
    return origin


async def record_decision(recorder: Recorder, site: LiveSite, origin: str, body: bytes) -> Answer:
    """Store the decision in `body`, sent by a page of `origin`, and return the answer (formats.md, 6).

    When this returns, record and ledger entry are committed. Raises a Problem of `core.errors` when the decision is
    refused; then nothing was stored.
    """
    request = parse_decision(body)
    live = site.policies.get(request.policy)
    if live is None:
        raise UnknownPolicy(request.policy)
    check_decision(request, live.policy)
    if request.build not in recorder.builds:
        raise UnknownBuild(request.build)
    decision = _seal(recorder, site, live, origin, request, body)
    outcome = await recorder.writer.record(decision)
    match outcome:
        case Stored():
            row = decision.record
            return Answer(_answer(row.receipt, row.late, row.granted, decision.entry.entry_id), first=True)
        case Conflicted():
            raise DecisionConflict
        case Gone():
            raise DecisionErased
        case before:
            return Answer(_answer(before.receipt, before.late, before.granted, before.record_id), first=False)


def body_mac(mac_key: bytes, site_key: str, body: bytes) -> bytes:
    """Return the 32-byte keyed hash by which a replay is told from a conflict."""
    return hmac.digest(mac_key, site_key.encode() + b"\0" + body, "sha256")


def _seal(
    recorder: Recorder, site: LiveSite, live: LivePolicy, origin: str, request: DecisionRequest, body: bytes
) -> Decision:
    policy, now = live.policy, recorder.clock()
    key = site.site.site_key
    record_id = recorder.random.entry_id(now)
    record = uuid_text(record_id)
    held = _held(recorder, key, request, now // 1000)
    check_standing(request, held.purposes if held and held.revision == policy.revision else {})
    subject = held.subject if held else None
    if subject is None and request.grants_something:
        subject = make_subject(now, recorder.random.subject_bits())
    late = is_late(request.at, superseded_at=live.published.superseded_at, now=now)
    what = decision_what(
        record=record,
        site=key,
        policy=live.digest,
        revision=policy.revision,
        build=request.build,
        language=request.language,
        purposes=request.purposes,
        method=request.method,
        origin=origin,
        page=request.page if policy.page_path else None,
        client_time=request.at,
        server_time=now,
        rule=request.rule,
        gpc=request.gpc,
        late=late,
    )
    who = decision_who(record=record, subject=subject)
    entry = seal(recorder.log_id, record_id, EntryKind.DECISION_RECORDED, what, who, recorder.random)
    lifetime = policy.lifetime_days * DAY
    policy16 = live.published.digest[:16]
    if request.grants_something and subject is not None:
        receipt = grant_receipt(
            site=key,
            subject=subject,
            record=record,
            leaf=entry.leaf_hash,
            policy16=policy16,
            revision=policy.revision,
            purposes=request.purposes,
            method=request.method,
            gpc=request.gpc,
            given_at=now // 1000,
            expires_at=now // 1000 + lifetime,
            rule=request.rule,
        )
    else:
        receipt = refusal_receipt(
            site=key,
            policy16=policy16,
            revision=policy.revision,
            purposes=request.purposes,
            given_at=now // 1000,
            lifetime=lifetime,
        )
    row = Record(
        site_key=key,
        subject=subject,
        server_time=now,
        method=request.method,
        policy_number=policy.number,
        language=request.language,
        granted=joined(purpose for purpose, answer in request.purposes.items() if answer),
        refused=joined(purpose for purpose, answer in request.purposes.items() if not answer),
        rule=request.rule,
        late=late,
        receipt=recorder.signer.token(receipt_payload(receipt)),
    )
    return Decision(entry, row, uuid_bytes(request.id), body_mac(recorder.mac_key, key, body))


def _held(recorder: Recorder, site_key: str, request: DecisionRequest, now: int) -> Receipt | None:
    """Return the receipt that gives this decision its subject: valid, of this site, in time. A consent id is public
    knowledge and gives nobody any power, so naming one without its receipt is refused."""
    held = None
    if request.receipt is not None:
        try:
            held = parse_receipt(recorder.verifier.payload(request.receipt))
        except (TokenError, ReceiptFormatError):
            held = None
        if held and (held.site != site_key or held.given_at > now + MAX_SKEW or held.expires_at <= now):
            held = None
    if request.consent_id is not None:
        named = parse_consent_id(request.consent_id)
        if held is None or held.subject is None or held.subject != named:
            raise ReceiptRequired
    return held


def _answer(receipt: str, late: bool, granted: str, record_id: bytes) -> bytes:
    answer: dict[str, object] = {"v": 1, "receipt": receipt, "late": late}
    if granted:
        # After a full refusal the browser gets no identifier, not even for this moment.
        answer["record"] = uuid_text(record_id)
    return _encoder.encode(answer).encode()
