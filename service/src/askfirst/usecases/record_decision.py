"""Record a visitor's decision: check it, seal it, store it durably, answer with the signed receipt."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from askfirst.core.decision import (
    DecisionRequest,
    ServerDecision,
    check_decision,
    check_standing,
    is_late,
    parse_decision,
)
from askfirst.core.decision_form import who_part
from askfirst.core.decision_text import split_decision
from askfirst.core.errors import (
    AccountsOff,
    DecisionConflict,
    DecisionErased,
    OriginMissing,
    OriginNotAllowed,
    ReceiptRequired,
    UnknownBuild,
    UnknownPolicy,
)
from askfirst.core.kinds import EntryKind
from askfirst.core.uuid_text import uuid_bytes, uuid_text
from askfirst.usecases.choices import Choice, Choices
from askfirst.usecases.directory import LivePolicy, LiveSite
from askfirst.usecases.entries import seal
from askfirst.usecases.ports import Clock, Randomness, Writer
from askfirst.usecases.rows import Conflicted, Decision, Gone, Record, Stored
from askfirst_sdk.check import MAX_SKEW
from askfirst_sdk.errors import ReceiptFormatError, TokenError
from askfirst_sdk.receipt import Receipt, parse_receipt
from askfirst_sdk.signing import TokenSigner
from askfirst_sdk.subject import make_subject, parse_consent_id
from askfirst_sdk.token import TokenVerifier

_NONE_STANDS: Mapping[str, bool] = {}


@dataclass(frozen=True, slots=True)
class Recorder:
    """What one organisation's decisions are recorded with, as of one version of the catalogue."""

    log_id: int
    signer: TokenSigner
    verifier: TokenVerifier
    builds: frozenset[str]
    mac_key: bytes
    writer: Writer
    clock: Clock
    random: Randomness
    choices: Choices = field(default_factory=Choices)


class Answer(NamedTuple):
    """What the browser is told: JSON bytes, and whether it was the first time."""

    body: bytes
    first: bool


class _Sent(NamedTuple):
    """What was sent: the choice, and what is only this visitor's."""

    choice: Choice
    id: str
    at: int
    receipt: str | None
    consent_id: str | None
    account: str | None = None


def check_page(site: LiveSite, origin: str | None) -> str:
    """Return the page's origin; raise OriginMissing or OriginNotAllowed."""
    if origin is None or origin == "null":
        raise OriginMissing
    if origin not in site.site.origins:
        raise OriginNotAllowed(origin)
    return origin


async def record_decision(
    recorder: Recorder, site: LiveSite, origin: str, body: bytes, *, account: str | None = None
) -> Answer:
    """Store the decision in `body`, sent by a page of `origin`, and return the answer (formats.md, 6).

    When this returns, record and ledger entry are committed. Raises a Problem of `core.errors` when the decision is
    refused; then nothing was stored. `account` is a keyed pseudonym that the website's own server tells; it is kept
    only where the answered policy said on its first layer that choices are tied to accounts.
    """
    sent = _read(recorder, site, origin, body)
    if account is not None and sent.choice.live.policy.accounts:
        sent = sent._replace(account=account)
    return await _record(recorder, sent, body)


async def record_server_decision(recorder: Recorder, site: LiveSite, request: ServerDecision, body: bytes) -> Answer:
    """Store a decision that the website's own server tells in `body`, already parsed, and return the answer.

    Promises and raises what `record_decision` does; OriginNotAllowed where it names a page that is not the site's, and
    AccountsOff where it names an account that the answered policy did not speak of.
    """
    live = _answered(site, request)
    origin = "" if request.origin is None else check_page(site, request.origin)
    choice = Choice(site.site.site_key, live, origin, request)
    if request.account is not None and not live.policy.accounts:
        raise AccountsOff
    return await _record(recorder, _Sent(choice, request.id, request.at, request.receipt, None, request.account), body)


async def _record(recorder: Recorder, sent: _Sent, body: bytes) -> Answer:
    decision = _seal(recorder, sent, body)
    outcome = await recorder.writer.record(decision)
    match outcome:
        case Stored():
            row = decision.record
            return Answer(_answer(f'"{row.receipt}"', row.late, row.granted, decision.entry.entry_id), first=True)
        case Conflicted():
            raise DecisionConflict
        case Gone():
            raise DecisionErased
        case before:
            return Answer(
                _answer(json.dumps(before.receipt), before.late, before.granted, before.record_id), first=False
            )


