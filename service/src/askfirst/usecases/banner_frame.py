"""A page with nothing but a banner, to look at: the script that visitors get, where it can send and keep nothing."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, Protocol, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from askfirst.core.languages import direction
from askfirst.core.packed_config import fetches_settings, reads_packed
from askfirst.core.policy import Policy, PolicyDraft, policy_digest
from askfirst.core.policy_content import Layout
from askfirst.core.site_config import site_config
from askfirst.core.site_script import Config, configured_script, script_config
from askfirst.texts import script_words

Layer = Literal["first", "second"]
Scheme = Literal["light", "dark"]

LAYERS: Final[tuple[Layer, ...]] = ("first", "second")
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")

_PAGES: Final = Environment(
    loader=PackageLoader("askfirst.usecases"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# In a script element these would end it, or begin a comment that hides its end; in a string `\/` and `\!` are the same.
_ENDS: Final = re.compile(r"<(?=/script|!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BannerFrame:
    """A page and the Content-Security-Policy that it has to be served with."""

    html: str
    content_policy: str


def banner_frame(
    script: bytes, language: str, *, layer: Layer = "first", scheme: Scheme | Literal[""] = "", rule: str = ""
) -> BannerFrame:
    """Return the page on which a site's script shows its banner in `language`.

    `scheme` is the colour scheme that the banner believes in, empty for the browser's own. `rule` is the region rule
    that the page is told where it asks for one. The policy of the page lets no request out, and makes it an origin of
    its own that has neither cookies nor storage, so that nothing is ever recorded.
    """
    style, quiet = _part("css"), _part("js")
    shown = _ENDS.sub(r"<\\", script.decode())
    html = _PAGES.get_template("banner_frame.html").render(
        language=language,
        dir=direction(language),
        scheme=scheme,
        layer=layer,
        rule=rule,
        title="The banner",
        style=Markup(style),  # noqa: S704 (files of this package)
        quiet=Markup(quiet),  # noqa: S704
        script=Markup(shown),  # noqa: S704 (the very script that pages run)
    )
    allowed = " ".join(f"'{_hash(text)}'" for text in (quiet, shown))
    return BannerFrame(
        html,
        f"sandbox allow-scripts; default-src 'none'; script-src {allowed}; style-src '{_hash(style)}';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'",
    )


def message_frame(said: str, language: str, *, scheme: Scheme | Literal[""] = "") -> BannerFrame:
    """Return a page that says something where no banner can be shown."""
    style = _part("css")
    html = _PAGES.get_template("message_frame.html").render(
        language=language,
        dir=direction(language),
        scheme=scheme,
        said=said,
        style=Markup(style),  # noqa: S704 (a file of this package)
    )
    return BannerFrame(
        html,
        f"sandbox; default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'",
    )


class SnippetBuild(Protocol):
    """The built snippet that this release serves."""

    def parts(self, policy: Policy) -> list[str]:
        """Return the names of the fragments that a policy uses."""
        ...

    def digest(self, parts: list[str]) -> str:
        """Return the build digest of the joined code."""
        ...

    def script(self, parts: list[str], config: Config | None) -> bytes:
        """Return the script's bytes with a configuration, or with `null` in its place."""
        ...


def previewed_script(
    draft: PolicyDraft,
    site_key: str,
    language: str,
    snippet: SnippetBuild,
    *,
    layout: str = "",
    service_url: str = "",
) -> bytes:
    """Return the script that would show a draft in one of its languages; `layout` stands in the place of its own.

    Raises KeyError for a language that the draft does not have.
    """
    if layout in get_args(Layout.model_fields["first_layer"].annotation):
        draft = draft.model_copy(update={"layout": Layout.model_validate({"first_layer": layout})})
    # The number and the revision are seen nowhere in a banner.
    policy = draft.published(site_key, 1, 1)
    parts = snippet.parts(policy)
    digest = snippet.digest(parts)
    config = site_config(
        policy,
        language,
        service_url=service_url,
        policy_digest=policy_digest(policy),
        build_digest=digest,
        words=script_words(language),
    )
    return snippet.script(parts, config)


def build_of(draft: PolicyDraft, site_key: str, snippet: SnippetBuild) -> str:
    """Return the digest of the build that shows a draft."""
    return snippet.digest(snippet.parts(draft.published(site_key, 1, 1)))


def recorded_script(policy: Policy, digest: str, language: str, build: bytes, build_digest: str) -> bytes:
    """Return the script that showed a published policy in one of its languages, from the bytes of its build.

    `digest` and `build_digest` are their names. Raises KeyError for a language that the policy does not have,
    ValueError for bytes that are no build.
    """
    told: dict[str, Any] = {
        "service_url": "",
        "policy_digest": digest,
        "build_digest": build_digest,
        "words": script_words(language),
    }
    config: Config = (
        site_config(policy, language, **told, switches=fetches_settings(build))
        if reads_packed(build)
        else script_config(policy, language, **told)
    )
    return configured_script(build, config)


@cache
def _part(ending: str) -> str:
    return (files(__package__) / "templates" / f"banner_frame.{ending}").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
