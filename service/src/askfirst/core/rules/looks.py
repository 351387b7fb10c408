"""Rules about the theme: whatever a site's colours are, every word and control can be seen, in light and in dark."""

from collections.abc import Iterator
from typing import Final

from askfirst.core.contrast import contrast
from askfirst.core.policy import PolicyDraft
from askfirst.core.rules.rule import Background, Fault, Rule
from askfirst.core.theme import DEFAULTS, Scheme, colour, token

_TEXT: Final = 4.5  # WCAG 2.2, 1.4.3; the banner's text is never large enough for 3
_CONTROL: Final = 3.0  # WCAG 2.2, 1.4.11
_SCHEMES: Final[tuple[Scheme, ...]] = tuple(DEFAULTS)

_Pairs = tuple[tuple[str, str, str], ...]

# What is drawn, in which colour, on which: in every state of the banner. A button under the pointer keeps its colours;
# a link is written in the ink of its text; a switch that is on is a knob of paper in a track of ink.
_TEXTS: Final[_Pairs] = (
    ("text", "ink", "paper"),
    ("quieter text", "quiet", "paper"),
)
_ANSWERS: Final[_Pairs] = (("the label of Accept and of Reject", "button-ink", "button"),)
_CONTROLS: Final[_Pairs] = (
    ("the shape of Accept and of Reject", "button", "paper"),
    ("the frame of Save and a switch that is on", "ink", "paper"),
    ("a switch that is off", "quiet", "paper"),
)
_FOCUS: Final[_Pairs] = (("the ring around what has the focus", "accent", "paper"),)


def _too_faint(draft: PolicyDraft, pairs: _Pairs, least: float) -> Iterator[Fault]:
    for scheme in _SCHEMES:
        for what, front, back in pairs:
            one, other = (colour(draft.theme, name, scheme) for name in (front, back))
            ratio = contrast(one, other)
            if ratio < least:
                # Rounded down: what is just too faint is not said to be enough.
                shown = f"{int(ratio * 100) / 100:.2f}"
                said = f"{what} is {one} on {other} in the {scheme} scheme, a contrast of {shown}:1, not {least:g}:1"
                yield Fault(_where(draft, front, back, scheme), said)


def _where(draft: PolicyDraft, front: str, back: str, scheme: Scheme) -> tuple[str, ...]:
    candidates = [token(name, scheme) for name in (front, back, "ink", "paper")]
    return ("theme", next((name for name in candidates if name in draft.theme), candidates[0]))


def _texts(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    yield from _too_faint(draft, _TEXTS, _TEXT)


def _answers(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    yield from _too_faint(draft, _ANSWERS, _TEXT)


def _controls(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    yield from _too_faint(draft, _CONTROLS, _CONTROL)


def _focus(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    yield from _too_faint(draft, _FOCUS, _CONTROL)


RULES: Final = (
    Rule(
        id="ASK-4.contrast",
        severity="error",
        title="Both answers can be read, in light and in dark",
        source="EDPB cookie banner taskforce report (2023), 15-19; WCAG 2.2, 1.4.3",
        mend=f"Let button-ink stand out from button by {_TEXT:g}:1, and so with dark-button-ink and dark-button.",
        check=_answers,
    ),
    Rule(
        id="AC-1.text",
        severity="error",
        title="Every text can be read, in light and in dark",
        source="WCAG 2.2, 1.4.3; EN 301 549, 9.1.4.3",
        mend=f"Let ink and quiet stand out from paper by {_TEXT:g}:1, and so with their dark ones.",
        check=_texts,
    ),
    Rule(
        id="AC-1.controls",
        severity="error",
        title="Buttons and switches can be seen, in light and in dark",
        source="WCAG 2.2, 1.4.11; EN 301 549, 9.1.4.11",
        mend=f"Let button, ink and quiet stand out from paper by {_CONTROL:g}:1, and so with their dark ones.",
        check=_controls,
    ),
    Rule(
        id="AC-1.focus",
        severity="error",
        title="What has the focus can be seen, in light and in dark",
        source="WCAG 2.2, 1.4.11, 2.4.7; EN 301 549, 9.2.4.7",
        mend=f"Let accent stand out from paper by {_CONTROL:g}:1, and so with dark-accent and dark-paper.",
        check=_focus,
    ),
)
