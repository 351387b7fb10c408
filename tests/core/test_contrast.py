"""Contrast is WCAG's, held to its own examples; the banner's own colours pass, and a theme's are told apart."""

import re
from pathlib import Path

import pytest

from askfirst.core.contrast import contrast, is_colour, luminance
from askfirst.core.theme import COLOURS, DEFAULTS, TOKENS, colour, theme_faults

STYLE = Path(__file__).parents[2] / "snippet" / "src" / "style.css"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000", "#fff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.478),
        ("#767676", "#ffffff", 4.542),
        ("#949494", "#ffffff", 3.033),
        ("#1c1b19", "#1c1b19", 1.0),
        ("#ff0000", "#ffffff", 3.998),
    ],
)
def test_ratios_are_those_that_every_checker_gives(one, other, ratio):
    """#767676 is the lightest grey that can be read on white, #949494 the lightest that draws a control."""
    assert ratio == pytest.approx(contrast(one, other), abs=0.001)
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize("text", ["", "#12", "#12345", "#12345678", "red", "rgb(0,0,0)", "#ggg", "#fff;", "#fff\n"])
def test_what_is_no_opaque_colour_has_no_luminance(text):
    """Neither names nor transparency: its contrast could not be told."""
    assert not is_colour(text)
    with pytest.raises(ValueError, match="not a colour"):
        luminance(text)


def test_the_defaults_are_the_colours_of_the_style_sheet():
    """What the check computes with is what a visitor sees."""
    css = re.sub(r"\s", "", STYLE.read_text(encoding="utf-8"))
    light, dark = css.split("@media(prefers-color-scheme:dark)", 1)
    for scheme, part in (("light", light), ("dark", dark)):
        seen = {name: _long(found[0]) for name in DEFAULTS[scheme] if (found := re.findall(rf"--{name}:(#\w+)", part))}
        assert DEFAULTS[scheme] == seen


def _long(colour_text: str) -> str:
    return colour_text if len(colour_text) == 7 else "#" + "".join(digit * 2 for digit in colour_text[1:])


def test_a_button_is_ink_and_its_label_paper_without_colours_of_their_own():
    """A scheme is dressed by its own tokens only."""
    theme = {"ink": "#102030", "dark-button": "#203040"}

    assert ("#102030", "#ffffff") == (colour(theme, "button", "light"), colour(theme, "button-ink", "light"))
    assert ("#203040", "#1f1e1c") == (colour(theme, "button", "dark"), colour(theme, "button-ink", "dark"))
    assert "#f3f1ec" == colour(theme, "ink", "dark")


def test_every_token_takes_a_value():
    """The closed list: seven colours in two schemes, a radius and a font."""
    theme = dict.fromkeys(TOKENS, "#123456") | {
        "radius": "0.5rem",
        "font": "'Source Sans 3', system-ui, sans-serif",
    }

    assert 16 == len(TOKENS) == 2 * len(COLOURS) + 2
    assert [] == list(theme_faults(theme))
