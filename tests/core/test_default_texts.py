"""The texts that the service brings along: complete, plain, and the same in every language."""

import re

import pytest

from askfirst.core.policy import canonical_policy, parse_policy
from askfirst.core.policy_content import Controller
from askfirst.core.service import Provider
from askfirst.texts import default_draft, default_purpose, default_texts
from core.examples import SITE
from core.test_site_script import config

CONTROLLER = Controller(name="Example Ltd", address="1 High Street, Exampleton", contact="privacy@example.com")
ADDRESS = "https://example.com/privacy"


def test_the_english_first_layer_is_to_the_letter():
    """The words that the product was ordered with."""
    english = default_texts("en")

    assert (
        "We use cookies on our website. If you consent to their use, we use them to measure and analyze the use of the "
        "website."
    ) == english.text
    assert ("Accept", "Reject", "Information and Settings") == (english.accept, english.reject, english.settings)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_buttons_do_not_nudge(language):
    """Nothing praises one answer or blames the other (REQUIREMENTS ASK-4)."""
    words = default_texts(language)

    assert not re.search(r"!|best|better|improve your|optimal|verbessern Sie|besser", " ".join(map(str, words)), re.I)


def test_a_language_without_texts_is_named():
    """Whoever asks for one is told which there are."""
    with pytest.raises(KeyError, match=r"de, .*en, "):
        default_texts("tlh")
    with pytest.raises(KeyError):
        default_texts("../en")


def test_the_default_draft_is_published():
    """A new site's first policy is whole, in both languages, and asks for measurement alone."""
    published = default_draft(CONTROLLER, ADDRESS).published(SITE, 1, 1)

    assert published == parse_policy(canonical_policy(published))
    assert ("en", "de") == published.languages
    assert ("measurement",) == published.optional_purposes
    assert 182 == published.lifetime_days
    for language, expected in [
        ("en", "Example Ltd asks for your answer about these optional purposes: Measurement."),
        ("de", "Example Ltd bittet um Ihre Antwort zu diesen freiwilligen Zwecken: Messung."),
    ]:
        assert expected == config(published, language)["texts"]["about"]


def test_the_default_draft_is_honest_about_plausible():
    """It lists no cookie, since none is set; the item that is only read is told, and not deleted after a withdrawal."""
    (service,) = default_draft(CONTROLLER, ADDRESS, ("de",)).services

    assert "measurement" == service.purpose
    assert () == service.cookies
    assert "plausible_ignore" in service.description["de"]
    assert "Plausible Insights OÜ" == service.provider.name


def test_a_site_that_measures_by_itself_says_so():
    """Where the events go to the operator's own server, no other recipient is named."""
    own = Provider(name="Example Ltd", country="GB")
    (service,) = default_draft(CONTROLLER, ADDRESS, measured_by=own).services

    assert own == service.provider


def test_a_privacy_policy_may_differ_by_language():
    """One address for each language, or one for all."""
    by_language = {"en": ADDRESS, "de": "https://example.com/datenschutz"}

    assert by_language == default_draft(CONTROLLER, by_language).privacy_policy
    assert {"en": ADDRESS, "de": ADDRESS} == default_draft(CONTROLLER, ADDRESS).privacy_policy
    with pytest.raises(ValueError, match="https"):
        default_draft(CONTROLLER, "http://example.com/privacy")


@pytest.mark.parametrize("purpose", ["necessary", "measurement", "preferences", "marketing", "embeds"])
def test_the_common_purposes_have_words(purpose):
    """Each is named and described in plain words, and asked before unless it is necessary."""
    made = default_purpose(purpose, ("en", "de"))

    assert {"en", "de"} == set(made.name) == set(made.description)
    assert (None if purpose == "necessary" else "opt_in") == made.mode
    assert all(20 < len(description) < 200 for description in made.description.values())
