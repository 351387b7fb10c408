"""POST /api/v1/decisions: decisions that a website's own server tells, and how it shows that it is one."""

import hashlib
import ipaddress
import time
from typing import Any, Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from askfirst.core.decision import ACCOUNT_PATTERN, MAX_BODY_BYTES, ServerDecision, is_account, parse_server_decision
from askfirst.core.errors import (
    BodyTooLarge,
    Forbidden,
    InvalidDecision,
    RateLimited,
    Unauthorized,
    UnknownSite,
    UnsupportedContentType,
)
from askfirst.core.kinds import EntryKind
from askfirst.core.roles import Role
from askfirst.usecases.directory import LiveSite
from askfirst.usecases.record_decision import record_server_decision
from askfirst.usecases.rows import ApiToken
from askfirst.usecases.tokens import read_token
from askfirst.web.limits import AddressLimit
from askfirst.web.live import Live
from askfirst.web.operations import Operation, json_answer, ref
from askfirst.web.scripts import Scope
from askfirst.web.staff_routes import RECORDERS, Actor, Deed, StaffRoute

_AUTHORIZATION: Final = b"authorization"
_VISITOR: Final = b"askfirst-visitor"
_ACCOUNT: Final = b"askfirst-account"
# A token that was revoked is believed for this long: asking the database at each answer would cost more than the
# answer.
_REMEMBERED_S: Final = 30.0
_MOST_REMEMBERED: Final = 256


class Told(NamedTuple):
    """What a request says about its visitor: whom it counts for, and the pseudonym of the account, if any."""

    visitor: tuple[str, int] | None
    account: str | None


class Mounts:
    """Believes a website's own server, by its token, whose answer it relays: so that limits count visitors, not
    servers."""

    def __init__(self, live: Live, limit: AddressLimit) -> None:
        """Take what handlers share, and the limit for those who come with a token that is not known."""
        self._live = live
        self._limit = limit
        # Good tokens by the hash of their text, with when they are read again. Owned by the event loop.
        self._known: dict[bytes, tuple[ApiToken, float]] = {}

    async def visitor(self, scope: Scope, site: LiveSite) -> tuple[str, int] | None:
        """Return whom a request counts for: the visitor that a known server names, else who sent it.

        Raises Unauthorized or Forbidden for a token that is not good for this site, and RateLimited for too many.
        """
        return (await self.told(scope, site)).visitor

    async def told(self, scope: Scope, site: LiveSite, *, required: bool = False) -> Told:
        """Return what a known server says about the visitor.

        Raises what `visitor` does, Unauthorized where an account is named, or a token is `required`, and there is none,
        and InvalidDecision for an account that is no pseudonym.
        """
        client: tuple[str, int] | None = scope.get("client")
        secret = address = account = None
        for name, value in scope["headers"]:
            if name == _AUTHORIZATION:
                secret = value
            elif name == _VISITOR:
                address = value
            elif name == _ACCOUNT:
                account = value.decode("latin-1")
        if secret is None:
            if required or account is not None:
                raise Unauthorized
            return Told(client, None)
        token = await self._token(secret, client, site)
        if token.role != Role.RECORDER or token.log_id != site.site.log_id:
            raise Forbidden
        if token.sites is not None and site.site.site_key not in token.sites:
            raise Forbidden
        if account is not None and not is_account(account):
            raise InvalidDecision([("askfirst-account", "must be a keyed pseudonym, 43 characters of base64url")])
        return Told(_named(address) or client, account)

    async def _token(self, header: bytes, client: tuple[str, int] | None, site: LiveSite) -> ApiToken:
        scheme, _, secret = header.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized
        key = hashlib.sha256(secret.encode()).digest()
        now = time.monotonic()
        known = self._known.get(key)
        if known is not None and now < known[1]:
            return known[0]
        wait = self._limit.wait(client, site.site.site_key)
        if wait:
            raise RateLimited(wait)
        token = await run_in_threadpool(read_token, self._live.staff, secret.strip(), clock=self._live.clock)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = (token, now + _REMEMBERED_S)
        return token


def server_decision_routes(live: Live) -> list[StaffRoute]:
    """Return the route for decisions by servers."""

    async def record(request: Request, actor: Actor) -> Deed:
        body = await _body(request)
        decision = parse_server_decision(body)
        if actor.sites is not None and decision.site not in actor.sites:
            raise Forbidden
        site = live.directory.site(decision.site)
        if site.site.log_id != actor.log_id:
            raise UnknownSite(decision.site)  # another organisation's is as unknown as nobody's
        recorder = live.current.recorders[site.site.log_id]
        answer = await record_server_decision(recorder, site, decision, body)
        response = Response(answer.body, 201 if answer.first else 200, media_type="application/json")
        return Deed(response, None)

    return [StaffRoute("/api/v1/decisions", "POST", RECORDERS, EntryKind.DECISION_RECORDED, record, says=_RECORD)]


def _body_schema() -> dict[str, Any]:
    schema = ServerDecision.model_json_schema()
    # One way to say nothing: a member that may be missing may not be null. Purposes are ids, and nothing else.
    schema["properties"] |= {"origin": {"type": "string"}, "receipt": {"type": "string"}}
    schema["properties"]["account"] = {"type": "string", "pattern": ACCOUNT_PATTERN}
    schema["properties"]["purposes"]["additionalProperties"] = False
    return schema


_RECORD: Final = Operation(
    "recordDecision",
    "Record a decision that the website's own server tells.",
    "decisions",
    json_answer("The receipt (formats.md, 6): 201 the first time, 200 for the same decision again.", ref("Receipt")),
    body=_body_schema(),
    problems=(
        "unknown-site",
        "origin-not-allowed",
        "invalid-decision",
        "unknown-policy",
        "unknown-language",
        "unknown-purpose",
        "missing-purpose",
        "unknown-rule",
        "accounts-off",
        "method-mismatch",
        "decision-conflict",
        "decision-erased",
        "rate-limited",
    ),
    status=201,
    also=(200,),
)


def _named(address: bytes | None) -> tuple[str, int] | None:
    try:
        return None if address is None else (str(ipaddress.ip_address(address.decode("ascii"))), 0)
    except ValueError:
        return None


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedContentType("A decision is sent as application/json.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge(MAX_BODY_BYTES)
    return body
