"""What acts under a purpose: a vendor or tool, who is behind it, and what it leaves on the visitor's device."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from askfirst.core.addresses import WebAddress
from askfirst.core.durations import Duration
from askfirst.core.languages import Language
from askfirst.core.strict_model import StrictModel
from askfirst.core.texts import Line, Paragraph

# RFC 6265, 4.1.1 (a name is a token); `*` stands for any characters.
_COOKIE_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}")
_STORAGE_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")
# A name is also a pattern for deletion after a withdrawal: one that fits everything would log people out.
_LEAST_CHARACTERS: Final = 2


def _checked_name(name: str) -> str:
    if not _STORAGE_KEY.fullmatch(name):
        raise ValueError("must be 1 to 128 printable ASCII characters without spaces")
    if len(name.replace("*", "")) < _LEAST_CHARACTERS:
        raise ValueError("must name more than a wildcard")
    if "askfirst-" in name:
        raise ValueError("must not be the cookie that keeps the answer")
    return name


def stored_fault(name: str, kind: "StoredKind", duration: str | None) -> str | None:
    """Return what can not be true of a stored thing, or None: a name or a duration that nothing of its kind has."""
    if kind == "cookie" and not _COOKIE_NAME.fullmatch(name):
        return "has a character that no cookie's name can have"
    if kind == "cookie" and duration == "persistent":
        return "is a cookie, so its duration must be said"
    if kind == "session" and duration != "session":
        return "is in session storage, so its duration is session"
    return None


# Where something is kept: as a cookie, in local storage, or in session storage. Its name may hold wildcards.
StoredKind = Literal["cookie", "local", "session"]
StoredName = Annotated[str, AfterValidator(_checked_name)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class Cookie(StrictModel):
    """Something that a service keeps on the visitor's device: a cookie, or an item of local or session storage."""

    name: StoredName
    kind: StoredKind = "cookie"
    duration: Duration
    description: dict[Language, Paragraph]


class Provider(StrictModel):
    """Who runs a service; `country` is ISO 3166-1 alpha-2."""

    name: Line
    country: Country | None = None
    privacy_policy: WebAddress | None = None


class Transfer(StrictModel):
    """A country outside the operator's own law that data goes to, and what it rests on (GDPR 45 to 49)."""

    country: Country
    basis: Literal["adequacy", "standard_clauses", "binding_rules", "derogation"]


class Service(StrictModel):
    """A vendor or tool that acts under one purpose."""

    id: Identifier
    name: Line
    purpose: str
    provider: Provider
    description: dict[Language, Paragraph]
    cookies: Annotated[tuple[Cookie, ...], Field(max_length=100)] = ()
    transfers: Annotated[tuple[Transfer, ...], Field(max_length=50)] = ()
