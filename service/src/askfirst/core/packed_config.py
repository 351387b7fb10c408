"""What a site's script is told, packed into lists: the names of members would be a fifth of what every page loads.

`script_config` says it with names, which is what pages of the console show and what builds read that were served
before. The order of the lists is that of snippet/src/config.ts.
"""

from collections.abc import Mapping
from typing import Any, Final

from askfirst.core.purposes import NECESSARY

# The texts in their order; those in capitals are no texts of a language but facts of the policy.
TEXTS: Final = (
    "text",
    "about",
    "accept",
    "reject",
    "settings",
    "banner_name",
    "title",
    "close",
    "intro",
    "always_on",
    "cookies",
    "cookie_name",
    "cookie_purpose",
    "cookie_duration",
    "no_cookies",
    "privacy_policy",
    "last_answer",
    "not_answered",
    "consent_id",
    "copy",
    "copied",
    "controller",
    "CONTROLLER",
    "contact",
    "CONTACT",
    "PRIVACY_POLICY",
    "how_to_withdraw",
    "withdraw",
    "accept_all",
    "reject_all",
    "save",
    "saved",
    "queued",
    "reopen",
)
_KINDS: Final = {"cookie": 0, "local": 1, "session": 2}
# Members that a script does without where they say nothing.
_DEFAULTS: Final[Mapping[str, object]] = {"dir": "ltr", "rule": "default", "layout": "bar"}
_PACKED: Final = {
    *("v", "site", "service", "policy", "build", "revision", "language", "purposes", "services", "texts"),
    *("controller", "privacy_policy", "lifetime", "shared", "partitioned"),
}


def packed_config(config: Mapping[str, Any]) -> list[object]:
    """Return a configuration with names (`script_config`) as the list that the snippet reads; plain JSON values."""
    return [
        2,
        config["site"],
        config["service"],
        config["policy"],
        config["build"],
        config["revision"],
        config["language"],
        _texts(config),
        [_purpose(purpose, config) for purpose in config["purposes"]],
        _more(config),
    ]


def reads_packed(build: bytes) -> bool:
    """Tell whether a build that was kept reads the list: earlier ones find texts by their names."""
    return b"cookie_duration" not in build


def fetches_settings(build: bytes) -> bool:
    """Tell whether a build that was kept has the second layer as a part of its own, with words beside switches."""
    return b'"settings-' in build


def _texts(config: Mapping[str, Any]) -> list[str]:
    controller, texts = config["controller"], config["texts"]
    address, contact = controller.get("address"), controller.get("contact") or ""
    facts = {
        "CONTROLLER": f"{controller['name']}, {address}" if address else controller["name"],
        "CONTACT": f"mailto:{contact}" if "@" in contact and not set(" :") & set(contact) else contact,
        "PRIVACY_POLICY": config["privacy_policy"],
    }
    # An odd label is better than none.
    return [facts.get(name) or texts.get(name) or name.replace("_", " ") for name in TEXTS]


def _purpose(purpose: Mapping[str, Any], config: Mapping[str, Any]) -> list[object]:
    texts, services = config["texts"], [one for one in config["services"] if one["purpose"] == purpose["id"]]
    cookies = sum(len(service.get("cookies") or ()) for service in services)
    counted = [f"{texts.get(name, name)} ({n})" for name, n in (("services", len(services)), ("cookies", cookies))]
    return [
        NECESSARY if purpose.get("necessary") else purpose["id"],
        purpose["name"],
        purpose.get("description") or "",
        ", ".join(counted) if services else "",
        *(_service(service, texts) for service in services),
    ]


def _service(service: Mapping[str, Any], texts: Mapping[str, str]) -> list[object]:
    provider = ", ".join(part for part in (service.get("provider"), service.get("country")) if part)
    return [
        service["name"],
        service.get("description") or "",
        f"{texts.get('provider', 'provider')}: {provider}" if provider else "",
        service.get("privacy_policy") or "",
        *(_cookie(cookie) for cookie in service.get("cookies") or ()),
    ]


def _cookie(cookie: Mapping[str, Any]) -> list[object]:
    kind = _KINDS[cookie.get("kind") or "cookie"]
    told = [cookie["name"], cookie.get("description") or "", cookie.get("duration") or ""]
    return [*told, kind] if kind else told


def _more(config: Mapping[str, Any]) -> dict[str, object]:
    said = {
        name: value
        for name, value in config.items()
        if name not in _PACKED and value not in (None, False, [], {}, "") and value != _DEFAULTS.get(name)
    }
    if said.get("languages") == [config["language"]]:
        del said["languages"]
    shared, partitioned = config.get("shared"), config.get("partitioned")
    if shared or partitioned:
        # formats.md, 4: in a frame of another site a browser neither keeps nor sends a Lax cookie.
        sent = "SameSite=None;Partitioned" if partitioned else "SameSite=Lax"
        domain = f";Domain={shared}" if shared else ""
        said["cookie"] = f"{'__Secure-' if shared else '__Host-'};{sent};Secure{domain}"
    return said
