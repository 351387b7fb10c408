"""Rules about data that leaves the controller's own law, and about vendors that want a platform of their own list."""

import re
from collections.abc import Iterator
from typing import Final

from askfirst.core.policy import PolicyDraft
from askfirst.core.rules.banner_words import plain
from askfirst.core.rules.necessary import known_as
from askfirst.core.rules.places import EEA
from askfirst.core.rules.rule import Background, Fault, Rule
from askfirst.core.service import Service

# Decisions under GDPR 45 that this version knows; those for CA and US hold for some recipients only.
_ADEQUATE: Final = frozenset({"AD", "AR", "CA", "CH", "FO", "GB", "GG", "IL", "IM", "JE", "JP", "KR", "NZ", "US", "UY"})
_CERTIFIED: Final = re.compile(
    r"\b(adsense|ad ?manager|admob|doubleclick|ad ?exchange|google ads?|google[- ]publisher)\b"
)
_AD_COOKIES: Final = frozenset({"__gads", "__gpi", "__gpi_optout", "__eoi", "IDE", "FCNEC"})


def _at_home(country: str, draft: PolicyDraft) -> bool:
    home = draft.controller.country
    return country in EEA if home is None or home in EEA else country == home


def _provider_abroad(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        country = service.provider.country
        if country is None or _at_home(country, draft) or plain(service.provider.name) == plain(draft.controller.name):
            continue
        if country not in {transfer.country for transfer in service.transfers}:
            said = f"{service.provider.name} is in {country}, and no transfer there is told"
            yield Fault(("services", number, "transfers"), said)


def _known_abroad(draft: PolicyDraft, known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        entry = known_as(service, known)
        # Whoever runs a known tool on servers of their own hands nothing to its maker.
        if entry is None or plain(service.provider.name) == plain(draft.controller.name):
            continue
        told = {transfer.country for transfer in service.transfers} | {service.provider.country}
        missing = [one for one in entry.outside if one not in told and not _at_home(one, draft)]
        if missing:
            said = f"{service.name} usually sends data to {' and '.join(missing)}, and no transfer there is told"
            yield Fault(("services", number, "transfers"), said)


def _adequacy(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        for item, transfer in enumerate(service.transfers):
            if transfer.basis == "adequacy" and transfer.country not in _ADEQUATE | EEA:
                said = f"no adequacy decision for {transfer.country} is known"
                yield Fault(("services", number, "transfers", item, "basis"), said)


def _derogation(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        for item, transfer in enumerate(service.transfers):
            if transfer.basis == "derogation":
                said = f"the transfer to {transfer.country} rests on an exception for single cases"
                yield Fault(("services", number, "transfers", item, "basis"), said)


def _certified(draft: PolicyDraft, _known: Background) -> Iterator[Fault]:
    for number, service in enumerate(draft.services):
        if _is_google_advertising(service):
            said = f"{service.name} shows personalised advertising only through a platform that Google has certified"
            yield Fault(("services", number), said)


def _is_google_advertising(service: Service) -> bool:
    named = plain(f"{service.name} {service.id.replace('-', ' ').replace('_', ' ')}")
    return bool(_CERTIFIED.search(named)) or any(cookie.name in _AD_COOKIES for cookie in service.cookies)


RULES: Final = (
    Rule(
        id="ST-3.transfer",
        severity="error",
        title="A provider in a third country has its transfer told",
        source="GDPR 13(1)(f), 44",
        mend="Add the country to the service's transfers, with what the transfer rests on.",
        check=_provider_abroad,
    ),
    Rule(
        id="ST-3.usual-transfer",
        severity="warning",
        title="A service that usually sends data to third countries has that told",
        source="GDPR 13(1)(f), 44",
        mend="Add the countries that your contract names to the service's transfers.",
        check=_known_abroad,
    ),
    Rule(
        id="ST-3.adequacy",
        severity="warning",
        title="An adequacy decision that is named exists",
        source="GDPR 45",
        mend="Look for the Commission's decision; without one, name the clauses or rules that the transfer rests on.",
        check=_adequacy,
    ),
    Rule(
        id="ST-3.derogation",
        severity="warning",
        title="No lasting transfer rests on an exception",
        source="GDPR 49; EDPB guidelines 2/2018",
        mend="Use standard contractual clauses, binding rules or an adequacy decision.",
        check=_derogation,
    ),
    Rule(
        id="SG-10.certified",
        severity="warning",
        title="Google's advertising products need a certified platform",
        source="Google AdSense help (European Economic Area, United Kingdom, Switzerland)",
        mend="Show no personalised advertising there with this policy, or use a platform that Google has certified.",
        check=_certified,
    ),
)
