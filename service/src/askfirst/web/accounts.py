"""POST /a/KEY: the receipt that counts for an account, for the website's own server alone."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.core.decision import is_account
from askfirst.core.errors import BodyTooLarge, InvalidQuery, RateLimited
from askfirst.core.strict_json import strict_json
from askfirst.usecases.account_choice import account_choice
from askfirst.web.limits import TextLimit
from askfirst.web.live import Live
from askfirst.web.server_decisions import Mounts

_MOST_BYTES: Final = 256


class AccountEndpoint:
    """The handler. No entry is left: a ledger of when somebody signed in would say more about them than it protects."""

    def __init__(self, live: Live, mounts: Mounts) -> None:
        """Take what handlers share, and what knows the servers of websites."""
        self._live = live
        self._mounts = mounts
        self._by_account = TextLimit(60)

    async def choice(self, request: Request) -> Response:
        """POST /a/KEY: JSON with `v` = 1 and `account`, the keyed pseudonym; the token is of the role recorder."""
        site = self._live.directory.site(request.path_params["site"])
        await self._mounts.told(request.scope, site, required=True)
        account = _account(await _body(request))
        if not self._by_account.take(f"{site.site.site_key}:{account}"):
            raise RateLimited(60)
        found = await run_in_threadpool(account_choice, self._live.records_now, site, account)
        answer = {"v": 1, "receipt": found.receipt or None if found else None}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _account(body: bytes) -> str:
    members = strict_json(body)
    if not isinstance(members, dict) or members.keys() != {"v", "account"} or type(members["v"]) is not int:
        raise InvalidQuery([("body", "must be an object with exactly v = 1 and account")])
    account = members["account"]
    if members["v"] != 1 or not isinstance(account, str) or not is_account(account):
        raise InvalidQuery([("account", "must be a keyed pseudonym of 32 bytes as base64url, and v must be 1")])
    return account


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise BodyTooLarge(_MOST_BYTES)
    return body
