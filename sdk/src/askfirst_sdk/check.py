"""The check itself: from the values of the receipt cookies to what this visitor allows. Pure, and never raises."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from .consent import Consent
from .cookie import MAX_COPIES
from .errors import BadSignature, ReceiptFormatError, ReceiptRefused, TokenError, UnknownKey
from .keys import KeyRing
from .reason import Reason
from .receipt import SIGNAL, Receipt, parse_receipt
from .regions import Rules
from .signal import Headers, signal_is_on
from .subject import grouped
from .token import RECEIPT_SALT, TokenVerifier

__all__ = ["MAX_SKEW", "Consent", "Copy", "Reason", "SiteRules", "consent_from", "copy_opener", "read_consent"]

# A receipt may be dated this many seconds after the reader's clock: servers differ by minutes, and nobody is to be
# refused right after Accept.
MAX_SKEW = 300


@dataclass(frozen=True, slots=True)
class SiteRules:
    """Which receipts a server believes for one site: `purposes` is None where it is not known what the site asks for,
    else id to mode; `gpc` are the purposes that Global Privacy Control refuses; `revoked` are key ids; `regions` says
    where other modes hold."""

    site: str
    ring: KeyRing
    accepted_revisions: frozenset[int]
    purposes: Mapping[str, str] | None = None
    gpc: frozenset[str] = frozenset()
    revoked: frozenset[bytes] = frozenset()
    regions: Rules | None = None

    def modes(self, region: str | None, now: float) -> Mapping[str, str]:
        """Return the mode of each purpose in a region."""
        if self.regions is None:
            return self.purposes if self.purposes is not None else _NONE
        return self.regions.modes(region, now)


_NONE: Mapping[str, str] = MappingProxyType({})
# Which reason of the purposes stands for the whole answer.
_FIRST_SAID = (Reason.GRANTED, Reason.COPIES_DISAGREE, Reason.SIGNAL)


@dataclass(frozen=True, slots=True)
class Copy:
    """One receipt that was found good but for the time, and the consent that it gives when it is the only one."""

    token: str
    receipt: Receipt
    alone: Consent
    # The last region's modes with the consent there: most visitors stay where they are.
    _there: list[Consent] = field(default_factory=list, compare=False, repr=False)

    def in_region(self, modes: Mapping[str, str]) -> Consent:
        """Return the consent of this copy alone where these modes hold."""
        if self.alone.modes is modes:
            return self.alone
        there = self._there[0] if self._there else None
        if there is None or there.modes is not modes:
            there = replace(self.alone, modes=modes)
            self._there[:] = [there]
        return there

    @property
    def order(self) -> tuple[int, str]:
        """What newer copies have more of (formats.md, 4.1)."""
        return self.receipt.order_key, self.token


def read_consent(
    cookie_values: Iterable[str | bytes],
    ring: KeyRing,
    site: str,
    accepted_revisions: Collection[int],
    *,
    now: float,
    purposes: Mapping[str, str] | None = None,
    gpc: Collection[str] = (),
    revoked: Collection[bytes] = (),
    headers: Headers | None = None,
    region: str | None = None,
    regions: Rules | None = None,
) -> Consent:
    """Return what these receipt cookies allow at `now` (seconds since 1970).

    `purposes` are the optional purposes that the site has, with their mode; without them every purpose that the
    receipts name is known. `headers` are looked at for Global Privacy Control only. `region` is where the visitor is,
    from a source that the caller trusts, for `permitted` under the rules of `regions`. Nothing that a visitor can send
    makes this raise or allows more than a valid receipt says.
    """
    rules = SiteRules(site, ring, frozenset(accepted_revisions), purposes, frozenset(gpc), frozenset(revoked), regions)
    values = _different(cookie_values)
    return consent_from(values, copy_opener(rules), rules, now=now, headers=headers, region=region)


def copy_opener(rules: SiteRules) -> Callable[[str], Copy]:
    """Return the function that checks one token in everything but the time, and raises ReceiptRefused unless it is
    good. What it returns depends on the token alone, so it may be remembered."""
    verifier = TokenVerifier(rules.ring.without(rules.revoked), RECEIPT_SALT)

    def open_copy(token: str) -> Copy:
        try:
            receipt = parse_receipt(verifier.payload(token))
        except UnknownKey as error:
            raise ReceiptRefused(Reason.REVOKED_KEY if error.key_id in rules.revoked else Reason.UNKNOWN_KEY) from None
        except BadSignature:
            raise ReceiptRefused(Reason.BAD_SIGNATURE) from None
        except (TokenError, ReceiptFormatError):
            raise ReceiptRefused(Reason.UNREADABLE) from None
        if receipt.site != rules.site:
            raise ReceiptRefused(Reason.OTHER_SITE)
        if receipt.revision not in rules.accepted_revisions:
            newer = receipt.revision > max(rules.accepted_revisions, default=0)
            raise ReceiptRefused(Reason.NEWER_REVISION if newer else Reason.OLDER_REVISION)
        return Copy(token, receipt, _answer([receipt], (token,), rules, rules.purposes or _NONE, signal=False))

    return open_copy


def consent_from(
    values: Sequence[str],
    open_copy: Callable[[str], Copy],
    rules: SiteRules,
    *,
    now: float,
    headers: Headers | None = None,
    region: str | None = None,
) -> Consent:
    """Return what `read_consent` returns for different values, at most MAX_COPIES + 1 of them, as `cookie_values` takes
    them from a header; the `copy_opener` of the same rules may remember what it opened."""
    if not isinstance(now, (int, float)):
        return _no_answer(Reason.CLOCK_UNUSABLE, rules, rules.purposes or _NONE, signal=False)
    modes = rules.modes(region, now)
    signal = signal_is_on(headers)
    if len(values) > MAX_COPIES:
        return _no_answer(Reason.TOO_MANY_COPIES, rules, modes, signal)
    copies: list[Copy] = []
    first_reason: Reason | None = None
    for value in values:
        try:
            copy = open_copy(value)
            check_times(copy.receipt, now)
        except ReceiptRefused as refused:
            first_reason = first_reason or refused.reason
        else:
            copies.append(copy)
    if not copies:
        return _no_answer(first_reason or Reason.NO_RECEIPT, rules, modes, signal)
    if len(copies) == 1 and not signal:
        return copies[0].in_region(modes)
    copies.sort(key=lambda copy: copy.order, reverse=True)
    tokens = tuple(copy.token for copy in copies)
    return _answer([copy.receipt for copy in copies], tokens, rules, modes, signal)


def _different(values: Iterable[str | bytes]) -> list[str]:
    """Return the different values in their order, at most one more than is allowed; what is no text stands as text
    that no token has."""
    if isinstance(values, (str, bytes)):
        values = [values]
    elif not isinstance(values, Iterable):
        return [""]
    different: list[str] = []
    for value in values:
        text = value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else ""
        if text not in different:
            different.append(text)
            if len(different) > MAX_COPIES:
                break
    return different


def check_times(receipt: Receipt, now: float) -> None:
    """Raise ReceiptRefused unless the receipt counts at `now` (seconds)."""
    # Both are asked the way round that a clock which is not a number fails.
    if not receipt.given_at <= now + MAX_SKEW:
        raise ReceiptRefused(Reason.FROM_FUTURE)
    if not now < receipt.expires_at:
        raise ReceiptRefused(Reason.EXPIRED)


def _answer(
    receipts: list[Receipt], tokens: tuple[str, ...], rules: SiteRules, modes: Mapping[str, str], signal: bool
) -> Consent:
    """Return the consent of valid copies, the newest first: each can only take away (formats.md, 4.1)."""
    newest, others = receipts[0], receipts[1:]
    reasons = dict.fromkeys(rules.purposes or (), Reason.NOT_ASKED)
    for purpose, granted in newest.purposes.items():
        if rules.purposes is not None and purpose not in rules.purposes:
            continue
        if not granted:
            by_signal = newest.method == SIGNAL and purpose in rules.gpc
            reasons[purpose] = Reason.SIGNAL if by_signal else Reason.REFUSED
        elif others and not all(receipt.purposes.get(purpose) is True for receipt in others):
            reasons[purpose] = Reason.COPIES_DISAGREE
        elif signal and purpose in rules.gpc and not all(receipt.chosen_with_signal for receipt in receipts):
            reasons[purpose] = Reason.SIGNAL
        else:
            reasons[purpose] = Reason.GRANTED
    found = tuple(reasons.values())
    return Consent(
        reason=next(filter(found.__contains__, _FIRST_SAID), Reason.REFUSED),
        answered=True,
        granted=frozenset([purpose for purpose, reason in reasons.items() if reason is Reason.GRANTED]),
        refused=frozenset(
            [purpose for purpose, reason in reasons.items() if reason not in (Reason.GRANTED, Reason.NOT_ASKED)]
        ),
        record_id=newest.record,
        consent_id=None if newest.subject is None else grouped(newest.subject),
        given_at=newest.given_at,
        expires_at=newest.expires_at,
        reasons=MappingProxyType(reasons),
        otherwise=Reason.PURPOSE_UNKNOWN,
        modes=modes,
        receipts=tokens,
    )


def _no_answer(reason: Reason, rules: SiteRules, modes: Mapping[str, str], signal: bool) -> Consent:
    reasons = {
        purpose: Reason.SIGNAL if signal and purpose in rules.gpc else reason for purpose in rules.purposes or ()
    }
    return Consent(
        reason=reason,
        reasons=MappingProxyType(reasons),
        otherwise=None if rules.purposes is None else Reason.PURPOSE_UNKNOWN,
        modes=modes,
    )