def body_mac(mac_key: bytes, site_key: str, body: bytes) -> bytes:
    """Return the 32-byte keyed hash by which a replay is told from a conflict."""
    return hmac.digest(mac_key, site_key.encode() + b"\0" + body, "sha256")


def _read(recorder: Recorder, site: LiveSite, origin: str, body: bytes) -> _Sent:
    """Return what was sent, checked. What another visitor sent to the letter before needs no second check."""
    text = split_decision(body)
    if text is not None:
        choice = recorder.choices.find((site.site.site_key, origin, text.shared))
        if choice is not None:
            return _Sent(choice, text.id, text.at, text.receipt, None)
    request = parse_decision(body)
    live = _answered(site, request)
    if request.build not in recorder.builds:
        raise UnknownBuild(request.build)
    choice = Choice(site.site.site_key, live, origin, request)
    if text is not None and (request.id, request.at, request.receipt, None) == (*text[1:], request.consent_id):
        recorder.choices.keep((site.site.site_key, origin, text.shared), choice)
    return _Sent(choice, request.id, request.at, request.receipt, request.consent_id)


def _answered(site: LiveSite, request: DecisionRequest | ServerDecision) -> LivePolicy:
    """Return the policy that a decision answers, which it fits. Raises UnknownPolicy and what `check_decision` does."""
    live = site.policies.get(request.policy)
    if live is None:
        raise UnknownPolicy(request.policy)
    check_decision(request, live.policy)
    return live


def _seal(recorder: Recorder, sent: _Sent, body: bytes) -> Decision:
    choice, now = sent.choice, recorder.clock()
    policy = choice.live.policy
    record_id = recorder.random.entry_id(now)
    record = uuid_text(record_id)
    held = None
    if sent.receipt is not None or sent.consent_id is not None:
        held = _held(recorder, choice.site_key, sent, now // 1000)
    check_standing(
        choice.method, choice.purposes, held.purposes if held and held.revision == policy.revision else _NONE_STANDS
    )
    subject = held.subject if held else None
    if subject is None and choice.granted:
        subject = make_subject(now, recorder.random.subject_bits())
    late = is_late(sent.at, superseded_at=choice.live.published.superseded_at, now=now)
    what = choice.what(record=record, client_time=sent.at, server_time=now, late=late)
    who = who_part(record=record, subject=subject, account=sent.account)
    entry = seal(recorder.log_id, record_id, EntryKind.DECISION_RECORDED, what, who, recorder.random)
    row = Record(
        site_key=choice.site_key,
        subject=subject,
        server_time=now,
        method=choice.method,
        policy_number=policy.number,
        language=choice.language,
        origin=choice.origin,
        granted=choice.granted,
        refused=choice.refused,
        rule=choice.rule,
        late=late,
        receipt=choice.receipt(
            recorder.signer, subject=subject, record=record, leaf=entry.leaf_hash, given_at=now // 1000
        ),
        account=sent.account,
    )
    return Decision(entry, row, uuid_bytes(sent.id), body_mac(recorder.mac_key, choice.site_key, body))


def _held(recorder: Recorder, site_key: str, sent: _Sent, now: int) -> Receipt | None:
    """Return the receipt that gives this decision its subject: valid, of this site, in time. A consent id is public
    knowledge and gives nobody any power, so naming one without its receipt is refused."""
    held = None
    if sent.receipt is not None:
        try:
            held = parse_receipt(recorder.verifier.payload(sent.receipt))
        except (TokenError, ReceiptFormatError):
            held = None
        if held and (held.site != site_key or held.given_at > now + MAX_SKEW or held.expires_at <= now):
            held = None
    if sent.consent_id is not None:
        named = parse_consent_id(sent.consent_id)
        if held is None or held.subject is None or held.subject != named:
            raise ReceiptRequired
    return held


def _answer(receipt: str, late: bool, granted: str, record_id: bytes) -> bytes:
    # Written out, since this is done for every decision; a receipt that we signed needs no escape.
    # After a full refusal the browser gets no identifier, not even for this moment.
    record = f',"record":"{uuid_text(record_id)}"' if granted else ""
    return f'{{"v":1,"receipt":{receipt},"late":{"true" if late else "false"}{record}}}'.encode()
