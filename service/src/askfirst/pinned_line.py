"""The line that pins code and policy: neither can change unseen, since the browser checks both digests."""

import base64
import hashlib

from askfirst.core.policy import Policy
from askfirst.core.site_config import config_json, site_config
from askfirst.snippet_files import Snippet
from askfirst.texts import script_words


def pinned_line(policy: Policy, digest: str, language: str, snippet: Snippet, url: str) -> str:
    """Return the script element for a policy in one of its languages; `digest` names the policy, `url` the service."""
    parts = snippet.parts(policy)
    build = snippet.digest(parts)
    config = site_config(
        policy, language, service_url=url, policy_digest=digest, build_digest=build, words=script_words(language)
    )
    code = base64.b64encode(hashlib.sha384(snippet.script(parts, None)).digest()).decode()
    check = base64.b64encode(hashlib.sha256(config_json(config)).digest()).decode()
    return (
        f'<script async src="{url}/b/{build}.js" integrity="sha384-{code}" crossorigin="anonymous" '
        f'data-config="{url}/c/{policy.site}/{digest}/{build}/{language}.json" data-check="sha256-{check}"></script>'
    )
