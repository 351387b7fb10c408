"""What an application holds: it knows the site's keys and rules, keeps them fresh, and reads consent from requests."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from .check import Copy, SiteRules, check_times, consent_from
from .confirm import confirmed_by, nothing_of
from .consent import Consent
from .cookie import cookie_values
from .descriptor import Descriptor
from .errors import ConfigurationError, ReceiptRefused, SdkError
from .keys import KeyRing
from .knowledge import Knowledge
from .policy_document import PolicyDocument
from .reason import Reason
from .receipt import is_purpose, is_site_key
from .recording import Recorded, decision_members, recorded
from .service_call import post
from .signal import Headers
from .token import is_token

__all__ = ["ENVIRONMENT", "Askfirst"]

# Holds a descriptor, or the path of its file, for servers without a way out.
ENVIRONMENT = "ASKFIRST_DESCRIPTOR"

# A receipt of a newer revision, or by a key that is not known yet: the descriptor may have changed a moment ago.
_AHEAD = frozenset({Reason.NEWER_REVISION, Reason.UNKNOWN_KEY})


class Askfirst:
    """Reads consent for one site. Make one for a process and share it between threads and tasks.

    Give `service_url`, `keys`, both, or `descriptor`:

    - `service_url`: the descriptor is fetched from there in the background, about every `refresh_every` seconds. A
      revoked key or an older revision is believed for at most that long times 1.2 while the service can be reached, and
      for at most `max_stale` seconds when it can not; after that nothing is allowed until it can.
    - `keys`: verifier key strings. Together with `service_url` they are pins: only a descriptor signed by one of them
      is believed. Alone they are the receipt keys, nothing is ever fetched, and `accepted_revisions` has to be given;
      `gpc` then names the purposes that Global Privacy Control refuses.
    - `descriptor`: for a server without a way out, the signed file itself (`askfirst site descriptor` writes it): its
      text, or the path of a file, which is read again about every `refresh_every` seconds. Without any of the three the
      environment variable ASKFIRST_DESCRIPTOR is taken for it. With `keys` it has to be signed by one of them.

    `accepted_revisions` narrows what a descriptor accepts. Raises ConfigurationError or KeyFormatError for values that
    can not work.
    """

    def __init__(
        self,
        *,
        site: str,
        service_url: str | None = None,
        keys: Iterable[str] | None = None,
        descriptor: str | os.PathLike[str] | None = None,
        accepted_revisions: Collection[int] | None = None,
        gpc: Collection[str] = (),
        refresh_every: float = 300.0,
        max_stale: float = 86_400.0,
    ) -> None:
        if not is_site_key(site):
            raise ConfigurationError("site is the site key, 4 to 32 characters of a-z0-9")
        if isinstance(gpc, str) or not all(is_purpose(purpose) for purpose in gpc):
            raise ConfigurationError("gpc is a list of purpose ids")
        if not 0 < refresh_every <= max_stale:
            raise ConfigurationError("refresh_every is more than nothing and at most max_stale")
        self.site = site
        self.service_url: str | None = None
        pinned = None if keys is None else KeyRing.parse(keys)
        if pinned is not None and len(pinned) == 0:
            raise ConfigurationError("keys is empty: nothing could ever be believed")
        narrowed = None if accepted_revisions is None else frozenset(accepted_revisions)
        self._knowledge = Knowledge(site, pinned=pinned, narrowed=narrowed, gpc=frozenset(gpc), max_stale=max_stale)
        if descriptor is None and service_url is None and keys is None:
            descriptor = os.environ.get(ENVIRONMENT) or None
        if descriptor is not None and service_url is not None:
            raise ConfigurationError("give service_url, or the descriptor of a server that fetches nothing, not both")
        if descriptor is not None:
            self._knowledge.begin_with_descriptor(descriptor, refresh_every)
        elif service_url is not None:
            self.service_url = service_url
            self._knowledge.begin_with_service(service_url, refresh_every)
        elif pinned is None:
            raise ConfigurationError(
                f"give service_url, or keys or descriptor (or {ENVIRONMENT}) for a server that fetches nothing"
            )
        elif narrowed is None:
            raise ConfigurationError("without service_url, accepted_revisions says which answers still count")
        else:
            self._knowledge.begin_with_rules(SiteRules(site, pinned, narrowed, None, frozenset(gpc)))

    def read(
        self,
        cookie_header: str | bytes | None,
        headers: Headers | None = None,
        now: float | None = None,
        loopback: bool = False,
        region: str | None = None,
    ) -> Consent:
        """Return what the visitor who sent this Cookie header, or this value of the receipt's cookie, allows.

        `headers` are the request's, for Global Privacy Control. `now` is in seconds since 1970, by default this
        server's clock. `loopback` says that the request came over plain http on a loopback host. `region` says where
        the visitor is, `US-CA` or `DE`, or which region rule of the policy holds: from a source that you trust, since
        `permitted` follows it; without it the strictest rule counts. Never raises for what a visitor sent, never waits,
        never touches the network.
        """
        knowledge = self._knowledge
        refresh = knowledge.refresh
        if refresh is not None:
            refresh.start()
        if now is None:
            now = time.time()
        loaded = knowledge.at(now)
        if loaded is None:
            return knowledge.nothing_loaded()
        values = cookie_values(cookie_header, self.site, loopback=loopback)
        if not values and isinstance(cookie_header, (str, bytes)) and is_token(cookie_header):
            values = [cookie_header if isinstance(cookie_header, str) else cookie_header.decode("latin-1")]
        consent = consent_from(values, loaded.open_copy, loaded.rules, now=now, headers=headers, region=region)
        if consent.reason in _AHEAD and refresh is not None:
            refresh.nudge()
        return consent

    def opened(self, token: str, now: float) -> Copy:
        """Return one receipt that is good at `now` (seconds); raise ReceiptRefused with the reason for any other. For
        those who write the cookie; what a visitor allows is said by `read` alone."""
        loaded = self._knowledge.at(now)
        if loaded is None:
            raise ReceiptRefused(Reason.KEYS_NOT_LOADED)
        copy = loaded.open_copy(token)
        check_times(copy.receipt, now)
        return copy

    def ready(self, timeout: float = 10.0) -> bool:
        """Wait until keys are loaded, at most `timeout` seconds, and say whether they are: for the start of a server
        that would rather start late than refuse its first visitors. Blocks; not for a request."""
        knowledge = self._knowledge
        if knowledge.refresh is not None and knowledge.loaded is None:
            knowledge.refresh.wait(timeout)
        return knowledge.loaded is not None

    @asynccontextmanager
    async def refreshing(self) -> AsyncIterator[None]:
        """Refresh in a task of the running event loop while the block lasts, instead of in a thread: for the lifespan
        of an asynchronous application. Only the fetch itself runs in the loop's executor."""
        refresh = self._knowledge.refresh
        if refresh is None:
            yield
            return
        async with refresh.in_task():
            yield

    def close(self) -> None:
        """Stop refreshing. What is loaded is still believed until it is too old."""
        if self._knowledge.refresh is not None:
            self._knowledge.refresh.close()

    def confirmed(self, consent: Consent, timeout: float = 2.0) -> Consent:
        """Ask the service whether the receipts behind `consent` still stand, and return what is left of it: strict
        mode, for the rare page that must know of a withdrawal in another browser, or of an erasure.

        Waits at most `timeout` seconds. Never raises: without a clear answer nothing is allowed (`unconfirmed`).
        """
        if not consent.granted:
            return consent
        if self.service_url is None:
            return nothing_of(consent, Reason.UNCONFIRMED)
        try:
            asked = {"v": 1, "receipts": list(consent.receipts)}
            answer = post(self.service_url, f"/v/{self.site}", asked, timeout=timeout)
        except SdkError:
            return nothing_of(consent, Reason.UNCONFIRMED)
        answers = answer.get("answers")
        return confirmed_by(consent, answers if isinstance(answers, list) else [])

    async def confirmed_async(self, consent: Consent, timeout: float = 2.0) -> Consent:  # noqa: ASYNC109
        """Do what `confirmed` does without holding up the event loop."""
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.to_thread(self.confirmed, consent, timeout)
        except TimeoutError:
            return nothing_of(consent, Reason.UNCONFIRMED)

    def record(
        self,
        granted: Collection[str],
        *,
        token: str,
        language: str,
        decision_id: str | None = None,
        given_at: float | None = None,
        policy: str | None = None,
        gpc: bool = False,
        rule: str = "default",
        origin: str | None = None,
        held: Consent | str | None = None,
        account: str | None = None,
        timeout: float = 5.0,
    ) -> Recorded:
        """Record a decision that was not made in a banner: in an app, on a form, by phone (method `api`).

        `granted` are the purposes that were agreed to; all others of the site are recorded as refused. `token` is one
        of the role `recorder`, `language` the one in which it was asked. For a retry to count once, give `decision_id`
        (a UUID) and `given_at` (seconds) and the same again. `policy` is the digest of the policy that was read out or
        shown, by default the current one. `held` is the consent or receipt of the person so far: the decision joins its
        subject. `account` is the pseudonym (`Accounts.pseudonym`) of the account that it counts for. Returns the
        receipt; whoever has a browser to put it into writes it with `cookie.set_cookie`.

        Raises ConfigurationError for a purpose that the site does not ask for, ServiceRefused and ServiceUnreachable.
        Waits for the service, at most `timeout` seconds: not for the reading of a page.
        """
        members = decision_members(
            self.site,
            self.descriptor,
            granted,
            language=language,
            decision_id=decision_id,
            given_at=given_at,
            policy=policy,
            gpc=gpc,
            rule=rule,
            origin=origin,
            held=held,
            account=account,
        )
        if self.service_url is None:
            raise ConfigurationError("recording needs an Askfirst with service_url")
        return recorded(post(self.service_url, "/api/v1/decisions", members, timeout=timeout, token=token))

    async def record_async(self, granted: Collection[str], *, timeout: float = 5.0, **given: Any) -> Recorded:  # noqa: ASYNC109
        """Do what `record` does without holding up the event loop; `given` are its other arguments."""
        async with asyncio.timeout(timeout + 1):
            return await asyncio.to_thread(lambda: self.record(granted, timeout=timeout, **given))

    @contextmanager
    def standing_in(self, other: "Askfirst") -> Iterator[None]:
        """Believe what `other` believes while the block lasts: for tests (`askfirst_sdk.testing`)."""
        with self._knowledge.standing_in(other._knowledge):
            yield

    def want_policy(self) -> None:
        """Have the refresh bring the current policy too: its words are needed where the server itself writes
        banners."""
        self._knowledge.want_policy()

    def policy(self, digest: str | None = None) -> PolicyDocument | None:
        """Return the current policy, or the one of a digest if it was current in this process; None where it was not
        brought (yet). Never waits."""
        return self._knowledge.policy(digest)

    @property
    def descriptor(self) -> Descriptor | None:
        """The descriptor in force, or None where there is none (yet)."""
        return self._knowledge.descriptor
