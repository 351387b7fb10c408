"""How well one colour can be read on another, as WCAG 2.2 measures it."""

import re
from typing import Final

_HEX: Final = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
# Relative luminance of red, green and blue (WCAG 2.2, definition of relative luminance).
_WEIGHTS: Final = (0.2126, 0.7152, 0.0722)
_LINEAR_BELOW: Final = 0.04045


def is_colour(text: str) -> bool:
    """Return whether a text is an opaque colour as `#rgb` or `#rrggbb`, the only forms that a theme has."""
    return bool(_HEX.fullmatch(text))


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rgb` or `#rrggbb`, 0 (black) to 1 (white); ValueError for other texts."""
    found = _HEX.fullmatch(colour)
    if found is None:
        raise ValueError(f"{colour} is not a colour such as #1c1b19")
    digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
    channels = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return sum(weight * _linear(channel) for weight, channel in zip(_WEIGHTS, channels, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 (the same) to 21 (black on white), in either order (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _linear(channel: float) -> float:
    # The threshold is the one of sRGB itself; the older 0.03928 of WCAG's text differs for no colour of 8 bits.
    return channel / 12.92 if channel <= _LINEAR_BELOW else ((channel + 0.055) / 1.055) ** 2.4
