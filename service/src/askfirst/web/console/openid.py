"""Sign in with the organisation's identity provider: there, and back again. Both addresses are public."""

import base64
import hmac
import json
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.core.errors import IdentityRefused, NotFound, RateLimited
from askfirst.usecases.openid import IdentityDesk
from askfirst.web.console.addresses import HOME, next_address
from askfirst.web.console.session_door import SessionCookie
from askfirst.web.limits import SignInLimit
from askfirst.web.live import Live, OpenId

_MINUTES: Final = 10
_MOST: Final = 4000  # characters of anything that the way back brings


class OpenIdPages:
    """The handlers of `/console/openid/…`."""

    def __init__(self, live: Live, limit: SignInLimit) -> None:
        """Take what handlers share, and what holds guessers back."""
        self._live, self._limit = live, limit
        self._session = SessionCookie(live)
        self._secure = live.public_url.startswith("https:")
        self._cookie = "__Host-askfirst_openid" if self._secure else "askfirst_openid"

    async def start(self, request: Request) -> Response:
        """GET: the way to the provider. What has to come back is kept in a cookie of this browser alone."""
        openid = self._openid()
        self._hold_back(request)
        state, nonce, verifier = (self._live.random.salt().hex() for _ in range(3))
        try:
            address = await run_in_threadpool(openid.provider.address, state, nonce, verifier)
        except IdentityRefused as refused:
            return await self._refused(openid, str(refused))
        kept = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "next": request.query_params.get("next", "")[:500],
        }
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        return self._keep(response, base64.urlsafe_b64encode(json.dumps(kept).encode()).decode(), _MINUTES * 60)

    async def callback(self, request: Request) -> Response:
        """GET: the way back. One who was sent from here, and whom the provider vouches for, is let in."""
        openid = self._openid()
        self._hold_back(request)
        kept = _kept(request.cookies.get(self._cookie, ""))
        given = {name: request.query_params.get(name, "")[:_MOST] for name in ("state", "code", "error")}
        if not kept or not hmac.compare_digest(kept["state"].encode(), given["state"].encode("utf-8", "replace")):
            return await self._refused(openid, "the way back does not belong to a way there")
        if not given["code"]:
            return await self._refused(openid, "the identity provider let nobody in")
        try:
            claims = await run_in_threadpool(openid.provider.claims, given["code"], kept["nonce"], kept["verifier"])
        except IdentityRefused as refused:
            return await self._refused(openid, str(refused))
        desk = self._desk(openid)
        try:
            signed_in = await run_in_threadpool(desk.sign_in, claims)
        except IdentityRefused:
            return self._back("openid")
        response = self._session.give(RedirectResponse(next_address(kept["next"]), 303), signed_in)
        return self._keep(response, "", 0)

    def _openid(self) -> OpenId:
        if self._live.openid is None:
            raise NotFound
        return self._live.openid

    def _desk(self, openid: OpenId) -> IdentityDesk:
        live = self._live
        log_id = openid.log_id(live.directory)
        by = live.acting(None)
        return IdentityDesk(live.staff, openid.provider.issuer, openid.vouching, log_id, live.session_rule, by)

    async def _refused(self, openid: OpenId, reason: str) -> Response:
        await run_in_threadpool(self._desk(openid).refuse, reason)
        return self._back("openid")

    def _back(self, fault: str) -> Response:
        return self._keep(RedirectResponse(f"{HOME}/sign-in?fault={fault}", 303), "", 0)

    def _hold_back(self, request: Request) -> None:
        if wait := self._limit.wait(request.client, None):
            raise RateLimited(wait)

    def _keep(self, response: Response, value: str, max_age: int) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.set_cookie(
            self._cookie, value, max_age=max_age, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
        return response


def _kept(text: str) -> dict[str, str]:
    """Return what the cookie keeps; nothing for what is none of ours."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text[:_MOST].encode("ascii")))
        return {name: str(found[name]) for name in ("state", "nonce", "verifier", "next")}
    except (ValueError, KeyError, TypeError):
        return {}
