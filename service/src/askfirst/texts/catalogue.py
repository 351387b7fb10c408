"""The language files of this package, read once and checked like anything from outside."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from askfirst.core.page_texts import DeclarationTexts, EmbedTexts, ScriptWords, SignalTexts
from askfirst.core.purposes import NECESSARY, Purpose
from askfirst.core.strict_model import StrictModel
from askfirst.core.texts import AccountWords, Line, Paragraph, Texts


class PurposeWords(StrictModel):
    """How a common purpose is named and explained in one language."""

    name: Line
    description: Paragraph


class ServiceWords(StrictModel):
    """How a common service and the things that it keeps are explained in one language."""

    description: Paragraph
    cookies: dict[str, Paragraph]


class KeptWords(StrictModel):
    """What something that a service keeps on the device is for, by its role (core.known_service.Role)."""

    browser: Line
    visit: Line
    origin: Line
    answer: Line
    settings: Line
    advertising: Line
    protection: Line
    variant: Line


Section = Literal["texts", "declaration", "embed", "purposes", "services", "signal", "kept", "opt_out_link", "accounts"]


class Catalogue(StrictModel):
    """Everything that the service can say in one language.

    `unreviewed` names the sections that nobody who grew up with the language has read yet.
    """

    direction: Literal["ltr", "rtl"]
    unreviewed: tuple[Section, ...]
    texts: Texts
    declaration: DeclarationTexts
    embed: EmbedTexts
    signal: SignalTexts
    purposes: Annotated[dict[str, PurposeWords], Field(min_length=1)]
    services: dict[str, ServiceWords]
    kept: KeptWords
    opt_out_link: Line
    accounts: AccountWords


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that there are default texts for, sorted."""
    names = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


@cache
def catalogue(language: str) -> Catalogue:
    """Return all words in a language; KeyError where there are none."""
    if language not in languages():
        raise KeyError(f"there are no default texts in {language}: there are {', '.join(languages())}")
    return Catalogue.model_validate_json(files(__package__).joinpath(f"{language}.json").read_bytes())


def default_texts(language: str) -> Texts:
    """Return the words of both layers in a language; KeyError where there are none."""
    return catalogue(language).texts


def declaration_texts(language: str) -> DeclarationTexts:
    """Return the words of the list of all services in a language; KeyError where there are none."""
    return catalogue(language).declaration


def embed_texts(language: str) -> EmbedTexts:
    """Return the words that stand in the place of held content in a language; KeyError where there are none."""
    return catalogue(language).embed


def nearest(language: str) -> str:
    """Return the language of the files for any BCP 47 language: itself, the one that it is a kind of, or English."""
    return next((one for one in (language, language.partition("-")[0]) if one in languages()), "en")


def script_words(language: str) -> ScriptWords:
    """Return the words beside a policy for any language that a policy can have; those of `nearest`."""
    words = catalogue(nearest(language))
    return ScriptWords(words.embed, words.signal)


def unreviewed(language: str) -> tuple[Section, ...]:
    """Return the sections that no native speaker has read; KeyError for a language without default texts."""
    return catalogue(language).unreviewed


def default_purpose(purpose: str, wanted: tuple[str, ...]) -> Purpose:
    """Return a common purpose with its words in the wanted languages; KeyError for a purpose or language that is
    not in the files."""
    words = {language: catalogue(language).purposes[purpose] for language in wanted}
    return Purpose(
        id=purpose,
        mode=None if purpose == NECESSARY else "opt_in",
        name={language: said.name for language, said in words.items()},
        description={language: said.description for language, said in words.items()},
    )
