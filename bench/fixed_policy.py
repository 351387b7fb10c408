"""The one policy that every size and banner here is measured with, so that figures of two days can be compared."""

from pathlib import Path

from askfirst.core.policy import Policy, PolicyDraft, parse_draft
from askfirst.core.site_config import site_config
from askfirst.snippet_files import read_snippet
from askfirst.texts import script_words

FILE = Path(__file__).with_name("policy.json")


def read_draft() -> PolicyDraft:
    """Return the draft in policy.json; raise InvalidPolicy where this version no longer takes it."""
    return parse_draft(FILE.read_bytes())


def published() -> Policy:
    """Return it as the first policy of a site."""
    return read_draft().published("bench", 1, 1)


def site_script(language: str, service_url: str = "https://consent.example.org") -> bytes:
    """Return the script that a page with this policy loads."""
    snippet, policy = read_snippet(), published()
    parts = snippet.parts(policy)
    # Digests do not compress: zeros in their place would make the script look smaller than it is on the wire.
    digests = {"policy_digest": snippet.digest(parts)[::-1], "build_digest": snippet.digest(parts)}
    config = site_config(policy, language, service_url=service_url, words=script_words(language), **digests)
    return snippet.script(parts, config)


def code() -> bytes:
    """Return the script without any configuration."""
    snippet = read_snippet()
    return snippet.script(snippet.parts(published()), None)
