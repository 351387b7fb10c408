"""The one script that a page loads: code, parts and one policy in one language, joined without a build step."""

import json
from collections.abc import Mapping, Sequence

from askfirst.core.canonical import digest_hex
from askfirst.core.durations import duration_words
from askfirst.core.languages import direction
from askfirst.core.links import LINKING, in_words
from askfirst.core.page_texts import ScriptWords
from askfirst.core.policy import Policy
from askfirst.core.purposes import NECESSARY, Purpose
from askfirst.core.script_parts import part_settings, shown_layout
from askfirst.core.service import Service
from askfirst.core.texts import Durations, filled_about

# What a script is called with: a list (site_config), or an object with names for builds that were served before it.
Config = Mapping[str, object] | Sequence[object]

_DAY_SECONDS = 86_400
# Chromium then compiles everything while the script still arrives, beside the page's own thread, and not each function
# at its first call (https://v8.dev/blog/explicit-compile-hints); to others it is a comment.
_AT_ONCE = b"//# allFunctionsCalledOnLoad\n"
_NO_CONFIG = b")(null,["
# `<` could end the script element that somebody inlines this into; U+2028 and U+2029 end a line in old JavaScript.
_ESCAPES = str.maketrans({"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def script_config(
    policy: Policy,
    language: str,
    *,
    service_url: str,
    policy_digest: str,
    build_digest: str,
    words: ScriptWords | None = None,
) -> dict[str, object]:
    """Return what the script has to know of a policy in one of its languages; plain JSON values.

    `service_url` is the address of the service without a final slash; `words` is what fragments say. Raises KeyError
    for a language that the policy does not have.
    """
    texts = policy.texts[language]
    parts = part_settings(policy, language, words)
    asked = [purpose.name[language] for purpose in policy.purposes if purpose.id != NECESSARY]
    about = filled_about(
        texts, controller=policy.controller.name, purposes=asked, accounts=policy.accounts.get(language)
    )
    return {
        "v": 1,
        "site": policy.site,
        "service": service_url,
        "policy": policy_digest,
        "build": build_digest,
        "revision": policy.revision,
        "language": language,
        "dir": direction(language),
        "languages": list(policy.languages),
        "lifetime": policy.lifetime_days * _DAY_SECONDS,
        "shared": policy.sharing.domain,
        "partitioned": policy.sharing.partitioned,
        "wait": policy.wait_for_receipt,
        "rule": policy.regions.default,
        "gpc": list(policy.gpc),
        "layout": shown_layout(policy),
        "controller": {
            "name": policy.controller.name,
            "contact": policy.controller.contact,
            "address": policy.controller.address,
        },
        "privacy_policy": policy.privacy_policy[language],
        "purposes": [_purpose(purpose, language) for purpose in policy.purposes],
        "services": [_service(service, language, texts.durations) for service in policy.services],
        "texts": {
            **texts.model_dump(mode="json", exclude={"durations"}),
            **{name: in_words(getattr(texts, name)) for name in LINKING},
            "about": about,
        },
        **({"parts": parts} if parts else {}),
    }


def site_script(boot: str, fragments: Sequence[str], config: Config | None) -> bytes:
    """Return the script's bytes, `(BOOT)(CONFIG,[F1,F2]);`: `boot` and each fragment are JavaScript expressions.

    Without a configuration `null` stands in its place.
    """
    return f"({boot})({_given(config)},[{','.join(fragments)}]);".encode()


def page_script(boot: str, fragments: Sequence[str], config: Config) -> bytes:
    """Return what a page loads: the script with its configuration, behind a line for the browser's compiler."""
    return _AT_ONCE + site_script(boot, fragments, config)


def configured_script(build: bytes, config: Config) -> bytes:
    """Return the script of a build that was kept, with a configuration in the place of its `null`.

    Raises ValueError where there is not one such place: what is kept is no build of a snippet then.
    """
    if build.count(_NO_CONFIG) != 1:
        raise ValueError("this is not the script of a build without a configuration")
    return build.replace(_NO_CONFIG, f")({_given(config)},[".encode())


def _given(config: Config | None) -> str:
    return json.dumps(config, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(_ESCAPES)


def build_digest(boot: str, fragments: Sequence[str]) -> str:
    """Return the 64 hex characters that name the code without any site's configuration (formats.md 7)."""
    return digest_hex(site_script(boot, fragments, None))


def _purpose(purpose: Purpose, language: str) -> dict[str, object]:
    told: dict[str, object] = {
        "id": purpose.id,
        "name": purpose.name[language],
        "description": purpose.description[language],
    }
    return {**told, "necessary": True} if purpose.id == NECESSARY else told


def _service(service: Service, language: str, words: Durations) -> dict[str, object]:
    return {
        "name": service.name,
        "purpose": service.purpose,
        "provider": service.provider.name,
        "country": service.provider.country,
        "privacy_policy": service.provider.privacy_policy,
        "description": service.description[language],
        "cookies": [
            {
                "name": cookie.name,
                "duration": duration_words(cookie.duration, words, language),
                "description": cookie.description[language],
                "kind": cookie.kind,
            }
            for cookie in service.cookies
        ],
    }
