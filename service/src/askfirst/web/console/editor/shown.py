"""A part of the draft as its page shows it: what each field holds, what was found there, and what others wrote."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from askfirst.core.languages import direction
from askfirst.usecases.check_draft import DraftFinding
from askfirst.web.console.editor.fields import Field, Group, value_of


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field; `theirs` is what is saved now where that is something else, else None."""

    field: Field
    value: Any
    findings: tuple[DraftFinding, ...]
    theirs: str | None
    dir: str


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """One group of fields with what was found in it as a whole."""

    group: Group
    fields: tuple[ShownField, ...]
    findings: tuple[DraftFinding, ...]


@dataclass(frozen=True, slots=True)
class ShownPart:
    """All groups of a page, and the findings of the part that stand in another language or item."""

    groups: tuple[ShownGroup, ...]
    elsewhere: tuple[DraftFinding, ...]

    @property
    def findings(self) -> tuple[DraftFinding, ...]:
        """Everything that is told on the page."""
        here = [one for group in self.groups for one in group.findings]
        return tuple(here + [one for group in self.groups for each in group.fields for one in each.findings])


def show(groups: Sequence[Group], members: Any, findings: Iterable[DraftFinding], saved: Any = None) -> ShownPart:
    """Return the groups as they are shown. `saved` are the members that are saved now, where those are others."""
    places: dict[str, list[DraftFinding]] = {}
    elsewhere: list[DraftFinding] = []
    names = [field.name for group in groups for field in group.fields]
    paths = [".".join(map(str, group.path)) for group in groups if group.path]
    for finding in findings:
        place = _place(finding.path, names) or _place(finding.path, paths)
        if place is None:
            elsewhere.append(finding)
        else:
            places.setdefault(place, []).append(finding)
    return ShownPart(
        tuple(
            ShownGroup(
                group,
                tuple(_field(one, members, saved, tuple(places.get(one.name, ()))) for one in group.fields),
                tuple(places.get(".".join(map(str, group.path)), ())) if group.path and not _is_field(group) else (),
            )
            for group in groups
        ),
        tuple(elsewhere),
    )


def _is_field(group: Group) -> bool:
    """Tell whether a group's own path is that of one of its fields, which then tells what was found."""
    return any(one.path == group.path for one in group.fields)


def _place(path: str, names: Iterable[str]) -> str | None:
    """Return the longest of the names that a path is, or that it lies in."""
    found = [name for name in names if path == name or path.startswith(f"{name}.")]
    return max(found, key=len, default=None)


def _field(one: Field, members: Any, saved: Any, findings: tuple[DraftFinding, ...]) -> ShownField:
    value = value_of(one, members)
    theirs = value_of(one, saved) if saved is not None else value
    return ShownField(
        one,
        value,
        findings,
        None if theirs == value else _words(theirs),
        direction(one.language) if one.language else "",
    )


def _words(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return "✓" if value else "–"
    return str(value)
