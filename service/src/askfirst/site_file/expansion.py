"""What becomes of a site file while it is written out: members, where they came from, and what is wrong."""

from dataclasses import dataclass, field
from typing import Any

Members = dict[str, Any]


@dataclass(slots=True)
class Expansion:
    """The members of a draft, and where they came from.

    `origins` leads from a member of the draft to that of the file, where they differ: `purposes.1` to `purposes.0`.
    `faults` are (member of the file, what is wrong, what would mend it).
    """

    members: Members
    origins: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[str, str, str]] = field(default_factory=list)

    def fault(self, member: str, said: str, mend: str) -> None:
        """Note something that can not be written out."""
        self.faults.append((member, said, mend))

    def origin(self, member: str) -> str:
        """Return what a member of the draft is in the file."""
        head, rest = member, ""
        while head:
            if head in self.origins:
                return ".".join(part for part in (self.origins[head], rest) if part)
            head, _, last = head.rpartition(".")
            rest = f"{last}.{rest}" if rest else last
        return member


def mappings(value: object) -> list[Members]:
    """Return those items of a list that have members; none of anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def strings(value: object) -> list[str]:
    """Return those items of a list that are texts; none of anything else."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
