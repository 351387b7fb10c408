"""What a banner is made of: the members that the draft and the published policy have in common."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from askfirst.core.addresses import Domain, WebAddress
from askfirst.core.embeds import Embeds, Marks
from askfirst.core.languages import Language
from askfirst.core.purposes import Purpose, PurposeId
from askfirst.core.regions import DEFAULT_RULE, Regions
from askfirst.core.service import Country, Service
from askfirst.core.signals import Signals
from askfirst.core.strict_model import StrictModel
from askfirst.core.texts import AccountWords, Line, Texts


class Controller(StrictModel):
    """Who decides what the data is for (GDPR 4(7)); `contact` is an address that a visitor can write to."""

    name: Line
    address: Line
    contact: Line
    country: Country | None = None


class Layout(StrictModel):
    """How the first layer stands on the page."""

    first_layer: Literal["bar", "box", "dialog"] = "bar"


class Sharing(StrictModel):
    """How far one answer reaches: the `domain` whose sub-domains share it, and whether it works in a foreign frame."""

    domain: Domain | None = None
    partitioned: bool = False


_Token = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
# A theme's values go into a style sheet of somebody's page: colours, lengths and font names, and nothing that ends a
# declaration or loads anything.
_TokenValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9#.,%' _-]{1,64}$")]


class PolicyContent(StrictModel):
    """What a policy says, its parts not held against each other yet: `PolicyDraft` is what has agreed, and tells what
    each member means."""

    controller: Controller
    privacy_policy: dict[Language, WebAddress]
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=40)]
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=25)]
    services: Annotated[tuple[Service, ...], Field(max_length=200)] = ()
    texts: dict[Language, Texts]
    layout: Layout = Layout()
    theme: dict[_Token, _TokenValue] = Field(max_length=64, default_factory=dict)
    lifetime_days: Annotated[int, Field(ge=1, le=730)] = 182
    sharing: Sharing = Sharing()
    wait_for_receipt: bool = False
    page_path: bool = False
    gpc: tuple[PurposeId, ...] = ()
    regions: Regions = Regions()
    signals: Signals = Signals()
    opt_out_link: dict[Language, Line] = Field(default_factory=dict)
    retention_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    embeds: Embeds = Embeds()
    marks: Marks | None = None
    accounts: dict[Language, AccountWords] = Field(default_factory=dict)
    count_views: bool = False

    @cached_property
    def optional_purposes(self) -> tuple[str, ...]:
        """The ids of the purposes that are asked, in the policy's order."""
        return tuple(purpose.id for purpose in self.purposes if purpose.mode is not None)

    @cached_property
    def rule_ids(self) -> frozenset[str]:
        """The ids of all region rules that a page can follow under this policy."""
        return frozenset({DEFAULT_RULE, *(rule.id for rule in self.regions.rules)})

    def lifetime_under(self, rule_id: str) -> int:
        """Return for how many days an answer lasts that was given under this region rule (REQUIREMENTS SG-9)."""
        found = next((rule for rule in self.regions.rules if rule.id == rule_id), None)
        return (found.lifetime_days if found else None) or self.lifetime_days
