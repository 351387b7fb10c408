"""What a server may do for this visitor: the answer that applications ask questions of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .reason import Reason
from .regions import Mode

# Only where no answer is in the way does the law of a region speak: in doubt about a receipt, nothing happens.
_SILENT = frozenset({Reason.NO_RECEIPT, Reason.EXPIRED})
_PERMITTED_BY_LAW: Mapping[str, Reason] = {
    Mode.EXEMPT: Reason.EXEMPT,
    Mode.NOTICE: Reason.NOTICE,
    Mode.OPT_OUT: Reason.OPT_OUT,
}
_NECESSARY = "necessary"


@dataclass(frozen=True, slots=True)
class Consent:
    """The consent of one visitor at one moment. No method raises, whatever it is asked.

    `answered` and `granted` are different questions: who refused everything has answered and allows nothing.
    `given_at` and `expires_at` are seconds since 1970 and, like `record_id` and `consent_id`, None where there is no
    valid receipt; a full refusal has no record id and no consent id, since it leaves no identifier. `receipts` are the
    tokens that it rests on, the newest first.
    """

    reason: Reason
    answered: bool = False
    granted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    record_id: str | None = None
    consent_id: str | None = None
    given_at: int | None = None
    expires_at: int | None = None
    reasons: Mapping[str, Reason] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    otherwise: Reason | None = field(default=None, repr=False)
    modes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    receipts: tuple[str, ...] = field(default=(), repr=False)

    def allows(self, purpose: str) -> bool:
        """Say whether this visitor consented to `purpose`."""
        return isinstance(purpose, str) and purpose in self.granted

    def why(self, purpose: str) -> Reason:
        """Return the reason for what `allows` says about `purpose`."""
        fallback = self.reason if self.otherwise is None else self.otherwise
        return self.reasons.get(purpose, fallback) if isinstance(purpose, str) else fallback

    def permitted(self, purpose: str) -> bool:
        """Say whether `purpose` may happen: the visitor consented, or the law of the site's region asks for no consent
        and the visitor has not objected."""
        return self.allows(purpose) or self._law(purpose) is not None

    def why_permitted(self, purpose: str) -> Reason:
        """Return the reason for what `permitted` says about `purpose`."""
        law = None if self.allows(purpose) else self._law(purpose)
        return self.why(purpose) if law is None else law

    def cache_key(self, purposes: Iterable[str] | None = None, *, by_law: bool = False) -> str:
        """Return a text that is the same for all visitors who may be shown the same page: one character a purpose, `1`
        where it is allowed and `0` where it is not, in alphabetical order.

        `purposes` are those that the page depends on; without them all of the site. With `by_law` it is asked what is
        `permitted`. Without `purposes`, and where nobody knows which the site has, every purpose counts as refused.
        """
        asked = self.modes if purposes is None else purposes
        holds = self.permitted if by_law else self.allows
        return "".join("1" if holds(purpose) else "0" for purpose in sorted(set(map(str, asked))))

    def _law(self, purpose: str) -> Reason | None:
        if not isinstance(purpose, str):
            return None
        if purpose == _NECESSARY:
            return Reason.NECESSARY
        if self.why(purpose) not in _SILENT:
            return None
        return _PERMITTED_BY_LAW.get(self.modes.get(purpose, Mode.OPT_IN))
