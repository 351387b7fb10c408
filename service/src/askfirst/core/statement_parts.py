"""The parts that statements are made of: parties, notices, events, storage, each as a node in DPV terms."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from askfirst.core.policy import Policy
from askfirst.core.policy_content import Controller
from askfirst.core.service import Service
from askfirst.core.texts import filled_about

Node = dict[str, Any]

DAY_MS: Final = 86_400_000
UNDETERMINED: Final = "und"  # BCP 47: a language that is not known
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What common purposes are in the vocabulary's words; every other one is a purpose, described in its own.
_PURPOSES: Final[Mapping[str, tuple[str, ...]]] = {
    "measurement": ("dpv:ServiceUsageAnalytics",),
    "marketing": ("dpv:Advertising", "dpv:Marketing"),
    "preferences": ("dpv:ServicePersonalisation",),
    "embeds": ("dpv:ServiceProvision",),
}
# What is at least known about a visitor whom a purpose's services see.
_DATA: Final[Mapping[str, tuple[str, ...]]] = {
    "measurement": ("pd:BrowsingBehaviour",),
    "marketing": ("pd:BrowsingBehaviour", "pd:Interest"),
    "preferences": ("pd:Preference",),
    "embeds": ("pd:IPAddress",),
}


def iso(ms: int) -> str:
    """Return milliseconds since 1970 as an ISO 8601 time in UTC."""
    at = _EPOCH + timedelta(milliseconds=ms)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def purpose_types(purpose: str) -> list[str]:
    """Return what kinds of purpose one is."""
    return ["dpv:Purpose", *_PURPOSES.get(purpose, ())]


def entity(controller: Controller, site: str) -> Node:
    """Return the controller as a party; it is known by the site that it answers for."""
    return {
        "id": f"urn:askfirst:controller:{site}",
        "type": ["dpv:Entity", "dpv:DataController"],
        "hasIdentifier": [f"controller:{site}"],
        "hasName": [controller.name],
        "address": [controller.address],
        "contactPoint": [controller.contact],
    }


def notice(policy: Policy, digest: str, language: str, place: str) -> Node:
    """Return what was shown: the first layer's words as they were, and the privacy policy that it links to."""
    texts = policy.texts[language]
    asked = [one.name[language] for one in policy.purposes if one.mode is not None]
    about = filled_about(
        texts, controller=policy.controller.name, purposes=asked, accounts=policy.accounts.get(language)
    )
    return {
        "id": place,
        "type": ["dpv:ConsentNotice", "dpv:PrivacyNotice"],
        "identifier": [digest],
        "language": [language],
        "description": [f"{texts.text} {about}"],
        "source": [policy.privacy_policy[language]],
    }


def recipients(own: Sequence[Service], controller: Node) -> list[Node]:
    """Return who gets the data: the providers of a purpose's services, or the controller alone."""
    found = [
        {
            "id": f"urn:askfirst:provider:{one.id}",
            "type": ["dpv:Entity", "dpv:Recipient"],
            "hasIdentifier": [f"provider:{one.id}"],
            "hasName": [one.provider.name],
            **({"contactPoint": [one.provider.privacy_policy]} if one.provider.privacy_policy else {}),
            **({"hasLocation": [_location(one.provider.country)]} if one.provider.country else {}),
        }
        for one in own
    ]
    return found or [controller]


def services(own: Sequence[Service], language: str) -> list[Node]:
    """Return the services that act under a purpose."""
    return [
        {
            "id": f"urn:askfirst:service:{one.id}",
            "type": ["dpv:Service"],
            "identifier": [one.id],
            "hasName": [one.name],
            "description": [one.description[language]],
        }
        for one in own
    ]


def personal_data(purpose: str, own: Sequence[Service], language: str) -> list[Node]:
    """Return the data of a purpose: what is at least known of a visitor, and each thing that is kept on the device."""
    kinds = ["dpv:PersonalData", *_DATA.get(purpose, ())]
    kept = [
        {
            "type": ["dpv:PersonalData", "pd:DeviceBased"],
            "identifier": [cookie.name],
            "description": [cookie.description[language]],
        }
        for one in own
        for cookie in one.cookies
    ]
    return [{"type": kinds}, *kept]


def storage(own: Sequence[Service], country: str | None) -> list[Node]:
    """Return where data is kept and for how long: on the device for each thing's time, and in which countries."""
    countries = sorted({one for service in own for one in _countries(service)} | ({country} if country else set()))
    kept = sorted({cookie.duration for service in own for cookie in service.cookies})
    places = [_location(one) for one in countries] or [{"type": ["dpv:Location"], "title": ["not stated"]}]
    return [
        {"type": ["dpv:StorageLocation"], "hasLocation": places},
        {"type": ["dpv:StorageDuration"], "hasDuration": [_kept(one) for one in kept or ("session",)]},
    ]


def jurisdiction(place: str, source: str | None) -> Node:
    """Return where a rule holds, with what it rests on; a place that the policy does not state says so."""
    found = _location(place) if place else {"type": ["dpv:Location"], "title": ["not stated"]}
    return {**found, "description": [source]} if source else found


def duration(days: int) -> Node:
    """Return a number of days."""
    return {"type": ["dpv:TemporalDuration"], "value": [f"P{days}D"]}


def event(state: str, at: int, lasts: Node | None, by: str, method: str) -> Node:
    """Return what happened to consent: its state, when (ms), how long it holds, by whom and how."""
    return {
        "type": [f"dpv:{state}", "dpv:ExpressedConsent"],
        "isIndicatedAtTime": [iso(at)],
        "hasDuration": [lasts or {"type": ["dpv:UntilEventDuration"], "value": ["until it is asked again"]}],
        "isIndicatedBy": [by],
        "hasIndicationMethod": [method],
    }


def _location(place: str) -> Node:
    return {"id": f"loc:{place}", "type": ["dpv:Location"], "title": [place]}


def _countries(service: Service) -> list[str]:
    own = [service.provider.country] if service.provider.country else []
    return [*own, *(transfer.country for transfer in service.transfers)]


def _kept(text: str) -> Node:
    if text in ("session", "persistent"):
        return {"type": ["dpv:UntilEventDuration"], "value": [text]}
    return {"type": ["dpv:TemporalDuration"], "value": [text]}
