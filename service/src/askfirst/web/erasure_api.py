"""The JSON API of forgetting: erase, follow what was erased, and hand a person everything that is held."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.decision import ACCOUNT_PATTERN, is_account
from askfirst.core.errors import InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.usecases.erase import erase_account, erase_record, erase_subject, subject_of_receipt
from askfirst.usecases.names import is_words
from askfirst.usecases.record_filters import read_id
from askfirst.usecases.search import require_place
from askfirst.usecases.tombstones import told
from askfirst.web.api_schemas import REASON, closed
from askfirst.web.api_schemas import UUID as UUID_SCHEMA
from askfirst.web.audit_parameters import CONSENT_ID
from askfirst.web.json_bodies import read_members, require_texts
from askfirst.web.live import Live
from askfirst.web.operations import Operation, Parameter, json_answer, ref
from askfirst.web.staff_routes import AUDITORS, OWNERS, Actor, Deed, StaffRoute
from askfirst.web.subject_files import held, subject_file
from askfirst_sdk.subject import parse_consent_id

_MOST_REASON: Final = 1000
_PAGE: Final = 200
_WHOM: Final = ("consent_id", "record", "receipt", "account")

_NO_ACCOUNT: Final = "is no pseudonym of an account: 43 characters of base64url"


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whom an erasure is about, by one of four names, and why."""

    by: str
    name: str
    reason: str


def erasure_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of forgetting."""

    async def erase(request: Request, actor: Actor) -> Deed:
        asked = read_erasure(await read_members(request, "An erasure"))
        records = await run_in_threadpool(_erase, live, actor, asked)
        return Deed(JSONResponse({"erased": list(records)}), None)

    async def erasures(request: Request, actor: Actor) -> Deed:
        after = _after(request.query_params.multi_items())
        known = after if any(after) else None
        await run_in_threadpool(require_place, live.ledger, actor.log_id, known)
        found = await run_in_threadpool(live.forgetting.tombstones, actor.log_id, actor.sites, known, _PAGE + 1)
        page = [told(one) for one in found[:_PAGE]]
        body = {"erasures": page, "cursor": page[-1]["entry"] if len(found) > _PAGE else None}
        filters = {"erasures_after": str(UUID(bytes=after))}
        return Deed(JSONResponse(body), {"filters": filters, "found": len(page), "via": "api"})

    async def access(request: Request, actor: Actor) -> Deed:
        subject = parse_consent_id(request.path_params["consent_id"])
        if subject is None:
            raise InvalidQuery([("consent_id", "is no consent id: one of its letters or digits seems to be wrong")])
        return await run_in_threadpool(handed, actor, subject)

    async def access_by_receipt(request: Request, actor: Actor) -> Deed:
        members = await read_members(request, "A receipt or account")
        texts = require_texts(members, needed=("account",) if "account" in members else ("receipt",))
        if "account" in texts:
            _require_account(texts["account"])

        def found() -> Deed:
            if "account" in texts:
                return handed(actor, None, texts["account"])
            return handed(actor, subject_of_receipt(live.directory, actor.log_id, texts["receipt"]))

        return await run_in_threadpool(found)

    def handed(actor: Actor, subject: str | None, account: str | None = None) -> Deed:
        return subject_file(held(live, actor, subject, account), "api")

    return [
        StaffRoute("/api/v1/erasures", "POST", OWNERS, EntryKind.RECORD_ERASED, erase, says=_ERASE),
        StaffRoute("/api/v1/erasures", "GET", AUDITORS, EntryKind.RECORDS_SEARCHED, erasures, says=_ERASURES),
        StaffRoute("/api/v1/subjects/{consent_id}", "GET", AUDITORS, EntryKind.RECORDS_EXPORTED, access, says=_ACCESS),
        StaffRoute(
            "/api/v1/subjects", "POST", AUDITORS, EntryKind.RECORDS_EXPORTED, access_by_receipt, says=_BY_RECEIPT
        ),
    ]


_WHOM_SCHEMAS: Final = {
    "consent_id": CONSENT_ID,
    "record": {"type": "string"},
    "receipt": {"type": "string", "description": "The receipt in the visitor's cookie; expired ones count too."},
    "account": {
        "type": "string",
        "pattern": ACCOUNT_PATTERN,
        "description": "The keyed pseudonym of an account that choices are tied to.",
    },
}
_ERASE = Operation(
    "erase",
    "Forget a person's decisions, or one decision.",
    "erasures",
    json_answer("The record ids of what was forgotten.", ref("Erased")),
    body={"oneOf": [closed({name: schema, "reason": REASON}) for name, schema in _WHOM_SCHEMAS.items()]},
    problems=("on-hold",),
)
_ERASURES = Operation(
    "listErasures",
    "Follow what was forgotten, in the order of the ledger.",
    "erasures",
    json_answer("Tombstones.", ref("Erasures")),
    query=(Parameter("after", UUID_SCHEMA, "The entry of the last erasure that is known."),),
)
_ACCESS = Operation(
    "accessSubject",
    "Get everything that is held about one person.",
    "subjects",
    json_answer("All decisions of the person, whole.", ref("Subject")),
    path=(Parameter("consent_id", CONSENT_ID, "The visitor's consent id."),),
)


_BY_RECEIPT = Operation(
    "accessSubjectByReceipt",
    "Get everything that is held about the person whose receipt or account this is.",
    "subjects",
    json_answer("All decisions of the person, whole.", ref("Subject")),
    body={"oneOf": [closed({name: _WHOM_SCHEMAS[name]}) for name in ("receipt", "account")]},
)


def read_erasure(members: Mapping[str, object]) -> Erasure:
    """Return the erasure that a body's members ask for; InvalidQuery, naming every fault, for any others."""
    faults = [(name, "is not a member of an erasure") for name in members.keys() - {*_WHOM, "reason"}]
    named = [name for name in _WHOM if name in members]
    if len(named) != 1:
        faults.append(("erasure", f"names exactly one of {', '.join(_WHOM)}"))
    faults += [(name, "must be a string") for name in (*named, "reason") if not isinstance(members.get(name), str)]
    texts = {name: value for name, value in members.items() if isinstance(value, str)}
    if not faults and not is_words(texts["reason"], _MOST_REASON):
        faults.append(("reason", f"must be 1 to {_MOST_REASON} printable characters"))
    if not faults and named == ["consent_id"] and parse_consent_id(texts["consent_id"]) is None:
        faults.append(("consent_id", "is no consent id: one of its letters or digits seems to be wrong"))
    if not faults and named == ["account"] and not is_account(texts["account"]):
        faults.append(("account", _NO_ACCOUNT))
    if faults:
        raise InvalidQuery([(name[:64], said) for name, said in faults])
    return Erasure(named[0], texts[named[0]], texts["reason"])


