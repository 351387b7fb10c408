"""Both layers of a policy as one page without script, so that what was asked can be read, printed and filed."""

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from askfirst.core.errors import UnknownLanguage
from askfirst.core.links import parts
from askfirst.core.site_script import script_config
from askfirst.usecases.directory import LivePolicy

_PAGES: Final = Environment(
    loader=PackageLoader("askfirst.usecases"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters["in_parts"] = parts


def policy_page(live: LivePolicy, language: str, *, published: str) -> str:
    """Return an HTML page with the words of a policy in one of its languages; it loads nothing and runs nothing.

    `published` says when, in words. Raises UnknownLanguage for a language that the policy does not have.
    """
    policy = live.policy
    if language not in policy.languages:
        raise UnknownLanguage(language)
    shown = script_config(policy, language, service_url="", policy_digest=live.digest, build_digest="")
    return _PAGES.get_template("policy_page.html").render(shown=shown, policy=policy, live=live, published=published)
