"""Consents made by hand, for code that takes one."""

from collections.abc import Iterable
from types import MappingProxyType

from ..consent import Consent
from ..reason import Reason
from ..regions import Mode

_GIVEN_AT = 1_781_524_800
_EXPIRES_AT = _GIVEN_AT + 182 * 86_400


def granted(*purposes: str, refused: Iterable[str] = ()) -> Consent:
    """Return the consent of a visitor who granted `purposes` and refused the others."""
    reasons = dict.fromkeys(refused, Reason.REFUSED) | dict.fromkeys(purposes, Reason.GRANTED)
    return Consent(
        reason=Reason.GRANTED if purposes else Reason.REFUSED,
        answered=True,
        granted=frozenset(purposes),
        refused=frozenset(refused) - frozenset(purposes),
        record_id="019ecb1d-0400-7000-8000-000000000001" if purposes else None,
        given_at=_GIVEN_AT,
        expires_at=_EXPIRES_AT,
        reasons=MappingProxyType(reasons),
        otherwise=Reason.PURPOSE_UNKNOWN,
        modes=MappingProxyType(dict.fromkeys(reasons, str(Mode.OPT_IN))),
    )


def refused(*purposes: str) -> Consent:
    """Return the consent of a visitor who answered, and refused everything."""
    return granted(refused=purposes)


def no_answer(reason: Reason = Reason.NO_RECEIPT, **modes: str) -> Consent:
    """Return the consent of a visitor who has not answered, or whose receipt is not believed for `reason`. `modes` are
    the modes of the site's purposes where the law of a region matters."""
    return Consent(
        reason=reason,
        reasons=MappingProxyType(dict.fromkeys(modes, reason)),
        otherwise=Reason.PURPOSE_UNKNOWN if modes else None,
        modes=MappingProxyType(dict(modes)),
    )
