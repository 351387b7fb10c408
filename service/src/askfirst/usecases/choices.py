"""What many visitors answer alike, checked once and made ready: an answer costs little more than its signature."""

from collections.abc import Mapping
from typing import Final

from askfirst.core.decision import DecisionRequest, ServerDecision
from askfirst.core.decision_form import WhatForm
from askfirst.core.receipt_form import GrantForm
from askfirst.usecases.directory import LivePolicy
from askfirst.usecases.purpose_lists import joined
from askfirst_sdk.receipt import DAY, receipt_payload, refusal_receipt
from askfirst_sdk.signing import TokenSigner

# Far more than a site's pages send: languages times ways to answer, for each policy that is still open in a browser.
_MOST_KEPT: Final = 1024


class Choice:
    """One answer to one policy from pages of one origin, without who gave it and when."""

    __slots__ = (
        "_day",
        "_grant",
        "_refusal",
        "_what",
        "gpc",
        "granted",
        "language",
        "lifetime",
        "live",
        "method",
        "origin",
        "purposes",
        "refused",
        "rule",
        "site_key",
    )

    def __init__(self, site_key: str, live: LivePolicy, origin: str, request: DecisionRequest | ServerDecision) -> None:
        """Take an answer that was held against its policy."""
        self.site_key, self.live = site_key, live
        self.language, self.method, self.origin = request.language, request.method, origin
        self.rule, self.gpc = request.rule, request.gpc
        self.purposes: Mapping[str, bool] = request.purposes
        self.granted = joined(purpose for purpose, answer in request.purposes.items() if answer)
        self.refused = joined(purpose for purpose, answer in request.purposes.items() if not answer)
        self.lifetime = live.policy.lifetime_under(request.rule) * DAY  # seconds
        self._what = WhatForm(
            site=site_key,
            policy=live.digest,
            revision=live.policy.revision,
            build=request.build,
            language=request.language,
            purposes=request.purposes,
            method=request.method,
            origin=origin,
            page=request.page if live.policy.page_path else None,
            rule=request.rule,
            gpc=request.gpc,
        )
        self._grant: GrantForm | None = None
        if self.granted:
            self._grant = GrantForm(
                site=site_key,
                policy16=live.published.digest[:16],
                revision=live.policy.revision,
                purposes=request.purposes,
                method=request.method,
                gpc=request.gpc,
                rule=request.rule,
            )
        self._day, self._refusal = -1, ""

    def what(self, *, record: str, client_time: int, server_time: int, late: bool) -> bytes:
        """Return the `what` part of one visitor's entry; times in ms."""
        return self._what.part(record=record, client_time=client_time, server_time=server_time, late=late)

    def receipt(self, signer: TokenSigner, *, subject: str | None, record: str, leaf: bytes, given_at: int) -> str:
        """Return one visitor's signed receipt; `given_at` in seconds. All who refuse everything on one day get one."""
        if self._grant is not None and subject is not None:
            expires_at = given_at + self.lifetime
            payload = self._grant.payload(
                subject=subject, record=record, leaf=leaf, given_at=given_at, expires_at=expires_at
            )
            return signer.token(payload)
        day = given_at // DAY
        if day != self._day:
            receipt = refusal_receipt(
                site=self.site_key,
                policy16=self.live.published.digest[:16],
                revision=self.live.policy.revision,
                purposes=self.purposes,
                given_at=given_at,
                lifetime=self.lifetime,
            )
            self._day, self._refusal = day, signer.token(receipt_payload(receipt))
        return self._refusal


class Choices:
    """The choices that were sent since the catalogue last changed, by what a body has in common with others.

    Only the event loop uses it. Only what was accepted is kept, and no more than a bound.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[object, Choice] = {}

    def find(self, key: object) -> Choice | None:
        """Return the choice that was kept under this key."""
        return self._kept.get(key)

    def keep(self, key: object, choice: Choice) -> None:
        """Keep a choice; where there are too many, begin again."""
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = choice
