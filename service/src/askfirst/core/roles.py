"""The staff roles."""

from enum import StrEnum


class Role(StrEnum):
    """What staff may do: look at records, publish policies, or everything."""

    AUDITOR = "auditor"
    EDITOR = "editor"
    OWNER = "owner"
