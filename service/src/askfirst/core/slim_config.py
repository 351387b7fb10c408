"""What of a packed configuration every page needs; the rest is fetched where somebody opens the second layer.

It has the same places, so that the snippet reads both with the same code: what is left out is empty there.
"""

from collections.abc import Sequence
from typing import Any, Final

from askfirst.core.packed_config import TEXTS

_VERSION: Final = 3
# What the first layer, the control and the line about the outcome say.
_FIRST: Final = frozenset(
    ("text", "about", "accept", "reject", "settings", "banner_name", "withdraw", "saved", "queued", "reopen")
)
# A service of which nothing is known but what it stores.
_NAMELESS: Final = ("", "", "", "")


def slim_config(config: Sequence[Any], failed: str) -> list[object]:
    """Return a packed configuration without what only the second layer and placeholders say.

    `failed` is what is said where that can not be fetched. The names of what services store stay, since a withdrawal
    deletes it without asking anybody.
    """
    _, site, service, policy, build, revision, language, texts, purposes, more = config
    return [
        _VERSION,
        *(site, service, policy, build, revision, language),
        [text if name in _FIRST else 0 for text, name in zip(texts, TEXTS, strict=True)],
        [_purpose(purpose) for purpose in purposes],
        _more(more) | {"failed": failed},
    ]


def _purpose(purpose: Sequence[Any]) -> list[object]:
    stored = [
        [name, "", "", *kind] if kind else [name]
        for _, _, _, _, *cookies in purpose[4:]
        for name, _, _, *kind in cookies
    ]
    return [purpose[0], "", "", "", [*_NAMELESS, *stored]] if stored else [purpose[0]]


def _more(more: dict[str, Any]) -> dict[str, Any]:
    parts = dict(more.get("parts", {}))
    if "embeds" in parts:
        parts["embeds"] = 1
    if "gpc" in parts:
        parts["gpc"] = parts["gpc"][:1]
    needed = {name: value for name, value in more.items() if name != "switch"}
    return {**needed, "parts": parts} if parts else needed
