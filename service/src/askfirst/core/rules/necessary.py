"""Rules about what stands under “necessary”: nobody is asked about it, so nothing else may hide there."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from askfirst.core.known_service import KnownService, same_name
from askfirst.core.policy import PolicyDraft
from askfirst.core.purposes import NECESSARY
from askfirst.core.rules.banner_words import plain, purpose_texts, service_texts
from askfirst.core.rules.phrases import NOT_NECESSARY, found
from askfirst.core.rules.rule import Background, Fault, Rule
from askfirst.core.service import Cookie, Service

_ASKED: Final = frozenset({"measurement", "marketing"})


def _under_necessary(draft: PolicyDraft) -> Iterator[tuple[int, Service]]:
    return ((number, one) for number, one in enumerate(draft.services) if one.purpose == NECESSARY)


def _never_necessary(known: KnownService) -> bool:
    return bool(_ASKED & set(known.purposes)) and NECESSARY not in known.purposes


def _services(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in _under_necessary(draft):
        entry = known_as(service, known)
        if entry is not None and _never_necessary(entry):
            said = f"{service.name} is known to be for {' and '.join(entry.purposes)}"
            yield Fault(("services", number, "purpose"), said)


def _other_services(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in _under_necessary(draft):
        entry = known_as(service, known)
        if entry is not None and NECESSARY not in entry.purposes and not _never_necessary(entry):
            said = f"{service.name} is usually for {' or '.join(entry.purposes)}"
            yield Fault(("services", number, "purpose"), said)


def known_as(service: Service, known: Background) -> KnownService | None:
    """Return the known service that a policy's service is, by its id or its name, or None."""
    by_name = plain(service.name).replace(" ", "-")
    return known.find(service.id.replace("_", "-")) or known.find(by_name)


def _items(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in _under_necessary(draft):
        for item, cookie in enumerate(service.cookies):
            keepers = _keepers(cookie, known, party="first")
            if keepers:
                said = (
                    f"“{cookie.name}” is known of {keepers[0].name}, which is for {' and '.join(keepers[0].purposes)}"
                )
                yield Fault(("services", number, "cookies", item, "name"), said)


def _doubtful_items(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    # The cookies of other domains often have short names such as `uid`, which the website's own can have too.
    for number, service in _under_necessary(draft):
        for item, cookie in enumerate(service.cookies):
            keepers = _keepers(cookie, known, party="third")
            if keepers and not _keepers(cookie, known, party="first"):
                said = f"{keepers[0].name} keeps a “{cookie.name}” too, and is for {' and '.join(keepers[0].purposes)}"
                yield Fault(("services", number, "cookies", item, "name"), said)


def _keepers(cookie: Cookie, known: Background, *, party: str) -> list[KnownService]:
    all_keepers = known.kept_by(cookie.name)
    if any(NECESSARY in one.purposes for one in all_keepers):
        return []
    return [
        one
        for one in all_keepers
        if _never_necessary(one)
        and any(item.party == party and same_name(item.name, cookie.name) for item in one.items)
    ]


def _words(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    here = {("services", number) for number, _service in _under_necessary(draft)} | {("purposes", 0)}
    for path, language, text in chain(purpose_texts(draft), service_texts(draft)):
        phrase = found(NOT_NECESSARY, language, text)
        if phrase and path[:2] in here:
            yield Fault(path, f"says “{phrase}”, and stands under necessary")


RULES: Final = (
    Rule(
        id="ASK-12.service",
        severity="error",
        title="No service that measures or advertises is called necessary",
        source="ePrivacy Directive 5(3); taskforce report 26-30; WP 194",
        mend="Put the service under an optional purpose.",
        check=_services,
    ),
    Rule(
        id="ASK-12.item",
        severity="error",
        title="No cookie that is known to measure or advertise is called necessary",
        source="ePrivacy Directive 5(3); taskforce report 26-30; WP 194",
        mend="Put the service that keeps it under an optional purpose.",
        check=_items,
    ),
    Rule(
        id="ASK-12.doubtful-item",
        severity="warning",
        title="A cookie under necessary has a name that is known from elsewhere",
        source="ePrivacy Directive 5(3); taskforce report 26-30; WP 194",
        mend="Make sure that the cookie is your own, and rename it if you can.",
        check=_doubtful_items,
    ),
    Rule(
        id="ASK-12.doubtful-service",
        severity="warning",
        title="A service under necessary is usually for something else",
        source="taskforce report 26-30; WP 194",
        mend="Put it under an optional purpose, unless the visitor cannot use what was asked for without it.",
        check=_other_services,
    ),
    Rule(
        id="ASK-12.words",
        severity="warning",
        title="What stands under necessary is not described as measuring or advertising",
        source="taskforce report 26-30; WP 194",
        mend="Put the service under an optional purpose, or describe what makes it necessary.",
        check=_words,
    ),
)
