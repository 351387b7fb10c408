"""Everything that a site's script is told of a policy in one language, as the snippet reads it."""

import json
from collections.abc import Sequence

from askfirst.core.banner_style import banner_style
from askfirst.core.packed_config import packed_config
from askfirst.core.page_texts import ScriptWords
from askfirst.core.policy import Policy
from askfirst.core.script_parts import region_modes
from askfirst.core.site_script import script_config


def site_config(
    policy: Policy,
    language: str,
    *,
    service_url: str,
    policy_digest: str,
    build_digest: str,
    words: ScriptWords | None = None,
    switches: bool = True,
) -> list[object]:
    """Return the list; plain JSON values.

    `switches` is False for a build that says nothing beside its switches: what it is told stays what pages have
    pinned. `service_url` is the address of the service without a final slash; `words` is what fragments say. Raises
    KeyError for a language that the policy does not have.
    """
    named = script_config(
        policy, language, service_url=service_url, policy_digest=policy_digest, build_digest=build_digest, words=words
    )
    texts = policy.texts[language]
    more = {
        "style": banner_style(policy),
        "rules": region_modes(policy),
        "optOut": policy.opt_out_link.get(language) or "",
        "switch": [texts.on, texts.off] if switches else [],
    }
    return packed_config({**named, **more})


def config_json(config: Sequence[object]) -> bytes:
    """Return the bytes that a page pins by their digest, where it loads a build by its own name."""
    return json.dumps(config, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
