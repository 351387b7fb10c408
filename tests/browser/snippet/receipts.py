"""Receipts in the frozen form (formats.md, 3) with an empty signature, which browsers do not check."""

import base64
import json
from typing import Any

DAY = 86_400
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DATA = "01K9X7QM3D4F8HTZB2NC"


def subject() -> str:
    """Return a subject with its check character (formats.md, 1.1)."""
    total = 0
    for character in reversed(_DATA):
        total = (total ^ _ALPHABET.index(character)) << 1
        if total & 32:
            total ^= 37
    return _DATA + _ALPHABET[total]


def receipt(site: str, purposes: dict[str, bool], *, now: float, revision: int = 1, **other: Any) -> str:
    """Return the token for these answers given at `now` (seconds); `other` replaces members of the payload."""
    granted = any(purposes.values())
    given = int(now) if granted else int(now) // DAY * DAY
    members: dict[str, Any] = {
        "v": 1,
        "site": site,
        "pol": _base64url(bytes(16)),
        "rev": revision,
        "p": purposes,
        "iat": given,
        "exp": given + 182 * DAY,
    }
    if granted:
        members |= {
            "sub": subject(),
            "rec": "01890a5d-ac96-774b-bcce-b302099a8057",
            "leaf": _base64url(bytes(32)),
            "m": "accept_all" if all(purposes.values()) else "custom",
            "gpc": False,
            "rule": "default",
        }
    payload = json.dumps(members | other, sort_keys=True, separators=(",", ":"))
    return f"{_base64url(payload.encode())}.{_base64url(bytes(68))}"


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
