"""The one policy that every size and banner here is measured with, so that figures of two days can be compared."""

from pathlib import Path

from askfirst.core.policy import Policy, PolicyDraft, parse_draft
from askfirst.core.site_config import config_json, site_config
from askfirst.core.slim_config import slim_config
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
    config = _config(policy, language, service_url, digests)
    return snippet.page_script(parts, slim_config(config, script_words(language).embed.failed))


def told_later(language: str, service_url: str = "https://consent.example.org") -> bytes:
    """Return what a page fetches of this policy where somebody opens Information and Settings."""
    snippet, policy = read_snippet(), published()
    parts = snippet.parts(policy)
    digests = {"policy_digest": snippet.digest(parts)[::-1], "build_digest": snippet.digest(parts)}
    return config_json(_config(policy, language, service_url, digests))


def code() -> bytes:
    """Return the site's script without any configuration."""
    snippet = read_snippet()
    return snippet.script(snippet.at_once(snippet.parts(published())), None)


def code_later(name: str) -> bytes:
    """Return the module of this name that a page fetches where it is wanted."""
    return next(text for file, text in read_snippet().later.items() if file.startswith(f"{name}-")).encode()


def _config(policy: Policy, language: str, service_url: str, digests: dict[str, str]) -> list[object]:
    return site_config(policy, language, service_url=service_url, words=script_words(language), **digests)
