"""The receipt: what a visitor's cookie says was answered, in exactly one spelling (formats.md, 3)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .encoding import MAX_NUMBER, base64url_decode, base64url_encode, json_decode, json_encode
from .errors import ReceiptFormatError
from .subject import is_subject

__all__ = [
    "DAY",
    "METHODS",
    "SIGNAL",
    "Receipt",
    "ReceiptFormatError",
    "grant_receipt",
    "is_purpose",
    "is_site_key",
    "parse_receipt",
    "receipt_payload",
    "refusal_receipt",
]

DAY = 86_400
METHODS = frozenset({"accept_all", "custom", "api"})
# The method of version 2: Global Privacy Control refused what the policy ties to it, and other grants stand.
SIGNAL = "signal"

_SITE_KEY = re.compile(r"[a-z0-9]{4,32}")
_PURPOSE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_RULE = re.compile(r"[a-z0-9_.-]{1,64}")
_RECORD = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_REFUSAL_MEMBERS = frozenset({"v", "site", "pol", "rev", "p", "iat", "exp"})
_GRANT_MEMBERS = _REFUSAL_MEMBERS | {"sub", "rec", "leaf", "m", "gpc", "rule"}


def is_site_key(value: object) -> bool:
    """Say whether `value` is a site key (formats.md, 1)."""
    return isinstance(value, str) and _SITE_KEY.fullmatch(value) is not None


def is_purpose(value: object) -> bool:
    """Say whether `value` is a purpose id (formats.md, 1)."""
    return isinstance(value, str) and _PURPOSE.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt; making one with a value that the format does not allow raises ReceiptFormatError.

    `leaf` is the 32-byte leaf hash, `policy16` the first 16 bytes of the policy digest, `given_at` and `expires_at` are
    seconds since 1970. The receipt of a full refusal has None for subject, record, leaf, method, gpc and rule. With the
    method `signal` it is of version 2, else of version 1.
    """

    site: str
    subject: str | None
    record: str | None
    leaf: bytes | None
    policy16: bytes
    revision: int
    purposes: Mapping[str, bool]
    method: str | None
    gpc: bool | None
    given_at: int
    expires_at: int
    rule: str | None

    def __post_init__(self) -> None:
        if not isinstance(self.purposes, Mapping):
            raise _malformed("p")
        object.__setattr__(self, "purposes", MappingProxyType(dict(self.purposes)))
        wrong = self._wrong_anyway() or (self._wrong_refusal() if self.subject is None else self._wrong_grant())
        if wrong is not None:
            raise _malformed(wrong)

    # A server opens a receipt for each visitor whom it has not seen yet, so each member is asked once and in line.
    def _wrong_anyway(self) -> str | None:
        """Return the first member that no receipt has."""
        if not is_site_key(self.site):
            return "site"
        if not (isinstance(self.policy16, bytes) and len(self.policy16) == 16):
            return "pol"
        if not (_is_whole(self.revision) and self.revision >= 1):
            return "rev"
        if not (self.purposes and _are_answers(self.purposes)):
            return "p"
        if not _is_whole(self.given_at):
            return "iat"
        return None if _is_whole(self.expires_at) and self.expires_at > self.given_at else "exp"

    def _wrong_refusal(self) -> str | None:
        """Return the first member that no receipt of a full refusal has."""
        if True in self.purposes.values():
            return "p"
        # A finer time would tell the visitors of one day apart.
        if self.given_at % DAY != 0:
            return "iat"
        of_grants = {"rec": self.record, "leaf": self.leaf, "m": self.method, "gpc": self.gpc, "rule": self.rule}
        return next((member for member, value in of_grants.items() if value is not None), None)

    def _wrong_grant(self) -> str | None:
        """Return the first member that no receipt of a grant has."""
        if not is_subject(self.subject):
            return "sub"
        if True not in self.purposes.values():
            return "p"
        if not (isinstance(self.record, str) and _RECORD.fullmatch(self.record)):
            return "rec"
        if not (isinstance(self.leaf, bytes) and len(self.leaf) == 32):
            return "leaf"
        if not (isinstance(self.rule, str) and _RULE.fullmatch(self.rule)):
            return "rule"
        return self._wrong_method()

    def _wrong_method(self) -> str | None:
        if not (isinstance(self.method, str) and (self.method in METHODS or self.method == SIGNAL)):
            return "m"
        return None if type(self.gpc) is bool and (self.gpc or self.method != SIGNAL) else "gpc"

    @property
    def version(self) -> int:
        """The version of the format that it is written in."""
        return 2 if self.method == SIGNAL else 1

    @property
    def chosen_with_signal(self) -> bool:
        """Whether the visitor chose while the signal was on. By a signal alone nobody chose anything."""
        return self.gpc is True and self.method != SIGNAL

    @property
    def anonymous(self) -> bool:
        """Whether this is the receipt of a full refusal, the same for everybody who refused on its day."""
        return self.subject is None

    @property
    def order_key(self) -> int:
        """The time by which copies are ordered, seconds: a full refusal, which only knows its day, counts as the end
        of it, so that doubt is resolved towards the refusal (formats.md, 4.1)."""
        return self.given_at + DAY - 1 if self.anonymous else self.given_at


