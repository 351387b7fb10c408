"""POST /v/KEY: whether receipts still stand. Each receipt is its own credential; nobody learns about another's."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.core.errors import BodyTooLarge, InvalidQuery, RateLimited
from askfirst.core.strict_json import strict_json
from askfirst.usecases.standing import held_receipt, standing
from askfirst.web.limits import AddressLimit, TextLimit
from askfirst.web.live import Live
from askfirst_sdk.cookie import MAX_COPIES
from askfirst_sdk.token import MAX_TOKEN_LENGTH

MAX_BYTES: Final = MAX_COPIES * (MAX_TOKEN_LENGTH + 8) + 256


class StandingEndpoint:
    """The handler. One subject may be asked about so often a minute, and one address may bring so many bad receipts."""

    def __init__(self, live: Live, limit: AddressLimit) -> None:
        """Take what handlers share, and the limit for what is no receipt."""
        self._live = live
        self._by_address = limit
        self._by_subject = TextLimit(60)

    async def standing(self, request: Request) -> Response:
        """POST /v/KEY: JSON with `v` = 1 and `receipts`, at most eight tokens."""
        site = self._live.directory.site(request.path_params["site"])
        tokens = _tokens(await _body(request))
        verifier = self._live.current.recorders[site.site.log_id].verifier
        receipts = [held_receipt(verifier, site, token, self._live.clock()) for token in tokens]
        if None in receipts:
            wait = self._by_address.wait(request.scope.get("client"), site.site.site_key)
            if wait:
                raise RateLimited(wait)
        for receipt in receipts:
            if receipt is not None and receipt.subject is not None and not self._by_subject.take(receipt.subject):
                raise RateLimited(60)
        found = await run_in_threadpool(standing, self._live.records_now, self._live.forgetting, site, receipts)
        answers = [
            {"state": one.state, **({"granted": list(one.granted)} if one.state == "superseded" else {})}
            for one in found
        ]
        return JSONResponse({"v": 1, "answers": answers}, headers={"Cache-Control": "no-store"})


def _tokens(body: bytes) -> list[str]:
    members = strict_json(body)
    if (
        not isinstance(members, dict)
        or members.keys() != {"v", "receipts"}
        or members["v"] is True
        or members["v"] != 1
    ):
        raise InvalidQuery([("body", "must be an object with exactly v = 1 and receipts")])
    tokens = members["receipts"]
    if (
        not isinstance(tokens, list)
        or not 1 <= len(tokens) <= MAX_COPIES
        or not all(isinstance(t, str) for t in tokens)
    ):
        raise InvalidQuery([("receipts", f"must be a list of 1 to {MAX_COPIES} receipts")])
    return tokens


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            raise BodyTooLarge(MAX_BYTES)
    return body
