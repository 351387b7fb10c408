"""The mount's ways for pages with JavaScript: decisions, where the visitor is, and the renewal of the cookie."""

import json
import time

from .answers import NO_STORE, away, code_of, foreign, members
from .exchange import Call, Incoming, Outgoing, Steps, problem
from .ground import Ground

__all__ = ["Scripted"]


class Scripted:
    """Relays what the snippet sends."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def decide(self, request: Incoming) -> Steps:
        """Relay a decision, and set the receipt's cookie."""
        origin = self._ground.origin(request)
        if origin is None:
            return foreign()
        now = time.time()
        reply = yield Call(
            "POST",
            f"/d/{self._ground.askfirst.site}",
            {
                "content-type": "text/plain",
                "origin": origin,
                **self._ground.credential(request),
                **self._account_header(request),
            },
            request.body,
        )
        if (
            reply.status in (401, 403)
            and self._ground.token is not None
            and code_of(reply) in ("unauthorized", "forbidden")
        ):
            self._ground.say_refused()
            return away()
        if reply.status == 0:
            return away()
        headers = [("Content-Type", reply.headers.get("content-type", "application/json")), NO_STORE]
        if "retry-after" in reply.headers:
            headers.append(("Retry-After", reply.headers["retry-after"]))
        if reply.status in (200, 201):
            cookie = self._ground.cookie_for(request, reply, members(request.body), now)
            if cookie is not None:
                headers.append(("Set-Cookie", cookie))
        return Outgoing(reply.status, headers, reply.body)

    def tell_region(self, request: Incoming) -> Steps:
        """Say which region rule holds for this visitor."""
        described = self._ground.askfirst.descriptor
        place = None if self._ground.region is None else self._ground.region(request)
        if self._ground.region is None and self._ground.token is not None:
            reply = yield Call("GET", f"/r/{self._ground.askfirst.site}", self._ground.credential(request))
            if reply.status == 200:
                return Outgoing(200, [("Content-Type", "application/json"), NO_STORE], reply.body)
        rule = None if described is None else described.region_rules().rule_of(place, time.time())
        if rule is None:
            # Not known here: the page then follows the strictest rule.
            return problem(404, "not-found", "Not found", "This server does not know where the visitor is.")
        return Outgoing(200, [("Content-Type", "application/json"), NO_STORE], json.dumps({"rule": rule}).encode())

    def renew(self, request: Incoming) -> Steps:
        """Write the receipt's cookie again with its own expiry, in place of one that a script wrote."""
        yield from ()
        if self._ground.origin(request) is None:
            return foreign()
        now, loopback = time.time(), self._ground.loopback(request)
        held = self._ground.cookie.held(request.headers.get("cookie"), loopback=loopback, now=now)
        cookie = self._ground.cookie.renewed(held, host=request.headers.get("host", ""), loopback=loopback, now=now)
        return Outgoing(204, [NO_STORE, *([("Set-Cookie", cookie)] if cookie else [])])

    def _account_header(self, request: Incoming) -> dict[str, str]:
        account = self._ground.account(request)
        return {} if account is None else {"askfirst-account": account}
