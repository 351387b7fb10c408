"""The default words in the languages of a site file; a language with a region, such as `de-AT`, has those of `de`."""

from collections.abc import Mapping, Sequence
from typing import Any

from askfirst.core.known_service import KnownItem, KnownService
from askfirst.texts.catalogue import Catalogue, PurposeWords, catalogue, languages


def catalogue_of(language: str) -> Catalogue | None:
    """Return the words of a language, or None where there are none."""
    known = next((one for one in (language, language.partition("-")[0]) if one in languages()), None)
    return None if known is None else catalogue(known)


def purpose_words(purpose: object, wanted: Sequence[str]) -> dict[str, PurposeWords]:
    """Return how a common purpose is named and explained, in the wanted languages that have words for it."""
    found = {language: catalogue_of(language) for language in wanted}
    return {
        language: words.purposes[purpose]
        for language, words in found.items()
        if words is not None and isinstance(purpose, str) and purpose in words.purposes
    }


def banner_texts(language: str, own: object) -> object:
    """Return the words of both layers with a file's own ones in their place; None where there are no words at all."""
    words = catalogue_of(language)
    if words is None or not (own is None or isinstance(own, dict)):
        return own
    said = words.texts.model_dump(mode="json")
    own = own or {}
    durations = own.get("durations")
    if isinstance(durations, dict):
        own = {**own, "durations": {**said["durations"], **durations}}
    return {**said, **own}


def service_words(known: KnownService, purpose: object, wanted: Sequence[str]) -> dict[str, str]:
    """Return what a known service does, in the wanted languages: in words of its own, or in those of its purpose."""
    said = {}
    for language in wanted:
        words = catalogue_of(language)
        own = None if words is None else words.services.get(known.id)
        if own is not None:
            said[language] = own.description
        elif language.partition("-")[0] == "en":
            said[language] = known.description
        elif words is not None and isinstance(purpose, str) and purpose in words.purposes:
            said[language] = words.purposes[purpose].description
    return said


def item_words(item: KnownItem, wanted: Sequence[str]) -> dict[str, str]:
    """Return what something that is kept is for, in the wanted languages: in English in detail, else by its role."""
    said = {}
    for language in wanted:
        words = catalogue_of(language)
        if language.partition("-")[0] == "en":
            said[language] = item.description
        elif words is not None:
            said[language] = getattr(words.kept, item.role)
    return said


def opt_out_words(wanted: Sequence[str]) -> dict[str, str]:
    """Return what the control says with which visitors opt out, in the wanted languages that have words for it."""
    found = {language: catalogue_of(language) for language in wanted}
    return {language: words.opt_out_link for language, words in found.items() if words is not None}


def account_words(wanted: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return what is said where choices are tied to accounts, in the wanted languages that have words for it."""
    found = {language: catalogue_of(language) for language in wanted}
    return {language: words.accounts.model_dump() for language, words in found.items() if words is not None}


def filled(own: object, known: Mapping[str, str]) -> Any:
    """Return a file's own texts by language, and the known ones in the other languages."""
    if own is None:
        return dict(known)
    return {**known, **own} if isinstance(own, dict) else own
