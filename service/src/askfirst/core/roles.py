"""The roles of staff, and the one of a website's own server."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What staff may do: look at records, publish policies, or everything. `recorder` is for programs alone: a
    website's own server, which relays its visitors' answers and records decisions, and sees nothing."""

    AUDITOR = "auditor"
    EDITOR = "editor"
    OWNER = "owner"
    RECORDER = "recorder"


# The roles that a person may have.
STAFF_ROLES: Final = (Role.AUDITOR, Role.EDITOR, Role.OWNER)