def grant_receipt(
    *,
    site: str,
    subject: str,
    record: str,
    leaf: bytes,
    policy16: bytes,
    revision: int,
    purposes: Mapping[str, bool],
    method: str,
    gpc: bool,
    given_at: int,
    expires_at: int,
    rule: str,
) -> Receipt:
    """Return the receipt of a decision that grants something; raise ReceiptFormatError for values out of form."""
    if subject is None:
        raise _malformed("sub")
    return Receipt(
        site=site,
        subject=subject,
        record=record,
        leaf=leaf,
        policy16=policy16,
        revision=revision,
        purposes=purposes,
        method=method,
        gpc=gpc,
        given_at=given_at,
        expires_at=expires_at,
        rule=rule,
    )


def refusal_receipt(
    *, site: str, policy16: bytes, revision: int, purposes: Iterable[str], given_at: int, lifetime: int
) -> Receipt:
    """Return the receipt of a full refusal of `purposes`, given at `given_at` and lasting `lifetime`, both in seconds.
    The time is cut to its day, so that it is the same for all who refuse that day. Raise ReceiptFormatError for
    values out of form."""
    if not _is_whole(given_at) or not _is_whole(lifetime):
        raise ReceiptFormatError("times are whole seconds")
    day = given_at - given_at % DAY
    return Receipt(
        site=site,
        subject=None,
        record=None,
        leaf=None,
        policy16=policy16,
        revision=revision,
        purposes=dict.fromkeys(purposes, False),
        method=None,
        gpc=None,
        given_at=day,
        expires_at=day + lifetime,
        rule=None,
    )


def receipt_payload(receipt: Receipt) -> bytes:
    """Return the canonical JSON that is signed for this receipt."""
    members: dict[str, object] = {
        "v": receipt.version,
        "site": receipt.site,
        "pol": base64url_encode(receipt.policy16).decode(),
        "rev": receipt.revision,
        "p": dict(receipt.purposes),
        "iat": receipt.given_at,
        "exp": receipt.expires_at,
    }
    if receipt.leaf is not None:
        members |= {
            "sub": receipt.subject,
            "rec": receipt.record,
            "leaf": base64url_encode(receipt.leaf).decode(),
            "m": receipt.method,
            "gpc": receipt.gpc,
            "rule": receipt.rule,
        }
    return json_encode(members)


def parse_receipt(payload: bytes) -> Receipt:
    """Return the receipt in a signed payload; raise ReceiptFormatError for every other bytes, also for other
    spellings of the same content. Times are not compared with any clock here."""
    try:
        members = json_decode(payload)
    except ValueError:
        raise ReceiptFormatError("the payload is not canonical JSON") from None
    if not isinstance(members, dict):
        raise ReceiptFormatError("a receipt is an object")
    expected = _GRANT_MEMBERS if "sub" in members else _REFUSAL_MEMBERS
    if members.keys() != expected:
        raise ReceiptFormatError("a receipt has exactly the members of its kind")
    # Each method belongs to one version, so that no receipt has two spellings.
    if type(members["v"]) is not int or members["v"] != (2 if members.get("m") == SIGNAL else 1):
        raise ReceiptFormatError("not a version that has this method")
    if "sub" in members and members["sub"] is None:
        raise _malformed("sub")
    return Receipt(
        site=members["site"],
        subject=members.get("sub"),
        record=members.get("rec"),
        leaf=_bytes_member(members, "leaf") if "leaf" in members else None,
        policy16=_bytes_member(members, "pol"),
        revision=members["rev"],
        purposes=members["p"],
        method=members.get("m"),
        gpc=members.get("gpc"),
        given_at=members["iat"],
        expires_at=members["exp"],
        rule=members.get("rule"),
    )


def _malformed(member: str) -> ReceiptFormatError:
    return ReceiptFormatError(f"{member} is not of the form that a receipt has")


def _are_answers(purposes: Mapping[str, bool]) -> bool:
    return all(map(is_purpose, purposes)) and all(type(answer) is bool for answer in purposes.values())


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_NUMBER


def _bytes_member(members: Mapping[str, object], member: str) -> bytes:
    text = members[member]
    try:
        return base64url_decode(str.encode(text, "ascii"))  # type: ignore[arg-type]  # what is no text is refused here
    except (TypeError, ValueError):
        raise ReceiptFormatError(f"{member} is not canonical base64url") from None
