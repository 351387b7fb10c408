"""What anybody may read: policies, builds, descriptors, keys, checkpoints and the pages that explain problems."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final

import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from askfirst.core import errors
from askfirst.core.errors import NotFound, Unavailable
from askfirst.core.policy import Policy
from askfirst.core.regions import followed_rule
from askfirst.site_file import site_file_schema
from askfirst.usecases.directory import Directory, LiveSite
from askfirst.usecases.keys import CHECKPOINT, RECEIPT
from askfirst.usecases.rows import PublicKey
from askfirst.web.live import Live
from askfirst.web.scripts import NAMED_BY_DIGEST
from askfirst.web.server_decisions import Mounts
from askfirst_sdk.descriptor import CookieRule, Descriptor, descriptor_payload
from askfirst_sdk.keys import VerifierKey
from askfirst_sdk.regions import RegionRule

# How long the revision before the current one is still accepted: what caches may hold, and a little more.
REVISION_GRACE_MS: Final = 3_600_000
# How long a server may go on with a descriptor that it can not renew.
DESCRIPTOR_LIFETIME_S: Final = 7 * 86_400
# How long a database may take to say anything before this node counts as not ready.
_PATIENCE_S: Final = 3.0

# The day from which the signal has been heeded as it is today (REQUIREMENTS SG-1).
GPC_SINCE: Final = "2026-11-25"

_IMMUTABLE = {"Cache-Control": NAMED_BY_DIGEST.decode(), "Access-Control-Allow-Origin": "*"}
_OWN = {
    "Cache-Control": "no-store",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_SHORT = {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}


class Publications:
    """The handlers; each reads what is in memory."""

    def __init__(self, live: Live, mounts: Mounts) -> None:
        """Take what handlers share, and how a website's own server names whom it asks for."""
        self._live = live
        self._mounts = mounts

    async def region(self, request: Request) -> Response:
        """GET /r/KEY: which region rule of the current policy the visitor follows today. The place is not said."""
        live = self._live.directory.site(request.path_params["site"])
        if live.current is None:
            raise NotFound("This site has not published a policy yet.")
        today = datetime.fromtimestamp(self._live.clock() / 1000, UTC).date().isoformat()
        visitor = await self._mounts.visitor(request.scope, live)
        place = self._live.whereabouts.place({**request.scope, "client": visitor})
        return JSONResponse({"rule": followed_rule(live.current.policy.regions, place, today)}, headers=_OWN)

    async def descriptor(self, request: Request) -> Response:
        """GET /descriptor/KEY: the signed file that SDKs read."""
        live = self._live.directory.site(request.path_params["site"])
        described = describe(self._live.directory, live, self._live.clock())
        signer = self._live.current.descriptor_signers[live.site.log_id]
        headers = {**_SHORT, "ETag": descriptor_etag(described)}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return PlainTextResponse(signer.token(descriptor_payload(described)), headers=headers)

    async def keys(self, request: Request) -> Response:
        """GET /log/SLUG/keys: the organisation's keys as C2SP verifier key strings, one a line."""
        keys = self._keys(request)
        return PlainTextResponse("".join(f"{key.verifier}\n" for key in keys), headers=_SHORT)

    async def jwks(self, request: Request) -> Response:
        """GET /log/SLUG/jwks.json: the same keys as a JWK set (RFC 7517)."""
        keys = [VerifierKey.parse(key.verifier).jwk() for key in self._keys(request)]
        return JSONResponse({"keys": keys}, headers=_SHORT, media_type="application/jwk-set+json")

    async def checkpoint(self, request: Request) -> Response:
        """GET /log/SLUG/checkpoint: the last signed checkpoint (C2SP tlog-tiles)."""
        organisation = self._live.directory.organisation_of_log(request.path_params["slug"])
        if organisation is None:
            raise NotFound
        last = await run_in_threadpool(self._live.ledger.last_checkpoint, organisation.log_id)
        if last is None:
            raise NotFound("No checkpoint is signed yet; the first comes a second after the first entry.")
        return PlainTextResponse(last.note, headers={"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"})

    async def statement_context(self, _request: Request) -> Response:
        """GET /schema/statement/1: the JSON-LD context of statements, which never changes."""
        return Response(_context(), headers=_IMMUTABLE, media_type="application/ld+json")

    async def policy_schema(self, _request: Request) -> Response:
        """GET /schema/policy/1: the JSON Schema of a published policy."""
        return JSONResponse(Policy.model_json_schema(), headers=_SHORT, media_type="application/schema+json")

    async def site_file_schema(self, _request: Request) -> Response:
        """GET /schema/site-file/1: the JSON Schema of site files, by which editors complete and check them."""
        schema = site_file_schema(self._live.public_url)
        return JSONResponse(schema, headers=_SHORT, media_type="application/schema+json")

    async def problem(self, request: Request) -> Response:
        """GET /problems/CODE: what a problem's code means."""
        kind = PROBLEMS.get(request.path_params["code"])
        if kind is None:
            raise NotFound
        return PlainTextResponse(f"{kind.title}\n\n{(kind.__doc__ or '').strip()}\n", headers=_SHORT)

    async def privacy_control(self, _request: Request) -> Response:
        """GET /.well-known/gpc.json: that this host heeds Global Privacy Control (W3C GPC, 4)."""
        return JSONResponse({"gpc": True, "lastUpdate": GPC_SINCE}, headers=_SHORT)

    async def health(self, _request: Request) -> Response:
        """GET /healthz: the process answers."""
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    async def ready(self, _request: Request) -> Response:
        """GET /readyz: the process and its database answer."""
        try:
            with anyio.fail_after(_PATIENCE_S):
                await anyio.to_thread.run_sync(self._live.catalogue.version, abandon_on_cancel=True)
        except TimeoutError:
            raise Unavailable(5, "the database can not be reached") from None
        return PlainTextResponse("ready\n", headers={"Cache-Control": "no-store"})

    def _keys(self, request: Request) -> list[PublicKey]:
        organisation = self._live.directory.organisation_of_log(request.path_params["slug"])
        if organisation is None:
            raise NotFound
        directory = self._live.directory
        log_id = organisation.log_id
        return [*directory.keys_of(log_id, CHECKPOINT), *directory.believed_keys(log_id, RECEIPT)]


