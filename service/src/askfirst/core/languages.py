"""What the service has to know about a language by itself: its tag and its direction."""

from typing import Annotated, Final

from pydantic import StringConstraints

# BCP 47 in its usual spelling: language, then script and region where they matter.
Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$", max_length=11)
]

_RIGHT_TO_LEFT: Final = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS: Final = frozenset({"Arab", "Hebr", "Syrc", "Thaa"})
_SCRIPT_LENGTH: Final = 4


def direction(language: str) -> str:
    """Return `rtl` for a language that is written from right to left, else `ltr`."""
    first, *rest = language.split("-")
    script = next((part for part in rest if len(part) == _SCRIPT_LENGTH and part.isalpha()), None)
    if script is not None:
        return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if first in _RIGHT_TO_LEFT else "ltr"
