"""What somebody may be allowed: a role, for the whole organisation or for some of its sites."""

from collections.abc import Collection, Iterable

from askfirst.core.errors import Unauthorized
from askfirst.core.roles import STAFF_ROLES, Role


def role_of(text: str) -> Role:
    """Return the role that a row of the database names; raise Unauthorized where somebody wrote another word there."""
    if text not in tuple(Role):
        raise Unauthorized
    return Role(text)


def mandate_faults(
    role: str, sites: tuple[str, ...] | None, known: Iterable[str], roles: Collection[Role] = STAFF_ROLES
) -> list[tuple[str, str]]:
    """Return what is wrong with a role and its sites, as (member, sentence). `known`: the organisation's site keys;
    `roles`: which there are to choose from."""
    faults = []
    if role not in roles:
        faults.append(("role", f"must be one of {', '.join(roles)}"))
    if sites is not None:
        strange = [key for key in sites if key not in set(known)]
        if not sites or len(set(sites)) != len(sites):
            faults.append(("sites", "must be named once each, or none for the whole organisation"))
        elif strange:
            # Whether the site is another organisation's, or nobody's, is told to nobody.
            faults.append(("sites", f"has a key that is none of this organisation's sites: {strange[0]}"))
    return faults
