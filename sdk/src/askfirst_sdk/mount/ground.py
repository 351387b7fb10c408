"""What every way of the mount stands on: the site, what the service is told of a visitor, and the receipt's cookie."""

import logging
import time
from collections.abc import Callable, Collection, Generator, Mapping

from ..accounts import Accounts
from ..client import Askfirst
from ..cookie import is_loopback
from ..policy_document import PolicyDocument
from ..regions import DEFAULT_RULE
from .answers import members
from .exchange import Call, Incoming, Reply
from .origin import page_origin, truncated
from .receipt_cookie import ReceiptCookie

__all__ = ["Ground"]

_log = logging.getLogger("askfirst_sdk")
_PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")


class Ground:
    """One site's mount, as its ways see it; the parameters are those of `Mount`."""

    def __init__(
        self,
        askfirst: Askfirst,
        *,
        token: str | None,
        path: str,
        origins: Collection[str],
        address: Callable[[Incoming], str | None] | None,
        region: Callable[[Incoming], str | None] | None,
        accounts: Accounts | None,
    ) -> None:
        self.askfirst = askfirst
        self.path = path
        self.token = token
        self.region = region
        self.accounts = accounts
        self.cookie: ReceiptCookie = ReceiptCookie(askfirst)
        self._origins = frozenset(origins)
        self._address = address
        self._said_refused = False

    def loopback(self, request: Incoming) -> bool:
        """Say whether the browser itself asked over plain http for a loopback host."""
        proxied = any(name in request.headers for name in _PROXIED)
        return request.scheme == "http" and not proxied and is_loopback(request.headers.get("host"))

    def origin(self, request: Incoming) -> str | None:
        """Return the origin of the site's page that sent this, None for everything else."""
        return page_origin(request, self._origins)

    def rule(self, request: Incoming, policy: PolicyDocument, told: str | None) -> Generator[Call, Reply, str]:
        """Return the region rule that an answer is given under: by this server's own knowledge, else the one that the
        page knew, else as the service sees it; the policy's own modes where nobody knows."""
        described = self.askfirst.descriptor
        found: object = None
        if described is not None and self.region is not None:
            found = described.region_rules().rule_of(self.region(request), time.time())
        elif told is not None:
            found = told
        elif len(policy.rules) > 1:
            reply = yield Call("GET", f"/r/{self.askfirst.site}", self.credential(request))
            found = members(reply.body).get("rule") if reply.status == 200 else None
        return found if isinstance(found, str) and found in policy.rules else DEFAULT_RULE

    def cookie_for(self, request: Incoming, reply: Reply, decision: Mapping[str, object], now: float) -> str | None:
        """Return the Set-Cookie value for the receipt in the service's answer to a decision."""
        token = members(reply.body).get("receipt")
        answered, at = decision.get("receipt"), decision.get("at")
        loopback = self.loopback(request)
        if not isinstance(token, str):
            return None
        return self.cookie.after_decision(
            token,
            self.cookie.held(request.headers.get("cookie"), loopback=loopback, now=now),
            answered=answered if isinstance(answered, str) else None,
            at=at if isinstance(at, int) else None,
            host=request.headers.get("host", ""),
            loopback=loopback,
            now=now,
        )

    def account(self, request: Incoming) -> str | None:
        """Return the pseudonym of who is signed in."""
        return None if self.accounts is None else self.accounts.account_of(request.request)

    def credential(self, request: Incoming) -> dict[str, str]:
        """Return the headers by which the service believes this mount, with the visitor's truncated address."""
        if self.token is None:
            return {}
        address = truncated(request.address if self._address is None else self._address(request))
        visitor = {} if address is None else {"askfirst-visitor": address}
        return {"authorization": f"Bearer {self.token}", **visitor}

    def say_refused(self) -> None:
        """Log once that the token is refused."""
        if not self._said_refused:
            self._said_refused = True
            _log.error(
                "site %s: the service does not take this mount's token: issue one with --role recorder",
                self.askfirst.site,
            )
