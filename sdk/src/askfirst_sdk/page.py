"""What one page of the site carries: the embed line, the banner as HTML, tags live or held, the list of cookies."""

import json
import time
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files

from .client import Askfirst
from .consent import Consent
from .errors import ConfigurationError
from .lazy import LazyConsent
from .pins import Pins
from .policy_document import direction
from .policy_html import purpose_list
from .regions import DEFAULT_RULE
from .tags import Html, embed_tag, gated_html, script_tag

__all__ = ["Page"]

DEFAULT_MOUNT = "/askfirst"


class Page:
    """Makes the pieces of HTML for one response to one visitor; template engines put them in as they are.

    `consent` is the visitor's, `mount` the path of the mount where the site has one, `language` that of the page,
    `nonce` the one of its Content-Security-Policy, `path` the page's own, to which a form without JavaScript goes back,
    and `region` where the visitor is, from a source that the site trusts: a place, or the id of a region rule.
    """

    def __init__(
        self,
        askfirst: Askfirst,
        consent: Consent | LazyConsent,
        *,
        mount: str | None = None,
        language: str | None = None,
        nonce: str | None = None,
        path: str | None = None,
        region: str | None = None,
    ) -> None:
        self._askfirst = askfirst
        self.consent = consent
        self._mount = mount
        self._language = language
        self._nonce = nonce
        self._path = path
        self._region = region

    def embed(self, pins: Pins | None = None) -> Html:
        """Return the line that brings the banner, in the page's language where the policy has it: from the mount, or
        from the service, then with the integrity values of `pins` where there are some."""
        if pins is not None:
            if self._mount is not None:
                raise ConfigurationError("pinned lines are for a script of the service: a mount serves its own")
            return pins.tag(self._language, self._nonce)
        policy = self._askfirst.policy() if self._language is not None else None
        spoken = None if policy is None else policy.language(self._language)
        language = None if policy is None or spoken == policy.languages[0] else spoken
        if self._mount is not None:
            src = f"{self._mount}/s.js" if language is None else f"{self._mount}/s/{language}.js"
            nonce = "" if self._nonce is None else f' nonce="{escape(self._nonce)}"'
            return Html(f'<script async src="{escape(src)}"{nonce}></script>')
        if self._askfirst.service_url is None:
            raise ConfigurationError("the embed line needs an Askfirst with service_url, or a mount")
        return embed_tag(self._askfirst.service_url, self._askfirst.site, language, self._nonce)

    def stub(self, *, region: str | None = None, google: Mapping[str, str | int] | None = None) -> Html:
        """Return the inline script that goes before everything else: it queues what is asked of the banner before that
        is there (embedding.md), and tells it the page's language. Under a policy that forbids inline scripts it needs
        the page's nonce.

        `region` is the id of the region rule that this visitor follows, by default that of the page's region, and
        `google` what Consent Mode starts with, such as `{"ad_storage": "denied", "analytics_storage": "denied"}`.
        """
        given = {
            "nonce": self._nonce,
            "data-language": self._language,
            "data-region": region or self._rule(),
            "data-google": None if google is None else json.dumps(dict(google)),
        }
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in given.items() if value is not None)
        return Html(f"<script{attributes}>{_stub()}</script>")

    def script(
        self,
        purpose: str,
        *,
        src: str | None = None,
        inline: str | None = None,
        attributes: Mapping[str, str | bool] | None = None,
    ) -> Html:
        """Return a script that is live where this visitor allows its purpose, and held where not (tags.script_tag)."""
        return script_tag(self.consent, purpose, src=src, inline=inline, attributes=attributes, nonce=self._nonce)

    def gated(self, purpose: str, html: str) -> Html:
        """Return HTML that is there where this visitor allows its purpose, and held where not (tags.gated_html)."""
        return gated_html(self.consent, purpose, html)

    def banner(self) -> Html:
        """Return the banner as HTML for a visitor who has not answered, and nothing for any other: seen with the first
        paint, taken over by the script when that arrives, and answered by a form without it.

        Nothing either while the policy is not loaded, and where Global Privacy Control refuses all there is to ask.
        """
        if self._mount is None:
            raise ConfigurationError("the banner as HTML needs a mount, which takes its answer")
        policy = self._askfirst.policy()
        if policy is None or self.consent.answered or self._refused_by_signal(policy.optional):
            return Html("")
        language = policy.language(self._language)
        texts, mount = policy.texts(language), escape(self._mount)
        hidden = {"policy": policy.digest, "language": language, "next": self._path, "rule": self._rule()}
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items() if value
        )
        return Html(
            f'<link rel="stylesheet" href="{mount}/banner.css">'
            f'<section data-askfirst="banner" role="region" aria-label="{escape(texts["banner_name"])}"'
            f' lang="{escape(language)}" dir="{direction(language)}">'
            f"<div><p>{escape(texts['text'])}</p><p>{escape(policy.about(language))}</p></div>"
            f'<form method="post" action="{mount}/answer">{fields}'
            f'<button name="answer" value="accept_all">{escape(texts["accept"])}</button>'
            f'<button name="answer" value="reject_all">{escape(texts["reject"])}</button>'
            f'<a href="{mount}/settings">{escape(texts["settings"])}</a></form></section>'
        )

    def settings_link(self, text: str | None = None) -> Html:
        """Return a link that opens Information and Settings: over the page, or as a page of its own without JavaScript.
        Its words are the policy's unless `text` is given."""
        policy = self._askfirst.policy()
        if text is None and policy is None:
            return Html("")
        said = text or str(policy.texts(policy.language(self._language))["reopen"] if policy is not None else "")
        href = "#" if self._mount is None else f"{self._mount}/settings"
        return Html(f'<a href="{escape(href)}" data-askfirst="open">{escape(said)}</a>')

    def account_notice(self) -> Html:
        """Return the words, with a link to change it, by which somebody learns that their answer from another device
        begins to count in this browser: for the page after a sign-in whose `SignedIn.notice` says so."""
        policy = self._askfirst.policy()
        if policy is None or not policy.accounts:
            return Html("")
        language = policy.language(self._language)
        said = escape(policy.accounts[language]["notice"])
        return Html(
            f'<p data-askfirst="account" role="status" lang="{escape(language)}" dir="{direction(language)}">'
            f"{said} {self.settings_link()}</p>"
        )

    def declaration(self) -> Html:
        """Return the place of the list of cookies on a privacy page, with the list in it for who runs no script."""
        policy = self._askfirst.policy()
        listed = "" if policy is None else purpose_list(policy, policy.language(self._language))
        return Html(f'<div data-askfirst="declaration">{listed}</div>')

    def _rule(self) -> str | None:
        """Return the id of the region rule that holds where the visitor is, None where that is not known."""
        described = self._askfirst.descriptor
        if described is None or self._region is None:
            return None
        known = self._region == DEFAULT_RULE or self._region in described.rules
        return self._region if known else described.region_rules().rule_of(self._region, time.time())

    def _refused_by_signal(self, asked: tuple[str, ...]) -> bool:
        return all(self.consent.why(purpose) == "signal" for purpose in asked)


@cache
def _stub() -> str:
    try:
        return (files("askfirst_sdk") / "static" / "stub.js").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise ConfigurationError("this distribution was built without the stub: make snippet") from None
