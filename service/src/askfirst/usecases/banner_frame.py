"""A page with nothing but a banner, to look at: the script that visitors get, where it can send and keep nothing."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from askfirst.core.languages import direction
from askfirst.core.packed_config import reads_packed
from askfirst.core.policy import Policy
from askfirst.core.site_config import site_config
from askfirst.core.site_script import Config, configured_script, script_config

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


def recorded_script(policy: Policy, policy_digest: str, language: str, build: bytes, build_digest: str) -> bytes:
    """Return the script that showed a published policy in one of its languages, from the bytes of its build.

    Raises KeyError for a language that the policy does not have, ValueError for bytes that are no build.
    """
    told = site_config if reads_packed(build) else script_config
    config: Config = told(policy, language, service_url="", policy_digest=policy_digest, build_digest=build_digest)
    return configured_script(build, config)


@cache
def _part(ending: str) -> str:
    return (files(__package__) / "templates" / f"banner_frame.{ending}").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