@cache
def _context() -> bytes:
    return (files("askfirst") / "static" / "statement" / "context-1.jsonld").read_bytes()


def describe(directory: Directory, site: LiveSite, now: int) -> Descriptor:
    """Return the descriptor of a site at `now` (ms)."""
    if site.current is None:
        raise NotFound("This site has not published a policy yet.")
    policy = site.current.policy
    recent = {
        one.policy.revision
        for one in site.policies.values()
        if one.published.superseded_at is None or now - one.published.superseded_at < REVISION_GRACE_MS
    }
    log_id = site.site.log_id
    keys = directory.keys_of(log_id, RECEIPT)
    domain = policy.sharing.domain
    return Descriptor(
        site=site.site.site_key,
        revisions=tuple(sorted(recent)),
        policy=site.current.digest,
        purposes={purpose.id: purpose.mode for purpose in policy.purposes if purpose.mode is not None},
        keys=tuple(key.verifier for key in keys if key.state != "revoked"),
        issued_at=now // 1000,
        expires_at=now // 1000 + DESCRIPTOR_LIFETIME_S,
        gpc=tuple(policy.gpc),
        revoked=tuple(key.key_id.hex() for key in keys if key.state == "revoked"),
        cookie=CookieRule(domain is not None, domain, policy.sharing.partitioned),
        rules={rule.id: RegionRule(rule.places, rule.modes, rule.since, rule.until) for rule in policy.regions.rules},
    )


def descriptor_etag(descriptor: Descriptor) -> str:
    """Return the entity tag of what a descriptor says; another every hour, so that nobody keeps one until its end."""
    hour = descriptor.issued_at - descriptor.issued_at % 3600
    timeless = replace(descriptor, issued_at=hour, expires_at=hour + DESCRIPTOR_LIFETIME_S)
    return f'"{hashlib.sha256(descriptor_payload(timeless)).hexdigest()[:32]}"'


PROBLEMS: Final = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.Problem) and kind.code != errors.AskfirstError.code
}