def _require_account(text: str) -> None:
    if not is_account(text):
        raise InvalidQuery([("account", _NO_ACCOUNT)])


def _erase(live: Live, actor: Actor, asked: Erasure) -> tuple[str, ...]:
    by = live.acting(actor.name)
    if asked.by == "record":
        return erase_record(live.forgetting, actor.log_id, asked.name, reason=asked.reason, by=by, sites=actor.sites)
    if asked.by == "account":
        return erase_account(live.forgetting, actor.log_id, asked.name, reason=asked.reason, by=by, sites=actor.sites)
    if asked.by == "receipt":
        subject = subject_of_receipt(live.directory, actor.log_id, asked.name)
    else:
        subject = parse_consent_id(asked.name) or ""
    return erase_subject(live.forgetting, actor.log_id, subject, reason=asked.reason, by=by, sites=actor.sites)


def _after(params: list[tuple[str, str]]) -> bytes:
    faults = [(name[:64], "is not a parameter of this address") for name, _ in params if name != "after"]
    values = [value for name, value in params if name == "after"]
    if len(values) > 1:
        faults.append(("after", "is given twice"))
    after = bytes(16)
    if values:
        try:
            after = read_id(values[0])
        except ValueError:
            faults.append(("after", "must be the entry of the last erasure that you know, a UUID"))
    if faults:
        raise InvalidQuery(faults)
    return after
