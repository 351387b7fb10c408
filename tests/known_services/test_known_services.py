"""The catalogue that is brought along, held entry by entry."""

from datetime import date

import pytest

from askfirst.core.durations import duration_words
from askfirst.core.policy import PolicyDraft
from askfirst.core.service import Cookie, Provider, Service
from askfirst.core.texts import Durations
from askfirst.known_services import all_services, country_notes, find, kept_by
from askfirst.texts import default_draft, default_texts
from core.test_default_texts import ADDRESS, CONTROLLER

SERVICES = all_services()
EEA = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
ASKED_FOR = """
    ab-tasty adobe-analytics adobe-fonts amplitude calendly cloudflare crazy-egg criteo crisp dailymotion datadog-rum
    disqus drift econda etracker facebook-embeds fathom font-awesome friendly-captcha fullstory google-ads
    google-analytics google-fonts google-maps google-tag-manager gravatar hcaptcha heap hotjar hubspot
    instagram-embeds intercom klarna linkedin-insight mailchimp mapbox matomo meta-pixel microsoft-clarity
    microsoft-uet mixpanel mouseflow new-relic openstreetmap optimizely outbrain paypal piano-analytics
    pinterest-tag piwik-pro plausible posthog recaptcha reddit-pixel segment sentry sharethis simple-analytics
    snap-pixel soundcloud spotify stripe taboola tawk-to tiktok-pixel turnstile typeform umami vimeo vwo x-embeds
    x-pixel youtube zendesk
"""
MEASURING = """
    ab-tasty adobe-analytics amplitude crazy-egg datadog-rum econda etracker fathom fullstory google-analytics heap
    hotjar matomo microsoft-clarity mixpanel mouseflow new-relic optimizely piano-analytics piwik-pro plausible posthog
    segment sentry simple-analytics umami vwo
"""


def each(services=SERVICES):
    return pytest.mark.parametrize("service", services, ids=lambda service: service.id)


def test_the_common_services_are_there():
    """At least sixty, and each that was asked for by name."""
    ids = [service.id for service in SERVICES]

    assert 60 <= len(ids) == len(set(ids))
    assert sorted(ids) == ids
    assert set() == set(ASKED_FOR.split()) - set(ids)


def test_names_are_told_apart():
    """No two entries are called the same."""
    names = [service.name.casefold() for service in SERVICES]

    assert len(names) == len(set(names))


def test_a_service_is_found_by_its_id():
    """Whoever asks for one that is not there gets nothing, and no file of that name is opened."""
    assert "Matomo" == find("matomo").name
    assert [None, None, None] == [find(name) for name in ("unheard-of", "../countries", "")]


@each()
def test_every_entry_has_its_source_and_day(service):
    """The day is a real one and not in the future of the others."""
    assert date(2026, 1, 1) <= date.fromisoformat(service.checked) <= date(2027, 12, 31)
    assert service.source.startswith("https://")


@each()
def test_every_entry_is_said_in_plain_sentences(service):
    """What is shown to a person is a sentence, not a label and not a page of advertising."""
    for text in [service.description, service.gaps, *(item.description for item in service.items)]:
        if text is not None:
            assert text.endswith("."), text
            assert 15 <= len(text) <= 240, text
            assert text[0].isupper() or text.startswith("_"), text


@pytest.mark.parametrize("service_id", MEASURING.split())
def test_measurement_is_never_necessary(service_id):
    """A tool that counts or records is offered under measurement, and never as something that is not asked."""
    service = find(service_id)

    assert "measurement" == service.purposes[0]
    assert "necessary" not in service.purposes


def test_little_is_necessary():
    """Only what takes payments, delivers the website or keeps bots away can be; each addition is a decision."""
    necessary = {service.id for service in SERVICES if "necessary" in service.purposes}

    assert {"cloudflare", "friendly-captcha", "hcaptcha", "paypal", "stripe", "turnstile"} == necessary


@each()
def test_a_provider_abroad_means_a_transfer(service):
    """Who has its seat outside the European Economic Area gets data there; and each such country is explained."""
    notes = {note.country for note in country_notes()}

    if service.provider.country not in EEA:
        assert service.provider.country in service.outside
    assert not EEA & set(service.outside)
    assert set(service.outside) <= notes


def test_every_note_about_a_country_is_needed():
    """Each is there once, and some service sends data there."""
    countries = [note.country for note in country_notes()]

    assert len(countries) == len(set(countries))
    assert {country for service in SERVICES for country in service.outside} == set(countries)


@each()
def test_every_duration_can_be_said(service):
    """In words, in any language."""
    words: Durations = default_texts("de").durations

    for item in service.items:
        if item.duration is not None:
            assert duration_words(item.duration, words, "de")


@each([service for service in SERVICES if all(item.duration for item in service.items)])
def test_a_policy_takes_what_an_entry_says(service):
    """Names, kinds and durations go into a policy as they are."""
    draft = default_draft(CONTROLLER, ADDRESS, ("en",))
    made = Service(
        id=service.id,
        name=service.name,
        purpose="measurement",
        provider=Provider(**service.provider.model_dump()),
        description={"en": service.description},
        cookies=tuple(
            Cookie(name=item.name, kind=item.kind, duration=item.duration, description={"en": item.description})
            for item in service.items
        ),
    )
    members = {name: getattr(draft, name) for name in PolicyDraft.model_fields}

    assert made == PolicyDraft(**{**members, "services": (made,)}).services[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_ga", {"google-analytics"}),
        ("_ga_AB12CD34", {"google-analytics"}),
        ("_ga_*", {"google-analytics"}),
        ("_pk_id.1.1fff", {"matomo", "piwik-pro"}),
        ("_fbp", {"meta-pixel"}),
        ("_hjSessionUser_123", {"hotjar"}),
        ("MUID", {"microsoft-clarity", "microsoft-uet"}),
        ("session_of_this_website", set()),
        ("PHPSESSID", set()),
    ],
)
def test_a_name_tells_who_keeps_it(name, expected):
    """So that a cookie that is known for measurement is not passed off as necessary."""
    assert expected == {service.id for service in kept_by(name)}


def test_sentences_are_not_taken_from_elsewhere():
    """Facts carry over with their source; the words are the catalogue's own, so none has a vendor's voice in it."""
    for service in SERVICES:
        for text in (service.description, *(item.description for item in service.items)):
            assert not {"we", "our", "us", "you"} & set(text.lower().replace(",", "").replace(".", "").split())
