"""Tags: live or held, never both, and nothing gets out of an attribute."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst_sdk import Consent, Reason
from askfirst_sdk.errors import ConfigurationError
from askfirst_sdk.tags import Html, embed_tag, gated_html, script_tag

YES = Consent(reason=Reason.GRANTED, answered=True, granted=frozenset({"measurement"}))
NO = Consent(reason=Reason.NO_RECEIPT)


class Parsed(HTMLParser):
    """What a parser makes of a piece of HTML: its elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_tag_is_live_where_consent_was_given() -> None:
    """No type that would hold it; the purpose is named, so that the snippet knows what runs."""
    assert '<script data-purpose="measurement" src="/m.js" defer></script>' == script_tag(
        YES, "measurement", src="/m.js", attributes={"defer": True}
    )


def test_a_tag_is_held_where_it_was_not() -> None:
    """A type that no browser runs, and a purpose by which the snippet releases it."""
    assert (
        '<script type="text/plain" data-purpose="measurement" src="/m.js" nonce="n0" data-domain="a.test"></script>'
        == script_tag(NO, "measurement", src="/m.js", nonce="n0", attributes={"data-domain": "a.test"})
    )


def test_a_module_stays_a_module() -> None:
    """Live with its type; held with its type put by for the release."""
    module = {"type": "module"}

    assert ("script", {"type": "module", "data-purpose": "measurement", "src": "/m.js"}) == Parsed(
        script_tag(YES, "measurement", src="/m.js", attributes=module)
    ).elements[0]
    assert (
        "script",
        {"type": "text/plain", "data-type": "module", "data-purpose": "measurement", "src": "/m.js"},
    ) == Parsed(script_tag(NO, "measurement", src="/m.js", attributes=module)).elements[0]


def test_inline_code_is_kept_as_it_is() -> None:
    """HTML does not escape inside scripts, so neither does the tag."""
    code = 'if (a < b && c > d) track("x")'

    assert f'<script data-purpose="measurement">{code}</script>' == script_tag(YES, "measurement", inline=code)


@pytest.mark.parametrize("code", ["</script>", "</SCRIPT x", "x='</ScRiPt>'", "<!-- <script>", "a <!--", "'<script>'"])
def test_inline_code_that_would_end_the_script_is_refused(code: str) -> None:
    """Also what would make a parser overlook the end (HTML, 13.2.5.17)."""
    for consent in (YES, NO):
        with pytest.raises(ConfigurationError):
            script_tag(consent, "measurement", inline=code)


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"src": "/m.js", "inline": "x"},
        {"src": "/m.js", "attributes": {"src": "/other.js"}},
        {"src": "/m.js", "attributes": {"nonce": "x"}},
        {"src": "/m.js", "attributes": {"data-purpose": "x"}},
        {"src": "/m.js", "attributes": {"data-type": "x"}},
        {"src": "/m.js", "attributes": {"Type": "x"}},
        {"src": "/m.js", "attributes": {"a b": "x"}},
        {"src": "/m.js", "attributes": {"a>": "x"}},
        {"src": "/m.js", "attributes": {"": "x"}},
        {"src": "/m.js", "attributes": {'x="y" z': True}},
    ],
)
def test_a_tag_that_could_mean_two_things_is_refused(named: dict[str, Any]) -> None:
    """A second src or type would be silently dropped by browsers, or by us."""
    with pytest.raises(ConfigurationError):
        script_tag(NO, "measurement", **named)


@pytest.mark.parametrize("purpose", ["", "Measurement", 'x" src="y', None, "m" * 33])
def test_a_purpose_is_a_purpose_id(purpose: str) -> None:
    """A typing error is noticed, not held for ever."""
    for render in (lambda: script_tag(YES, purpose, src="/m.js"), lambda: gated_html(YES, purpose, "<p>x</p>")):
        with pytest.raises(ConfigurationError):
            render()


@given(src=st.text(), nonce=st.text(), value=st.text(), allowed=st.booleans())
def test_no_value_gets_out_of_its_attribute(src: str, nonce: str, value: str, allowed: bool) -> None:
    """Whatever the values hold, the tag has one element with exactly these attributes, live or held."""
    tag = script_tag(YES if allowed else NO, "measurement", src=src, nonce=nonce, attributes={"data-x": value})
    elements = Parsed(tag).elements

    assert 1 == len(elements)
    written = elements[0][1]
    assert {"data-purpose", "src", "nonce", "data-x"} | (set() if allowed else {"type"}) == set(written)
    assert allowed == (written.get("type") != "text/plain")
    for character in "<>\"'":
        assert character not in tag.replace("<script ", "", 1).replace("></script>", "", 1).replace('"', "")


def test_other_html_is_there_or_inert() -> None:
    """A template's content is neither shown nor loaded."""
    pixel = '<img src="https://stats.example/p.gif" alt="">'

    assert pixel == gated_html(YES, "measurement", pixel)
    assert f'<template data-purpose="measurement">{pixel}</template>' == gated_html(NO, "measurement", pixel)
    for html in ("</template>", "<TEMPLATE>", "x</Template x"):
        with pytest.raises(ConfigurationError):
            gated_html(NO, "measurement", html)


def test_the_line_that_brings_the_banner() -> None:
    """One line, in the page's language if it is given."""
    assert '<script async src="https://c.test/s/demo0001.js"></script>' == embed_tag("https://c.test/", "demo0001")
    assert '<script async src="https://c.test/s/demo0001/pt-BR.js" nonce="n0"></script>' == embed_tag(
        "https://c.test", "demo0001", "pt-BR", "n0"
    )


@pytest.mark.parametrize(
    ("service_url", "site", "language"),
    [
        ("javascript:alert(1)", "demo0001", None),
        ("//c.test", "demo0001", None),
        ("https://c.test", "../x", None),
        ("https://c.test", "demo0001", "../x"),
        ("https://c.test", "demo0001", ""),
        ('https://c.test/"><script>', "demo0001", None),
    ],
)
def test_a_banner_from_nowhere_is_refused(service_url: str, site: str, language: str | None) -> None:
    """Address, site key and language are checked or escaped."""
    try:
        tag = embed_tag(service_url, site, language)
    except ConfigurationError:
        return
    assert 1 == len(Parsed(tag).elements)


def test_template_engines_put_it_in_as_it_is() -> None:
    """Jinja and Django ask for `__html__`, which no dependency is needed for."""
    from jinja2 import Environment

    tag = script_tag(YES, "measurement", src="/m.js?a&b")

    assert isinstance(tag, Html)
    assert str(tag) == Environment(autoescape=True).from_string("{{ tag }}").render(tag=tag)
