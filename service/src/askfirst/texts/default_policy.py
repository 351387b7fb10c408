"""The policy that a new site begins with: one optional purpose, and a tool for it that sets no cookie."""

from collections.abc import Mapping

from askfirst.core.policy import PolicyDraft
from askfirst.core.policy_content import Controller
from askfirst.core.purposes import NECESSARY
from askfirst.core.service import Provider, Service
from askfirst.texts.catalogue import catalogue, default_purpose, default_texts

_PLAUSIBLE = Provider(name="Plausible Insights OÜ", country="EE", privacy_policy="https://plausible.io/data-policy")


def default_draft(
    controller: Controller,
    privacy_policy: str | Mapping[str, str],
    languages: tuple[str, ...] = ("en", "de"),
    *,
    measured_by: Provider | None = None,
) -> PolicyDraft:
    """Return a draft that asks for measurement with Plausible Analytics; the first language is the default one.

    `privacy_policy` is one web address for all languages, or one for each. `measured_by` is who runs the Plausible
    server that the events go to, if it is not Plausible itself. Raises KeyError for a language without default texts,
    and pydantic's ValidationError (a ValueError) for an address that is none.
    """
    addresses = dict.fromkeys(languages, privacy_policy) if isinstance(privacy_policy, str) else dict(privacy_policy)
    return PolicyDraft(
        controller=controller,
        privacy_policy=addresses,
        languages=languages,
        purposes=(default_purpose(NECESSARY, languages), default_purpose("measurement", languages)),
        services=(_plausible(languages, measured_by or _PLAUSIBLE),),
        texts={language: default_texts(language) for language in languages},
    )


def _plausible(languages: tuple[str, ...], provider: Provider) -> Service:
    # The tracker keeps nothing on the device. The one item that it reads is told in the description and is not listed
    # as stored: what is listed is deleted after a withdrawal, and this is the visitor's own wish not to be counted.
    return Service(
        id="plausible",
        name="Plausible Analytics",
        purpose="measurement",
        provider=provider,
        description={language: catalogue(language).services["plausible"].description for language in languages},
    )
