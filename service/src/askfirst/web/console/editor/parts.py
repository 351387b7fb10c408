"""All parts of the editor, in the order in which somebody goes through them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from askfirst.usecases.check_draft import DraftFinding
from askfirst.web.console.editor import answers, languages, looks, purposes, regions, services, who, words
from askfirst.web.console.editor.part import Part

PARTS: Final[tuple[Part, ...]] = (
    who.PART,
    languages.PART,
    words.PART,
    purposes.PART,
    services.PART,
    looks.PART,
    answers.PART,
    regions.PART,
)
BY_NAME: Final = {part.name: part for part in PARTS}
_BY_MEMBER: Final = {member: part for part in PARTS for member in part.members}


def part_of(finding: DraftFinding) -> Part | None:
    """Return the part in which a finding can be mended; None where it is about the whole draft."""
    return _BY_MEMBER.get(finding.path.partition(".")[0])


def found_in(part: Part, findings: Sequence[DraftFinding]) -> list[DraftFinding]:
    """Return the findings of one part."""
    return [one for one in findings if part_of(one) is part]


def address_of(finding: DraftFinding) -> str:
    """Return where in the editor a finding can be mended: a part, with its item and language, and the field."""
    part = part_of(finding)
    if part is None:
        return ""
    steps = finding.path.split(".")
    query = []
    if part.items and len(steps) > 1 and steps[1].isdigit():
        query.append(f"item={steps[1]}")
    if part.by_language and (language := _language(steps)):
        query.append(f"language={language}")
    return f"{part.name}{'?' if query else ''}{'&'.join(query)}#{finding.path}"


def _language(steps: Sequence[str]) -> str:
    if steps[0] == "texts" and len(steps) > 1:
        return steps[1]
    for step, following in pairwise(steps):
        if step in ("name", "description", "opt_out_link"):
            return following
    return ""
