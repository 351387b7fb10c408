"""A choice that counts for an account, on every device on which somebody signs in to it (off unless you make one)."""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .account_cookies import AccountCookies, PutAside
from .client import Askfirst
from .encoding import base64url_encode
from .errors import ConfigurationError, SdkError
from .service_call import post

__all__ = ["Accounts", "SignedIn"]

_SHORTEST_KEY = 32
_LONGEST_ACCOUNT = 1024


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in changes in this browser: `cookies` are the values of Set-Cookie headers for its response.

    `notice` says that an answer from another device begins to count here, which the visitor has to be told:
    `Page.account_notice`. `reached` is false where the service could not be asked in time; then nothing but what this
    browser held of its own counts.
    """

    cookies: tuple[str, ...]
    notice: bool = False
    reached: bool = True


class Accounts:
    """Ties choices to the accounts of a website, by a keyed pseudonym that the website alone can make.

    It does nothing until the site's policy says on its first layer that choices are tied to accounts (`accounts: true`
    in the site file). `key` is a secret of the website, at least 32 bytes, used for nothing else; who has it can tell
    which account a pseudonym is of, so it never leaves this server, and neither does an account's own id. Another key
    makes other pseudonyms: choices of before are not found any more. `token` is one of the role `recorder`. `of` takes
    the id of the account from a request, as the stack has them (an ASGI scope, a WSGI environ, Django's request); None
    for nobody.

    What somebody answered signed out stays this device's own: a sign-in puts it aside, and `signed_out` brings it back.
    """

    def __init__(
        self,
        askfirst: Askfirst,
        *,
        key: str | bytes,
        token: str,
        of: Callable[[Any], str | int | None],
        timeout: float = 2.0,
    ) -> None:
        secret = key.encode() if isinstance(key, str) else key
        if not isinstance(secret, bytes) or len(secret) < _SHORTEST_KEY:
            raise ConfigurationError(f"key is a secret of at least {_SHORTEST_KEY} bytes, used for nothing else")
        if askfirst.service_url is None:
            raise ConfigurationError("accounts need an Askfirst with service_url: the service keeps their choices")
        askfirst.want_policy()
        self._askfirst = askfirst
        self._service_url = askfirst.service_url
        self._key = secret
        self._token = token
        self._of = of
        self._timeout = timeout
        self._cookies = AccountCookies(askfirst)

    def pseudonym(self, account: str | int) -> str:
        """Return what stands for an account outside of this website: 32 bytes as base64url, the same each time, other
        ones on other sites. Raises ConfigurationError for an id that is none."""
        if isinstance(account, bool) or not isinstance(account, (str, int)):
            raise ConfigurationError("an account is named by a text or a whole number")
        text = str(account)
        if not 0 < len(text) <= _LONGEST_ACCOUNT:
            raise ConfigurationError(f"an account's id has 1 to {_LONGEST_ACCOUNT} characters")
        # One site's accounts are not to be found on another that was given the same key.
        said = f"askfirst-account-v1\0{self._askfirst.site}\0{text}".encode(errors="surrogatepass")
        return base64url_encode(hmac.digest(self._key, said, "sha256")).decode()

    def signed_in(
        self, account: str | int, headers: Mapping[str, str], *, scheme: str = "https", now: float | None = None
    ) -> SignedIn:
        """Return what a sign-in to `account` changes in the browser that sent these request headers.

        Call it in the view that signs somebody in, and again now and then while they stay signed in, on responses that
        no cache keeps: consent, refusal and withdrawal from other devices reach this one then, and not before. Waits
        for the service, at most `timeout` seconds; never raises for what it answers.
        """
        browser = self._cookies.browser(headers, scheme, now)
        policy = self._askfirst.policy()
        if policy is None:
            return SignedIn((), reached=False)
        if not policy.accounts:
            return SignedIn(self._cookies.left(browser))
        pseudonym = self.pseudonym(account)
        try:
            answer = post(
                self._service_url,
                f"/a/{self._askfirst.site}",
                {"v": 1, "account": pseudonym},
                timeout=self._timeout,
                token=self._token,
            )
            receipt, reached = answer.get("receipt"), True
        except SdkError:
            receipt, reached = None, False
        choice = receipt if isinstance(receipt, str) else None
        cookies, notice = self._cookies.entered(browser, pseudonym, choice, policy.lifetime)
        return SignedIn(cookies, notice, reached)

    async def signed_in_async(
        self, account: str | int, headers: Mapping[str, str], *, scheme: str = "https", now: float | None = None
    ) -> SignedIn:
        """Do what `signed_in` does without holding up the event loop."""
        return await asyncio.to_thread(lambda: self.signed_in(account, headers, scheme=scheme, now=now))

    def signed_out(
        self, headers: Mapping[str, str], *, scheme: str = "https", now: float | None = None
    ) -> tuple[str, ...]:
        """Return the values of the Set-Cookie headers that bring this browser's own choice back: for the view that
        signs somebody out. Never waits."""
        return self._cookies.left(self._cookies.browser(headers, scheme, now))

    def account_of(self, request: Any) -> str | None:
        """Return the pseudonym of the account that is signed in by this request, None for nobody."""
        account = self._of(request)
        return None if account is None else self.pseudonym(account)

    def counting(self, cookie_header: str | bytes | None, request: Any, *, loopback: bool) -> str | bytes | None:
        """Return the Cookie header as far as it counts: where the choice of an account was left behind by a session
        that is over, it is the device's own choice that counts."""
        aside = self._aside(cookie_header, request, loopback=loopback)
        return cookie_header if aside is None else self._cookies.header(aside.token, loopback=loopback)

    def left_behind(self, headers: Mapping[str, str], request: Any, *, loopback: bool, now: float) -> tuple[str, ...]:
        """Return the Set-Cookie values that end what a session left behind that is over; none where there is none."""
        if self._aside(headers.get("cookie"), request, loopback=loopback) is None:
            return ()
        return self._cookies.left(self._cookies.browser(headers, "http" if loopback else "https", now))

    def _aside(self, cookie_header: str | bytes | None, request: Any, *, loopback: bool) -> PutAside | None:
        """Return what was put aside for an account that is not signed in now; whose it is is asked only if there is."""
        aside = self._cookies.aside(cookie_header, loopback=loopback)
        if aside is None:
            return None
        pseudonym = self.account_of(request)
        return None if pseudonym is not None and aside.is_for(pseudonym) else aside
