"""A site that exists in a test alone: it signs receipts with a key of its own, and reads them as a server does."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ..client import Askfirst
from ..cookie import cookie_name
from ..descriptor import Descriptor, descriptor_payload
from ..receipt import Receipt, grant_receipt, receipt_payload, refusal_receipt
from ..regions import RegionRule
from ..signing import SigningKey, TokenSigner
from ..subject import make_subject
from ..token import DESCRIPTOR_SALT, RECEIPT_SALT

_WEEK = 7 * 86_400
_LIFETIME = 182 * 86_400


class PretendSite:
    """A site with its own key. `askfirst` reads its visitors' receipts; nothing is fetched, ever.

    `purposes` are the optional ones with their mode, `gpc` those that Global Privacy Control refuses, `rules` the rules
    of regions.
    """

    def __init__(
        self,
        site: str = "test0001",
        *,
        purposes: Mapping[str, str] | None = None,
        gpc: tuple[str, ...] = (),
        rules: Mapping[str, RegionRule] | None = None,
    ) -> None:
        self.site = site
        self.purposes: dict[str, str] = dict(purposes or {"measurement": "opt_in", "marketing": "opt_in"})
        key = SigningKey.generate("test.example/receipts")
        now = int(time.time())
        self._receipts = TokenSigner(key, RECEIPT_SALT)
        self._made = 0
        described = Descriptor(
            site=site,
            revisions=(1,),
            policy="00" * 32,
            purposes=self.purposes,
            keys=(key.verifier.text,),
            issued_at=now,
            expires_at=now + _WEEK,
            gpc=gpc,
            rules=dict(rules or {}),
        )
        self.descriptor: str = TokenSigner(key, DESCRIPTOR_SALT).token(descriptor_payload(described))
        self.askfirst: Askfirst = Askfirst(site=site, descriptor=self.descriptor)

    def token(self, *granted: str, given_at: int | None = None, signal: bool = False) -> str:
        """Return the receipt of a visitor who granted these purposes and refused the others; none: a full refusal.
        `given_at` is in seconds, by default now; `signal` says that Global Privacy Control was on."""
        return self._receipts.token(receipt_payload(self._receipt(granted, given_at, signal)))

    def cookie(self, *granted: str, given_at: int | None = None, signal: bool = False, loopback: bool = False) -> str:
        """Return a Cookie header that carries such a receipt; `loopback` for requests over plain http to localhost."""
        return f"{cookie_name(self.site, loopback=loopback)}={self.token(*granted, given_at=given_at, signal=signal)}"

    @contextmanager
    def in_place_of(self, askfirst: Askfirst) -> Iterator[None]:
        """Have the application's own `askfirst`, of the same site key, believe this site's receipts meanwhile."""
        if askfirst.site != self.site:
            raise ValueError(f"the application reads site {askfirst.site}: make PretendSite({askfirst.site!r})")
        with askfirst.standing_in(self.askfirst):
            yield

    def _receipt(self, granted: tuple[str, ...], given_at: int | None, signal: bool) -> Receipt:
        unknown = set(granted) - self.purposes.keys()
        if unknown:
            raise ValueError(f"the site has no purpose {sorted(unknown)[0]!r}")
        now = int(time.time()) if given_at is None else given_at
        self._made += 1
        if not granted:
            return refusal_receipt(
                site=self.site,
                policy16=bytes(16),
                revision=1,
                purposes=self.purposes,
                given_at=now,
                lifetime=_LIFETIME,
            )
        return grant_receipt(
            site=self.site,
            subject=make_subject(now * 1000, self._made),
            record=f"019ecb1d-0400-7000-8000-{self._made:012x}",
            leaf=bytes(32),
            policy16=bytes(16),
            revision=1,
            purposes={purpose: purpose in granted for purpose in self.purposes},
            method="custom",
            gpc=signal,
            given_at=now,
            expires_at=now + _LIFETIME,
            rule="default",
        )
