"""The places whose law the rules speak of, and how strict the ways to handle a purpose are."""

from typing import Final

from askfirst.core.purposes import Mode

EEA: Final = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
# Where storing and reading needs consent before (REQUIREMENTS RG-1, RG-3); the United Kingdom has rules of its own.
OPT_IN: Final = EEA | {"BR", "CA-QC", "CH"}

# Greater is stricter.
STRICTNESS: Final[dict[Mode, int]] = {"opt_in": 3, "opt_out": 2, "exempt": 1, "notice": 0}


def in_us(place: str) -> bool:
    """Return whether a place is the United States or one of them."""
    return place == "US" or place.startswith("US-")
