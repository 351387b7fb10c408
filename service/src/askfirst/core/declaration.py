"""The list of everything that a site may use, for its privacy page: what both layers say of services, and more."""

from askfirst.core.durations import duration_words
from askfirst.core.languages import direction
from askfirst.core.page_texts import DeclarationTexts
from askfirst.core.policy import Policy
from askfirst.core.purposes import NECESSARY
from askfirst.core.service import Service
from askfirst.core.texts import Texts

# The words of the second layer that the list uses too.
_SHARED = (
    "always_on",
    "cookies",
    "cookie_name",
    "cookie_duration",
    "cookie_purpose",
    "no_cookies",
    "provider",
    "privacy_policy",
    "on",
    "off",
    "save",
    "accept_all",
    "reject_all",
    "consent_id",
    "last_answer",
    "controller",
    "contact",
)


def declaration(policy: Policy, language: str, words: DeclarationTexts) -> dict[str, object]:
    """Return the list in one of the policy's languages; plain JSON values (addresses.md).

    Countries are ISO 3166-1 codes, which a browser can name in any language. Raises KeyError for a language that the
    policy does not have.
    """
    texts = policy.texts[language]
    shared = texts.model_dump(mode="json", include=set(_SHARED))
    return {
        "v": 1,
        "site": policy.site,
        "number": policy.number,
        "language": language,
        "dir": direction(language),
        "kept": duration_words(f"P{policy.lifetime_days}D", texts.durations, language),
        "controller": policy.controller.model_dump(mode="json"),
        "privacy_policy": policy.privacy_policy[language],
        "texts": {**words.model_dump(mode="json"), **shared},
        "purposes": [
            {
                "id": purpose.id,
                "name": purpose.name[language],
                "description": purpose.description[language],
                "necessary": purpose.id == NECESSARY,
                "services": [
                    _service(service, texts, language) for service in policy.services if service.purpose == purpose.id
                ],
            }
            for purpose in policy.purposes
        ],
    }


def _service(service: Service, texts: Texts, language: str) -> dict[str, object]:
    return {
        "name": service.name,
        "description": service.description[language],
        "provider": service.provider.model_dump(mode="json"),
        "transfers": [transfer.model_dump(mode="json") for transfer in service.transfers],
        "cookies": [
            {
                "name": cookie.name,
                "kind": cookie.kind,
                "duration": duration_words(cookie.duration, texts.durations, language),
                "description": cookie.description[language],
            }
            for cookie in service.cookies
        ],
    }
