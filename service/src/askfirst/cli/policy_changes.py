"""How commands tell what differs between two policies, and what that means for visitors."""

from collections.abc import Sequence

from askfirst.core.policy_diff import Change
from askfirst.core.policy_words import place_words, value_lines
from askfirst.output import say

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_MOST_LINES = 6


def say_changes(changes: Sequence[Change]) -> None:
    """Print what differs, a change a line, long values shortened."""
    if not changes:
        say("Nothing differs.")
    for change in changes:
        was, now = value_lines(change.before), value_lines(change.after)
        place = f"{_SIGNS[change.kind]} {place_words(change.path)}"
        if len(was) <= 1 and len(now) <= 1:
            values = [f"“{line}”" for line in (*was, *now)]
            say(f"{place}: {' → '.join(values)}" if values else place)
            continue
        say(f"{place}:")
        lines = was or now  # only what came or went as a whole has several
        for line in lines[:_MOST_LINES]:
            say(f"    {line}")
        if len(lines) > _MOST_LINES:
            say(f"    and {len(lines) - _MOST_LINES} more; --json shows all")


def say_asking(title: str, why: Sequence[str]) -> None:
    """Print whether visitors are asked again, and why."""
    if not why:
        say("Nobody who answered is asked again.")
        return
    say(title)
    for cause in why:
        say(f"  {cause}")
