"""The descriptor: the signed file that tells servers which receipts of a site to believe, and by which keys."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .encoding import MAX_NUMBER, json_decode, json_encode
from .errors import DescriptorFormatError
from .keys import KeyFormatError, KeyRing
from .receipt import is_purpose, is_site_key
from .regions import DEFAULT_RULE, Mode, RegionRule, Rules, is_rule
from .token import DESCRIPTOR_SALT, TokenVerifier, claimed_payload

__all__ = [
    "CookieRule",
    "Descriptor",
    "DescriptorFormatError",
    "Mode",
    "descriptor_payload",
    "parse_descriptor",
    "verified_descriptor",
]

_MEMBERS = frozenset({"v", "site", "revisions", "policy", "purposes", "gpc", "keys", "revoked", "cookie", "iat", "exp"})
_MEMBERS_2 = _MEMBERS | {"rules"}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class CookieRule:
    """How the receipt's cookie is written: `domain` is given exactly when the answer is `shared` among sub-domains."""

    shared: bool = False
    domain: str | None = None
    partitioned: bool = False

    def __post_init__(self) -> None:
        _require(type(self.shared) is bool and type(self.partitioned) is bool, "cookie")
        _require(self.shared == (self.domain is not None), "cookie")
        _require(self.domain is None or _matches(_DOMAIN, self.domain), "cookie")

    def on(self, host: str) -> "CookieRule":
        """Return how the cookie is written on this host (as a Host header writes it): shared only where the host is one
        of those that share."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if self.domain is not None and not f".{name.lower()}".endswith(f".{self.domain}"):
            return CookieRule(partitioned=self.partitioned)
        return self


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One descriptor; making one with a value out of form raises DescriptorFormatError.

    `revisions` are those still accepted, `policy` the current policy's digest (64 hex), `purposes` its optional
    purposes with their mode, `gpc` those that Global Privacy Control refuses, `keys` the verifier key strings believed
    for receipts, `revoked` key ids (8 hex) never to be believed again. `rules` are the region rules by id. Times
    are seconds since 1970. With region rules it is of version 2, without of version 1.
    """

    site: str
    revisions: tuple[int, ...]
    policy: str
    purposes: Mapping[str, str]
    keys: tuple[str, ...]
    issued_at: int
    expires_at: int
    gpc: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    cookie: CookieRule = field(default_factory=CookieRule)
    rules: Mapping[str, RegionRule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for member in ("revisions", "keys", "gpc", "revoked"):
            value = getattr(self, member)
            _require(isinstance(value, (list, tuple)), member)
            object.__setattr__(self, member, tuple(value))
        _require(isinstance(self.purposes, Mapping), "purposes")
        object.__setattr__(self, "purposes", MappingProxyType(dict(self.purposes)))
        _require(is_site_key(self.site), "site")
        _require(all(_is_whole(revision) and revision >= 1 for revision in self.revisions), "revisions")
        _require(_matches(_DIGEST, self.policy), "policy")
        _require(all(is_purpose(purpose) for purpose in self.purposes), "purposes")
        _require(all(mode in tuple(Mode) for mode in self.purposes.values()), "purposes")
        _require(all(is_purpose(purpose) and purpose in self.purposes for purpose in self.gpc), "gpc")
        _require(all(_matches(_KEY_ID, key_id) for key_id in self.revoked), "revoked")
        _require(isinstance(self.cookie, CookieRule), "cookie")
        _require(isinstance(self.rules, Mapping), "rules")
        object.__setattr__(self, "rules", MappingProxyType(dict(self.rules)))
        for name, rule in self.rules.items():
            _require(isinstance(rule, RegionRule) and is_rule(name) and name != DEFAULT_RULE, "rules")
            _require(rule.modes.keys() <= self.purposes.keys(), "rules")
        _require(_is_whole(self.issued_at), "iat")
        _require(_is_whole(self.expires_at) and self.expires_at > self.issued_at, "exp")
        self.ring()

    def ring(self) -> KeyRing:
        """Return the keys believed for receipts, without the revoked ones."""
        try:
            return KeyRing.parse(self.keys).without(self.revoked_ids())
        except KeyFormatError as error:
            raise DescriptorFormatError(f"keys: {error}") from None

    def region_rules(self) -> Rules:
        """Return what holds where."""
        return Rules(self.purposes, self.rules)

    def revoked_ids(self) -> frozenset[bytes]:
        """Return the 4-byte ids of the revoked keys."""
        return frozenset(bytes.fromhex(key_id) for key_id in self.revoked)


def descriptor_payload(descriptor: Descriptor) -> bytes:
    """Return the canonical JSON that is signed for this descriptor."""
    cookie = descriptor.cookie
    members: dict[str, object] = {
        "v": 2 if descriptor.rules else 1,
        "site": descriptor.site,
        "revisions": list(descriptor.revisions),
        "policy": descriptor.policy,
        "purposes": {purpose: str(mode) for purpose, mode in descriptor.purposes.items()},
        "gpc": list(descriptor.gpc),
        "keys": list(descriptor.keys),
        "revoked": list(descriptor.revoked),
        "cookie": {"shared": cookie.shared, "domain": cookie.domain, "partitioned": cookie.partitioned},
        "iat": descriptor.issued_at,
        "exp": descriptor.expires_at,
    }
    if descriptor.rules:
        members["rules"] = {
            name: {
                "places": list(rule.places),
                "modes": {purpose: str(mode) for purpose, mode in rule.modes.items()},
                "since": rule.since,
                "until": rule.until,
            }
            for name, rule in descriptor.rules.items()
        }
    return json_encode(members)


def parse_descriptor(payload: bytes) -> Descriptor:
    """Return the descriptor in a signed payload; raise DescriptorFormatError for every other bytes. Times are not
    compared with any clock here."""
    try:
        members = json_decode(payload)
    except ValueError:
        raise DescriptorFormatError("the payload is not canonical JSON") from None
    version = members.get("v") if isinstance(members, dict) else None
    if not isinstance(members, dict) or type(version) is not int or version not in (1, 2):
        raise DescriptorFormatError("not version 1 or 2")
    if members.keys() != (_MEMBERS if version == 1 else _MEMBERS_2):
        raise DescriptorFormatError("a descriptor has exactly the members of its version")
    _require(version == 1 or (isinstance(members["rules"], dict) and bool(members["rules"])), "rules")
    cookie = members["cookie"]
    _require(isinstance(cookie, dict) and cookie.keys() == {"shared", "domain", "partitioned"}, "cookie")
    return Descriptor(
        site=members["site"],
        revisions=members["revisions"],
        policy=members["policy"],
        purposes=members["purposes"],
        gpc=members["gpc"],
        keys=members["keys"],
        revoked=members["revoked"],
        cookie=CookieRule(**cookie),
        issued_at=members["iat"],
        expires_at=members["exp"],
        rules={name: _rule(rule) for name, rule in members.get("rules", {}).items()},
    )


def _rule(members: object) -> RegionRule:
    _require(isinstance(members, dict) and members.keys() == {"places", "modes", "since", "until"}, "rules")
    assert isinstance(members, dict)  # noqa: S101  # for the type checker: required above
    return RegionRule(**members)


def verified_descriptor(token: str, pinned: KeyRing | None) -> Descriptor:
    """Return the descriptor in a token that is signed by a pinned key which it does not itself revoke.

    Without pinned keys the word of the connection that brought it is taken for the keys that it names, and it must at
    least be signed by one of those. Raise a TokenError or DescriptorFormatError for any other token.
    """
    ring = parse_descriptor(claimed_payload(token, DESCRIPTOR_SALT)).ring() if pinned is None else pinned
    descriptor = parse_descriptor(TokenVerifier(ring, DESCRIPTOR_SALT).payload(token))
    TokenVerifier(ring.without(descriptor.revoked_ids()), DESCRIPTOR_SALT).payload(token)
    return descriptor


def _require(holds: bool, member: str) -> None:
    if not holds:
        raise DescriptorFormatError(f"{member} is not of the form that a descriptor has")


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_NUMBER


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
