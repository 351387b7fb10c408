"""A text may link where it is read at leisure: to https and nowhere else, and its words stay words."""

import pytest

from askfirst.core.errors import InvalidPolicy
from askfirst.core.links import Part, in_words, parts
from askfirst.usecases.directory import LivePolicy
from askfirst.usecases.policy_page import policy_page
from core.examples import draft, policy, small, texts
from core.test_site_script import config


def said(**words: str) -> dict:
    return small(texts={"en": {**texts("en"), **words}})


def test_a_link_is_words_and_an_address():
    """Whatever stands around it stays as it is."""
    text = "Read [our page](https://example.org/a?b=c#d), or [ask (us)](https://x.example)."

    assert (
        Part("Read ", None),
        Part("our page", "https://example.org/a?b=c#d"),
        Part(", or [ask (us)](https://x.example).", None),
    ) == parts(text)
    assert (Part("Only words [and] (signs).", None),) == parts("Only words [and] (signs).")


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](http://example.org)",
        "[x](data:text/html,x)",
        "[x](//example.org)",
        "[x](https://)",
        "[x](https://example.org/a b)",
        '[x](https://example.org/"onclick=)',
        "[x](https://user:word@example.org)",
        "[](https://example.org)",
        "[x](https://example.org",
        "[x][y](https://example.org) [z](ftp://example.org)",
    ],
)
def test_what_only_looks_like_a_link_is_refused(text):
    """It is told with its member, and how a link is written."""
    with pytest.raises(InvalidPolicy, match=r"texts\.en\.intro has a link that is none"):
        draft(said(intro=text))


@pytest.mark.parametrize("name", ["text", "accept", "reject", "title", "reopen", "queued"])
def test_the_first_layer_and_the_buttons_link_nowhere(name):
    """Nothing leads away from the question."""
    with pytest.raises(InvalidPolicy, match=rf"texts\.en\.{name} can have no link; how_to_withdraw and intro can"):
        draft(said(**{name: "[x](https://example.org)"}))


def test_the_banner_says_where_a_link_leads():
    """In words, so that no page pays for links that it has not."""
    linked = policy(said(intro="See [our page](https://example.org/), and [more](https://example.org/b)."))

    assert (
        "See our page (https://example.org/), and more (https://example.org/b)."
        == config(linked, "en")["texts"]["intro"]
    )
    assert "Nothing [here] (at all)." == in_words("Nothing [here] (at all).")


def test_the_page_of_a_policy_links_and_escapes():
    """Words and address are escaped apart."""
    linked = policy(said(intro="A & B: [C & D](https://example.org/?a=1&b=2)."))
    page = policy_page(LivePolicy(linked, "a" * 64, None), "en", published="today")  # type: ignore[arg-type]

    assert 'A &amp; B: <a href="https://example.org/?a=1&amp;b=2" rel="noreferrer">C &amp; D</a>.' in page
