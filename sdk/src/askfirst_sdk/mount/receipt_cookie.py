"""When the mount writes the receipt's cookie over HTTP: after a decision or a renewal, never over a newer answer."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable

from ..check import Copy
from ..client import Askfirst
from ..cookie import MAX_COPIES, cookie_name, cookie_text, cookie_values, set_cookie
from ..descriptor import CookieRule
from ..errors import ReceiptRefused

__all__ = ["ReceiptCookie"]

# An answer of a minute ago is the one that the visitor gave just now.
_FRESH_MS = 60_000
_KEPT = 4096
_KEPT_SECONDS = 900


class ReceiptCookie:
    """Writes the cookie for one site, and remembers for a while which receipts were answered anew through here."""

    def __init__(self, askfirst: Askfirst) -> None:
        self._askfirst = askfirst
        # Hashes of receipts in whose place there is a newer one, with when to forget that. Shared by threads.
        self._replaced: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def held(self, header: str | None, *, loopback: bool, now: float) -> list[Copy]:
        """Return the valid copies that a request carries, the newest first; none where there are too many."""
        values = cookie_values(header, self._askfirst.site, loopback=loopback)
        copies = []
        for value in values if len(values) <= MAX_COPIES else []:
            try:
                copies.append(self._askfirst.opened(value, now))
            except ReceiptRefused:
                continue
        return sorted(copies, key=lambda copy: copy.order, reverse=True)

    def after_decision(
        self,
        token: str,
        held: list[Copy],
        *,
        answered: str | None,
        at: int | None,
        host: str,
        loopback: bool,
        now: float,
    ) -> str | None:
        """Return the Set-Cookie value for a decision's receipt, or None where the browser may hold a newer answer.

        `answered` is the receipt that the browser named in its decision, and `at` its clock then (ms). Any other
        receipt that it holds is of a later answer, but for a full refusal, which it never names: one that stands when
        the decision is fresh is the answer before it.
        """
        self._remember(copy.token for copy in held if copy.token != token)
        if answered is not None and answered != token:
            self._remember([answered])
        fresh = at is not None and abs(now * 1000 - at) <= _FRESH_MS
        for copy in held:
            if copy.token not in (token, answered) and not (copy.receipt.anonymous and fresh):
                return None
        return self._set(token, host=host, loopback=loopback, now=now)

    def renewed(self, held: list[Copy], *, host: str, loopback: bool, now: float) -> str | None:
        """Return the Set-Cookie value that keeps the one receipt that a browser holds until its own end, or None where
        it holds none, several, or one in whose place there is a newer one."""
        if len(held) != 1 or self._was_replaced(held[0].token):
            return None
        return self._set(held[0].token, host=host, loopback=loopback, now=now)

    def removed(self, *, host: str, loopback: bool) -> str:
        """Return the Set-Cookie value that takes the receipt away: for a refusal that could not be recorded."""
        rule = self._rule(host)
        return cookie_text(
            cookie_name(self._askfirst.site, shared=rule.shared, loopback=loopback),
            "",
            max_age=0,
            shared=rule.shared,
            domain=rule.domain,
            partitioned=rule.partitioned,
            loopback=loopback,
        )

    def _set(self, token: str, *, host: str, loopback: bool, now: float) -> str | None:
        try:
            copy = self._askfirst.opened(token, now)
        except ReceiptRefused:
            return None
        rule = self._rule(host)
        return set_cookie(
            self._askfirst.site,
            token,
            expires_at=copy.receipt.expires_at,
            now=int(now),
            shared=rule.shared,
            domain=rule.domain,
            partitioned=rule.partitioned,
            loopback=loopback,
        )

    def _rule(self, host: str) -> CookieRule:
        described = self._askfirst.descriptor
        return (CookieRule() if described is None else described.cookie).on(host)

    def _remember(self, tokens: Iterable[str]) -> None:
        until = time.monotonic() + _KEPT_SECONDS
        with self._lock:
            for token in tokens:
                self._replaced[_hash(token)] = until
                self._replaced.move_to_end(_hash(token))
            while len(self._replaced) > _KEPT:
                self._replaced.popitem(last=False)

    def _was_replaced(self, token: str) -> bool:
        with self._lock:
            return self._replaced.get(_hash(token), 0.0) > time.monotonic()


def _hash(token: str) -> bytes:
    return hashlib.blake2b(token.encode(), digest_size=16).digest()
