"""What is known of a common service before any site uses it, with its source, so that no table is a guess."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from askfirst.core.addresses import Domain, WebAddress
from askfirst.core.durations import Duration
from askfirst.core.purposes import NECESSARY
from askfirst.core.regions import Date
from askfirst.core.service import Country, Identifier, StoredKind, StoredName, stored_fault
from askfirst.core.strict_model import StrictModel
from askfirst.core.texts import Line, Paragraph

CommonPurpose = Literal["necessary", "measurement", "preferences", "marketing", "embeds"]
# What something that is kept is for, in a word that every language has a sentence for.
Role = Literal["browser", "visit", "origin", "answer", "settings", "advertising", "protection", "variant"]


class KnownProvider(StrictModel):
    """Who offers a service; `country` is ISO 3166-1 alpha-2, of the seat that the contract is usually made with."""

    name: Line
    country: Country
    privacy_policy: WebAddress


class KnownItem(StrictModel):
    """Something that a service keeps on the visitor's device.

    `role` is what the description says, in one word. `duration` is None where the source says none or sources
    disagree: an operator has to look. `party` says whose it is: the website's own domain (`first`), or another one
    (`third`, then with its `domain`). `source` is given where it is another than the service's.
    """

    name: StoredName
    kind: StoredKind
    duration: Duration | None
    party: Literal["first", "third"]
    domain: Domain | None = None
    description: Line
    role: Role
    source: WebAddress | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        fault = None if self.duration is None else stored_fault(self.name, self.kind, self.duration)
        if fault is not None:
            raise ValueError(fault)
        if (self.party == "third") != (self.domain is not None):
            raise ValueError("what is of a third party has a domain, and nothing else has")
        return self


class KnownService(StrictModel):
    """A common service: who offers it, what it usually is for, what it loads and keeps, and where that is written.

    `purposes` begins with the usual one. `hosts` are the domains that a page loads it from; none where it runs on the
    website's own. `stores` is `listed` (see `items`), `nothing` (the source says so), or `unknown` (no list was found).
    `gaps` says in words what could not be confirmed. `outside` are the countries outside the European Economic Area
    that data usually goes to. `evidence` says what the source is: the provider's own `documentation`, the service's
    published `code`, or a public `collection`, which is the weakest. `checked` is the day it was compared.
    """

    id: Identifier
    name: Line
    provider: KnownProvider
    purposes: Annotated[tuple[CommonPurpose, ...], Field(min_length=1)]
    description: Paragraph
    hosts: tuple[Domain, ...]
    stores: Literal["listed", "nothing", "unknown"]
    items: tuple[KnownItem, ...]
    gaps: Paragraph | None = None
    outside: tuple[Country, ...]
    source: WebAddress
    evidence: Literal["documentation", "code", "collection"]
    checked: Date

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        if NECESSARY in self.purposes and {"measurement", "marketing"} & set(self.purposes):
            yield "a service that measures or advertises is never necessary"
        if (self.stores == "listed") != bool(self.items):
            yield "items are there exactly if stores is listed"
        if self.gaps is None and (self.stores == "unknown" or any(item.duration is None for item in self.items)):
            yield "gaps must say what could not be confirmed"
        for name, values in (
            ("purposes", self.purposes),
            ("hosts", self.hosts),
            ("outside", self.outside),
            ("items", tuple((item.kind, item.name, item.domain) for item in self.items)),
        ):
            doubled = [value for value, count in Counter(values).items() if count > 1]
            if doubled:
                yield f"{name} has {doubled[0]} more than once"


class CountryNote(StrictModel):
    """What a transfer to a country outside the European Economic Area can rest on, in one sentence, with its source."""

    country: Country
    note: Line
    source: WebAddress
    checked: Date


def same_name(first: str, second: str) -> bool:
    """Return whether two names of stored things can mean the same one, `*` in either standing for any characters."""
    return _matches(first, second) or _matches(second, first)


def _matches(pattern: str, name: str) -> bool:
    # Part by part and never back, so that no name with many wildcards takes long.
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    *middle, last = rest
    if not name.startswith(first):
        return False
    at = len(first)
    for part in middle:
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return name.endswith(last) and len(name) - len(last) >= at
