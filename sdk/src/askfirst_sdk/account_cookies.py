"""The two cookies of a browser in which somebody is signed in: the receipt that counts, and the one put aside."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from .check import Copy
from .client import Askfirst
from .cookie import cookie_name, cookie_text, cookie_values, is_loopback, set_cookie
from .descriptor import CookieRule
from .errors import ReceiptRefused

__all__ = ["AccountCookies", "Browser", "PutAside"]

_ASIDE = re.compile(r"[0-9a-f]{16}\.(?:[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)?")
_MARK_LENGTH = 16
_PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")


@dataclass(frozen=True, slots=True)
class PutAside:
    """The choice that this device had when somebody signed in: `token` is its receipt, empty where there was none.
    `mark` tells one account from the next in this browser."""

    mark: str
    token: str

    def is_for(self, pseudonym: str) -> bool:
        """Say whether it was put aside for this account."""
        return hmac.compare_digest(self.mark, _mark(pseudonym))


@dataclass(frozen=True, slots=True)
class Browser:
    """What one request says of its browser: `held` are its receipts that are good now, `present` whether it sent any
    cookie of ours."""

    host: str
    loopback: bool
    now: float
    held: tuple[Copy, ...]
    present: bool
    aside: PutAside | None


class AccountCookies:
    """Reads and writes them for one site. It waits for nothing."""

    def __init__(self, askfirst: Askfirst) -> None:
        self._askfirst = askfirst

    def browser(self, headers: Mapping[str, str], scheme: str, now: float | None) -> Browser:
        """Return what these request headers say; names in any case."""
        given = {name.lower(): value for name, value in headers.items()}
        host = given.get("host", "")
        proxied = any(name in given for name in _PROXIED)
        loopback = scheme == "http" and not proxied and is_loopback(host)
        time_now = time.time() if now is None else now
        values = cookie_values(given.get("cookie"), self._askfirst.site, loopback=loopback)
        held = tuple(copy for copy in (self._opened(value, time_now) for value in values) if copy is not None)
        return Browser(host, loopback, time_now, held, bool(values), self.aside(given.get("cookie"), loopback=loopback))

    def aside(self, cookie_header: str | bytes | None, *, loopback: bool) -> PutAside | None:
        """Return what was put aside; where the browser sends several or something else, a choice that nobody made."""
        text = cookie_header.decode("latin-1") if isinstance(cookie_header, bytes) else cookie_header
        if not isinstance(text, str) or "-aside=" not in text:
            return None
        # Not under the name that a sibling sub-domain could plant, unless the site shares its answer with those.
        described = self._askfirst.descriptor
        ways = {False, described is not None and described.cookie.shared}
        wanted = {self._aside_name(shared=shared, loopback=loopback) for shared in ways}
        parts = [part.strip(" \t").partition("=") for part in text.split(";")]
        found = [value for name, _, value in parts if name in wanted]
        if not found:
            return None
        if len(set(found)) > 1 or not _ASIDE.fullmatch(found[0]):
            return PutAside("", "")
        return PutAside(found[0][:_MARK_LENGTH], found[0][_MARK_LENGTH + 1 :])

    def header(self, token: str, *, loopback: bool) -> str:
        """Return a Cookie header with this receipt and nothing else."""
        return f"{cookie_name(self._askfirst.site, loopback=loopback)}={token}" if token else ""

    def entered(
        self, browser: Browser, pseudonym: str, choice: str | None, lifetime: int
    ) -> tuple[tuple[str, ...], bool]:
        """Return the Set-Cookie values of a sign-in, and whether a choice of another device begins to count by it.

        `choice` is the account's receipt, `lifetime` for how many seconds the policy has an answer stand.
        """
        counted = self._opened(choice, browser.now) if choice is not None else None
        same = browser.aside is not None and browser.aside.is_for(pseudonym)
        own = browser.held[0].token if len(browser.held) == 1 else ""
        device = own if browser.aside is None else browser.aside.token
        until = int(browser.now) + lifetime
        cookies = [self._put_aside(browser, f"{_mark(pseudonym)}.{device}", until)]
        if counted is not None:
            if [counted.token] == [copy.token for copy in browser.held]:
                return tuple(cookies), False
            return (*cookies, self._set(browser, counted)), True
        if browser.aside is not None and not same:
            # What stands there is another account's.
            cookies.append(self._own(browser, device))
        return tuple(cookies), False

    def left(self, browser: Browser) -> tuple[str, ...]:
        """Return the Set-Cookie values that bring back what was put aside; none where nothing was."""
        if browser.aside is None:
            return ()
        return self._own(browser, browser.aside.token), self._put_aside(browser, "", int(browser.now))

    def _own(self, browser: Browser, token: str) -> str:
        copy = self._opened(token, browser.now) if token else None
        if copy is not None:
            return self._set(browser, copy)
        rule = self._rule(browser)
        return cookie_text(
            cookie_name(self._askfirst.site, shared=rule.shared, loopback=browser.loopback),
            "",
            max_age=0,
            shared=rule.shared,
            domain=rule.domain,
            partitioned=rule.partitioned,
            loopback=browser.loopback,
        )

    def _set(self, browser: Browser, copy: Copy) -> str:
        rule = self._rule(browser)
        return set_cookie(
            self._askfirst.site,
            copy.token,
            expires_at=copy.receipt.expires_at,
            now=int(browser.now),
            shared=rule.shared,
            domain=rule.domain,
            partitioned=rule.partitioned,
            loopback=browser.loopback,
        )

    def _put_aside(self, browser: Browser, value: str, until: int) -> str:
        rule = self._rule(browser)
        return cookie_text(
            self._aside_name(shared=rule.shared, loopback=browser.loopback),
            value,
            max_age=until - int(browser.now),
            shared=rule.shared,
            domain=rule.domain,
            partitioned=rule.partitioned,
            loopback=browser.loopback,
            script_free=True,
        )

    def _aside_name(self, *, shared: bool, loopback: bool) -> str:
        return cookie_name(self._askfirst.site, shared=shared, loopback=loopback) + "-aside"

    def _rule(self, browser: Browser) -> CookieRule:
        described = self._askfirst.descriptor
        return (CookieRule() if described is None else described.cookie).on(browser.host)

    def _opened(self, token: str, now: float) -> Copy | None:
        try:
            return self._askfirst.opened(token, now)
        except ReceiptRefused:
            return None


def _mark(pseudonym: str) -> str:
    return hashlib.sha256(pseudonym.encode()).hexdigest()[:_MARK_LENGTH]
