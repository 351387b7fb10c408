"""Rules about the tables of services: who is behind each, what it keeps, and for how long."""

from collections.abc import Iterator
from typing import Final

from askfirst.core.durations import amount
from askfirst.core.known_service import KnownItem, same_name
from askfirst.core.policy import PolicyDraft
from askfirst.core.purposes import NECESSARY
from askfirst.core.rules.banner_words import plain, words
from askfirst.core.rules.naming import says_little
from askfirst.core.rules.necessary import known_as
from askfirst.core.rules.rule import Background, Fault, Rule
from askfirst.core.service import Cookie, Service

_COMMON: Final = frozenset({"measurement", "preferences", "marketing", "embeds"})
_DAYS: Final = {
    "second": 1 / 86_400,
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1,
    "week": 7,
    "month": 30.4,
    "year": 365,
}
# A year is said as P1Y, P365D, P13M less some days: only what is shorter by more than a tenth is understated.
_ABOUT: Final = 0.9


def days(duration: str) -> float:
    """Return about how many days something is kept: 0 for a session, endless for `persistent`."""
    if duration in ("session", "persistent"):
        return 0 if duration == "session" else float("inf")
    number, unit = amount(duration)
    return number * _DAYS[unit]


def _described(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        for language, text in service.description.items():
            if says_little(text) or plain(text) == plain(service.name):
                yield Fault(
                    ("services", number, "description", language), f"“{text}” does not say what {service.name} does"
                )
        for item, cookie in enumerate(service.cookies):
            for language, text in cookie.description.items():
                if not words(text) or plain(text) == plain(cookie.name):
                    path = ("services", number, "cookies", item, "description", language)
                    yield Fault(path, f"“{text}” does not say what {cookie.name} is for")


def _provider(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        name = plain(service.provider.name)
        entry = known_as(service, known)
        if entry is not None and plain(entry.provider.name) == name:
            continue
        if not words(name) or name == plain(service.name):
            said = f"“{service.provider.name}” names a product, and nobody who answers for it"
            yield Fault(("services", number, "provider", "name"), said)


def _provider_policy(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        own = plain(service.provider.name) == plain(draft.controller.name)
        if service.provider.privacy_policy is None and not own:
            yield Fault(("services", number, "provider"), f"{service.provider.name} has no privacy policy here")


def _provider_country(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        own = plain(service.provider.name) == plain(draft.controller.name)
        if service.provider.country is None and not own:
            yield Fault(("services", number, "provider"), f"it is not said in which country {service.provider.name} is")


def _items(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        entry = known_as(service, known)
        if entry is not None and entry.items and not service.cookies:
            names = ", ".join(item.name for item in entry.items)
            yield Fault(("services", number), f"{service.name} usually keeps {names}, and nothing is listed here")


def _more_items(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        entry = known_as(service, known)
        if entry is None or not service.cookies:
            continue
        missing = [
            item.name for item in entry.items if not any(same_name(item.name, one.name) for one in service.cookies)
        ]
        if missing:
            yield Fault(("services", number, "cookies"), f"{service.name} often keeps also {', '.join(missing)}")


def _nothing_kept(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        entry = known_as(service, known)
        told = entry is not None and (entry.items or entry.stores == "nothing")
        if not service.cookies and not told:
            yield Fault(
                ("services", number), f"nothing is listed that {service.name} keeps, and Askfirst has no list of it"
            )


def _durations(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        for item, cookie in enumerate(service.cookies):
            longer = _known_item(service, cookie, known)
            if (
                longer is not None
                and longer.duration is not None
                and days(cookie.duration) < _ABOUT * days(longer.duration)
            ):
                said = f"{cookie.name} is said to stay {cookie.duration}, and is known to stay {longer.duration}"
                yield Fault(("services", number, "cookies", item, "duration"), said)


def _known_item(service: Service, cookie: Cookie, known: Background) -> KnownItem | None:
    entry = known_as(service, known)
    items = entry.items if entry is not None else ()
    alike = [one for one in items if one.kind == cookie.kind and same_name(one.name, cookie.name)]
    # A pattern such as `mf_*` fits many names: what has the very name comes first.
    return next((one for one in alike if one.name == cookie.name), alike[0] if alike else None)


def _purpose(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        entry = known_as(service, known)
        if entry is None or service.purpose == NECESSARY or service.purpose not in _COMMON:
            continue
        if service.purpose not in entry.purposes:
            said = (
                f"{service.name} stands under {service.purpose}, and is known to be for {' and '.join(entry.purposes)}"
            )
            yield Fault(("services", number, "purpose"), said)


def _idle(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    used = {service.purpose for service in draft.services}
    for number, purpose in enumerate(draft.purposes):
        if purpose.mode is not None and purpose.id not in used:
            yield Fault(("purposes", number), f"no service is listed under “{purpose.id}”")


RULES: Final = (
    Rule(
        id="ASK-6.service",
        severity="error",
        title="Every service and everything that it keeps is described",
        source="GDPR 13(1)(c); CJEU C-673/17 Planet49; EDPB 05/2020, 64-65",
        mend="Say in a sentence what it does for the website; a name is no description.",
        check=_described,
    ),
    Rule(
        id="ASK-6.provider",
        severity="warning",
        title="The provider is a company or person, and not a product",
        source="GDPR 13(1)(e); CJEU C-673/17 Planet49",
        mend="Write the provider's legal name as the contract or its privacy policy gives it.",
        check=_provider,
    ),
    Rule(
        id="ASK-6.provider-policy",
        severity="warning",
        title="The provider's privacy policy is linked",
        source="GDPR 13(1)(e), 14",
        mend="Add the address of the provider's privacy policy.",
        check=_provider_policy,
    ),
    Rule(
        id="ST-3.country",
        severity="note",
        title="The provider's country is told",
        source="GDPR 13(1)(e)-(f)",
        mend="Add the country as two letters, such as DE, so that a transfer can be seen.",
        check=_provider_country,
    ),
    Rule(
        id="ASK-6.items",
        severity="warning",
        title="A service that is known to keep something lists it",
        source="GDPR 13; CJEU C-673/17 Planet49 (duration, third parties)",
        mend="List what your page really gets; where the service is set up to keep nothing, leave it so.",
        check=_items,
    ),
    Rule(
        id="ASK-6.more-items",
        severity="note",
        title="A service may keep more than is listed",
        source="GDPR 13; CJEU C-673/17 Planet49 (duration, third parties)",
        mend="Compare the list with what your page really gets.",
        check=_more_items,
    ),
    Rule(
        id="ASK-6.nothing-kept",
        severity="note",
        title="A service that lists nothing keeps nothing",
        source="GDPR 13; CJEU C-673/17 Planet49 (duration, third parties)",
        mend="Look in the browser what the service keeps, and list it.",
        check=_nothing_kept,
    ),
    Rule(
        id="ASK-6.duration",
        severity="warning",
        title="Durations are not understated",
        source="GDPR 13(2)(a); CJEU C-673/17 Planet49 (duration)",
        mend="Write the duration that your page really sets, or shorten it in the service's settings.",
        check=_durations,
    ),
    Rule(
        id="ASK-5.service",
        severity="warning",
        title="A service stands under the purpose that it is for",
        source="GDPR 4(11), 7(2); EDPB 05/2020, 42-45 and 55-61",
        mend="Put the service under the purpose that it serves, so that nobody agrees to something else.",
        check=_purpose,
    ),
    Rule(
        id="ASK-6.idle",
        severity="note",
        title="A purpose that is asked has a service",
        source="GDPR 5(1)(c), 13(1)(e); EDPB 05/2020, 55-61",
        mend="List who acts under the purpose, or stop asking for it.",
        check=_idle,
    ),
)
