"""How a site may dress its banner: a few tokens with safe values, and what the banner looks like without them."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from askfirst.core.contrast import is_colour

Scheme = Literal["light", "dark"]

# The banner's own colours. snippet/src/style.css has the same, held equal by a test.
DEFAULTS: Final[Mapping[Scheme, Mapping[str, str]]] = {
    "light": {"paper": "#ffffff", "ink": "#1c1b19", "quiet": "#5c5a54", "line": "#dedbd4", "accent": "#1d4fd7"},
    "dark": {"paper": "#1f1e1c", "ink": "#f3f1ec", "quiet": "#b6b3ab", "line": "#44423d", "accent": "#a5bdff"},
}
# Both answers are filled with `button` and written in `button-ink`; without them, in ink and paper.
_FALLS_BACK: Final[Mapping[str, str]] = {"button": "ink", "button-ink": "paper"}

COLOURS: Final = (*DEFAULTS["light"], *_FALLS_BACK)
COLOUR_TOKENS: Final = (*COLOURS, *(f"dark-{name}" for name in COLOURS))
TOKENS: Final = (*COLOUR_TOKENS, "radius", "font")

_RADIUS: Final = re.compile(r"0|[0-9]{1,2}(\.[0-9]{1,2})?(px|rem|em)")
_FAMILY: Final = r"([A-Za-z][A-Za-z0-9-]*( [A-Za-z0-9-]+)*|'[A-Za-z0-9 _-]+')"
_FONT: Final = re.compile(rf"{_FAMILY}(, ?{_FAMILY})*")


def theme_faults(theme: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (member, what is wrong) for every token that there is not, and every value that is not of its form.

    The values go into a style sheet on somebody's page, so nothing is let through that could end a declaration, name
    another property or load anything; a colour is opaque, or its contrast could not be told.
    """
    for name, value in theme.items():
        if name not in TOKENS:
            yield f"theme.{name}", f"is no token of a theme: there are {', '.join(TOKENS)}"
        elif name == "radius":
            if not _RADIUS.fullmatch(value):
                yield "theme.radius", "must be a length such as 8px, 0.5rem or 0"
        elif name == "font":
            if not _FONT.fullmatch(value):
                yield "theme.font", "must be font families such as: 'Source Sans 3', system-ui, sans-serif"
        elif not is_colour(value):
            yield f"theme.{name}", "must be an opaque colour such as #1c1b19"


def colour(theme: Mapping[str, str], name: str, scheme: Scheme) -> str:
    """Return the colour that a token has in a scheme: the theme's own, what it falls back to, or the default.

    A scheme is dressed by its own tokens only: a light `ink` says nothing about the dark one.
    """
    own = theme.get(token(name, scheme))
    if own is not None:
        return own
    return colour(theme, _FALLS_BACK[name], scheme) if name in _FALLS_BACK else DEFAULTS[scheme][name]


def token(name: str, scheme: Scheme) -> str:
    """Return the name that a colour's token has in a scheme: `ink`, `dark-ink`."""
    return name if scheme == "light" else f"dark-{name}"
