"""Content of other providers in a page, and marks that other consent tools left in it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from askfirst.core.page_texts import EmbedTexts
from askfirst.core.purposes import NECESSARY, Purpose, PurposeId
from askfirst.core.service import Service
from askfirst.core.strict_model import StrictModel

EMBEDS: Final = "embeds"

# What other tools call the usual purposes in their examples, and so on most websites.
FOREIGN: Final[Mapping[str, tuple[str, ...]]] = {
    "necessary": ("essential", "required"),
    "measurement": ("analytics", "statistics", "performance", "analysis"),
    "preferences": ("functionality", "functional", "personalization"),
    "marketing": ("ads", "advertising", "advertisement", "targeting"),
    EMBEDS: ("embed", "media", "external", "social"),
}

_ForeignName = Annotated[str, StringConstraints(pattern=r"^[^\s,]{1,64}$")]


class Embeds(StrictModel):
    """How content that waits for consent stands in the page.

    Placeholders come with every policy that has a purpose `embeds`; `placeholders` brings them to any other.
    `ask_in_place` leaves the banner out: the placeholders ask, which only does where nothing else is to be asked.
    """

    placeholders: bool = False
    ask_in_place: bool = False


class Marks(StrictModel):
    """That marks of other tools are read, and the purposes behind names that are no purpose or service here."""

    names: dict[_ForeignName, PurposeId] = Field(default_factory=dict, max_length=100)


def has_placeholders(embeds: Embeds, purposes: Sequence[Purpose]) -> bool:
    """Tell whether held content has a placeholder."""
    return embeds.placeholders or embeds.ask_in_place or any(purpose.id == EMBEDS for purpose in purposes)


def embed_faults(embeds: Embeds, marks: Marks | None, purposes: Sequence[Purpose]) -> Iterator[tuple[str, str]]:
    """Yield (member, what is wrong)."""
    known = {purpose.id for purpose in purposes}
    asked = known - {NECESSARY}
    if embeds.ask_in_place and len(asked) != 1:
        yield (
            "embeds.ask_in_place",
            f"leaves nobody to ask for {', '.join(sorted(asked))}: it is for one optional purpose",
        )
    for name, purpose in (marks.names if marks else {}).items():
        if purpose not in known:
            yield f"marks.names.{name}", f"{purpose} is not among the purposes"


def mark_settings(marks: Marks, purposes: Sequence[Purpose], services: Sequence[Service]) -> dict[str, str]:
    """Return the purpose behind each name that a foreign mark may hold, purposes' own ids among them."""
    known = {purpose.id for purpose in purposes}
    names = {foreign: purpose for purpose in FOREIGN if purpose in known for foreign in FOREIGN[purpose]}
    names |= {service.id: service.purpose for service in services}
    return {**names, **{purpose: purpose for purpose in known}, **marks.names}


def embed_settings(
    texts: EmbedTexts, purposes: Sequence[Purpose], services: Sequence[Service], language: str
) -> list[object]:
    """Return what the placeholders have to know: their words, and names of purposes and services by id.

    A service is [its name, its provider's]; the words stand in the order of the model.
    """
    asked = {purpose.id: purpose.name[language] for purpose in purposes if purpose.id != NECESSARY}
    told = {service.id: [service.name, service.provider.name] for service in services if service.purpose in asked}
    return [list(texts.model_dump().values()), asked, told]
