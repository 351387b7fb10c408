"""The examples of policies: what an operator writes, the bytes that are published, and what the script is told."""

from typing import Any

from askfirst.core.policy import canonical_policy, policy_digest
from askfirst.core.site_script import build_digest, script_config, site_script
from core.examples import SITE, small, whole
from core.examples import policy as published

_BOOT = "(config,parts)=>parts.map(part=>part(config))"
_PARTS = ["config=>config&&config.site", "()=>'ü'"]
_SERVICE = "https://consent.example"


def policies() -> dict[str, Any]:
    """Return the content of policy.json."""
    return {
        "about": "formats.md, 7. `canonical` is the published text and `digest` its SHA-256; `configs` is what the "
        "script is called with in each language.",
        "accepts": [_accepted("the least", small(), 1, 1), _accepted("every member", whole(), 12, 3)],
        "script": {
            "boot": _BOOT,
            "parts": _PARTS,
            "without_configuration": site_script(_BOOT, _PARTS, None).decode(),
            "build": build_digest(_BOOT, _PARTS),
            "configuration": _UNSAFE,
            "with_configuration": site_script(_BOOT, _PARTS, _UNSAFE).decode(),
        },
    }


_UNSAFE: dict[str, object] = {"text": "</script><!-- \u2028 \u2029 ]]>", "number": 1, "nothing": None}


def _accepted(what: str, members: dict[str, Any], number: int, revision: int) -> dict[str, Any]:
    policy = published(members, number=number, revision=revision)
    digest = policy_digest(policy)
    build = build_digest(_BOOT, _PARTS)
    return {
        "what": what,
        "draft": members,
        "site": SITE,
        "number": number,
        "revision": revision,
        "canonical": canonical_policy(policy).decode(),
        "digest": digest,
        "configs": {
            language: script_config(policy, language, service_url=_SERVICE, policy_digest=digest, build_digest=build)
            for language in policy.languages
        },
    }
