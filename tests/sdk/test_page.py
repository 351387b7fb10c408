"""What a page carries: escaped, in its language, with its nonce, and nothing where there is nothing to say."""

import pytest

from askfirst.texts import default_texts
from askfirst_sdk import Askfirst, Reason
from askfirst_sdk.errors import ConfigurationError
from askfirst_sdk.page import Page
from askfirst_sdk.policy_html import _duration
from askfirst_sdk.testing import PretendSite, granted, no_answer, refused
from sdk.test_tags import Parsed


def page(reader: Askfirst, **given: object) -> Page:
    return Page(reader, **{"consent": no_answer(), "mount": "/askfirst", "path": "/shop?a=1&b=2", **given})  # type: ignore[arg-type]


def test_the_embed_line_speaks_the_pages_language(reader: Askfirst) -> None:
    """From the mount or from the service; the policy's first language needs no name, and one that it lacks is not
    asked."""
    assert '<script async src="/askfirst/s.js"></script>' == page(reader).embed() == page(reader, language="fr").embed()
    assert (
        '<script async src="/askfirst/s/de.js" nonce="n"></script>' == page(reader, language="de-AT", nonce="n").embed()
    )
    direct = page(reader, mount=None, language="de").embed()
    assert f'<script async src="{reader.service_url}/s/demo0001/de.js"></script>' == direct


def test_the_stub_tells_what_the_server_knows(reader: Askfirst) -> None:
    """Language, region and what Consent Mode starts with; under the page's nonce."""
    html = page(reader, language="de", nonce='"><').stub(region="us-ca", google={"ad_storage": "denied"})
    (name, attributes), *more = Parsed(html).elements

    assert ("script", []) == (name, more)
    told = {"data-language": "de", "data-region": "us-ca", "data-google": '{"ad_storage": "denied"}'}
    assert {"nonce": '"><', **told} == attributes
    assert "askfirst" in html


@pytest.mark.parametrize(
    ("consent", "shown"),
    [
        (no_answer(), True),
        (no_answer(Reason.EXPIRED), True),
        (granted("measurement"), False),
        (refused("measurement"), False),
        (no_answer(Reason.SIGNAL, measurement="opt_in", embeds="opt_in"), False),
    ],
)
def test_the_banner_is_for_who_has_not_answered(reader: Askfirst, consent: object, shown: bool) -> None:
    """Nor for a browser whose signal refuses all there is to ask."""
    assert shown is ('data-askfirst="banner"' in page(reader, consent=consent).banner())


def test_the_banner_is_a_form_with_two_equal_buttons(reader: Askfirst) -> None:
    """It names who asks and what for, its language, and the way back."""
    html = page(reader, language="de").banner()
    elements = Parsed(html).elements
    section = next(attributes for name, attributes in elements if name == "section")
    buttons = [attributes for name, attributes in elements if name == "button"]
    fields = {a["name"]: a["value"] for name, a in elements if name == "input"}

    assert {"data-askfirst": "banner", "role": "region", "lang": "de", "dir": "ltr"}.items() <= section.items()
    assert [{"name": "answer", "value": "accept_all"}, {"name": "answer", "value": "reject_all"}] == buttons
    assert ("/shop?a=1&b=2", "de", 64) == (fields["next"], fields["language"], len(fields["policy"] or ""))
    assert "Example Ltd" in html


def test_the_list_of_cookies_is_there_without_script_too(reader: Askfirst) -> None:
    """In the element that the script makes more of."""
    html = page(reader).declaration()

    assert html.startswith('<div data-askfirst="declaration"><section><h2>')


@pytest.mark.parametrize(
    ("language", "duration", "said"),
    [
        ("en", "P1D", "1 day"),
        ("en", "P2D", "2 days"),
        ("pl", "P1D", "1 dzień"),
        ("pl", "P2D", "2 dni"),
        ("pl", "P2M", "2 miesiące"),
        ("pl", "P5M", "5 miesięcy"),
        ("uk", "P21D", "21 день"),
        ("uk", "P22D", "22 дні"),
        ("uk", "P25D", "25 днів"),
        ("de", "PT30M", "30 Minuten"),
        ("de", "session", "bis Sie den Browser schließen"),
    ],
)
def test_durations_are_counted_as_the_language_counts(language: str, duration: str, said: str) -> None:
    """With its own plural forms, as the script has them."""
    texts = {"durations": default_texts(language).durations.model_dump()}

    assert said == _duration(duration, language, texts)


def test_what_needs_a_mount_or_a_service_says_so() -> None:
    """A site that fetches nothing has no policy to show, and says nothing rather than something else."""
    bare = Page(PretendSite().askfirst, no_answer())

    assert ("", '<div data-askfirst="declaration"></div>') == (bare.settings_link(), bare.declaration())
    for work in (bare.banner, bare.embed):
        with pytest.raises(ConfigurationError):
            work()
