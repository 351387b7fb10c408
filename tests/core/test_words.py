"""Durations, plurals, directions and web addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.addresses import checked_address, checked_domain, is_loopback
from askfirst.core.durations import amount, checked_duration, duration_words
from askfirst.core.errors import InvalidPolicy
from askfirst.core.languages import direction
from askfirst.core.texts import Texts, filled_about
from askfirst_sdk.plurals import plural_category
from core.examples import draft, small, texts


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("session", "session en"),
        ("persistent", "persistent en"),
        ("PT1S", "1 second en"),
        ("PT30M", "30 minutes en"),
        ("PT24H", "24 hours en"),
        ("P1D", "1 day en"),
        ("P2W", "2 weeks en"),
        ("P13M", "13 months en"),
        ("P1Y", "1 year en"),
        ("P9999D", "9999 days en"),
    ],
)
def test_a_duration_is_said_in_words(duration, expected):
    """One number and one unit, in the plural that the language has."""
    words = Texts.model_validate(texts("en")).durations

    assert expected == duration_words(checked_duration(duration), words, "en")


@given(st.text("PTYMWDHS0123456789.,- \n", max_size=8))
def test_arbitrary_text_is_a_duration_with_an_amount_or_none(text):
    """What passes the check can be said; `M` is months before the T, minutes after it."""
    try:
        checked_duration(text)
    except ValueError:
        with pytest.raises(ValueError, match="one unit"):
            amount(text)
        return
    number, unit = amount(text)
    assert 1 <= number <= 9999
    assert ("second", "minute", "hour").count(unit) == text.count("T")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", {0: "other", 1: "one", 2: "other", 21: "other"}),
        ("de-AT", {1: "one", 2: "other"}),
        ("fr", {0: "one", 1: "one", 2: "other"}),
        ("pt", {0: "one", 1: "one"}),
        ("pt-PT", {0: "other", 1: "one"}),
        ("is", {1: "one", 11: "other", 21: "one", 111: "other"}),
        ("cs", {1: "one", 2: "few", 4: "few", 5: "other", 22: "other"}),
        ("pl", {1: "one", 2: "few", 5: "many", 12: "many", 21: "many", 22: "few", 112: "many"}),
        ("uk", {1: "one", 2: "few", 5: "many", 11: "many", 21: "one", 112: "many"}),
        ("hr", {1: "one", 2: "few", 5: "other", 11: "other", 21: "one", 24: "few"}),
        ("sl", {1: "one", 2: "two", 3: "few", 4: "few", 5: "other", 101: "one", 102: "two"}),
        ("lt", {1: "one", 2: "few", 10: "other", 11: "other", 21: "one", 22: "few", 119: "other"}),
        ("lv", {0: "zero", 1: "one", 2: "other", 10: "zero", 11: "zero", 21: "one"}),
        ("ro", {0: "few", 1: "one", 2: "few", 19: "few", 20: "other", 101: "few", 120: "other"}),
        ("mt", {0: "few", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 19: "many", 20: "other"}),
        ("ga", {1: "one", 2: "two", 3: "few", 6: "few", 7: "many", 10: "many", 11: "other"}),
        ("ar", {0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many", 100: "other", 103: "few"}),
    ],
)
def test_a_language_counts_as_it_does(language, expected):
    """The categories are those of the Unicode CLDR's cardinal rules."""
    assert expected == {number: plural_category(language, number) for number in expected}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("he", "rtl"),
        ("az", "ltr"),
        ("az-Arab", "rtl"),
        ("ar-Latn", "ltr"),
        ("fa-IR", "rtl"),
    ],
)
def test_a_language_has_a_direction(language, expected):
    """A script that is named decides before the language."""
    assert expected == direction(language)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com",
        "https://example.com/privacy?lang=en#top",
        "https://xn--bcher-kva.example:8443/%C3%BC",
        "https://192.0.2.1/",
        "https://[2001:db8::1]/",
        "http://localhost:8000/privacy",
        "http://demo.localhost/",
        "http://127.0.0.2:8080",
        "http://[::1]:8000/",
    ],
)
def test_a_safe_address_is_taken(address):
    """https everywhere, plain http on this very machine only."""
    assert address == checked_address(address)


@pytest.mark.parametrize(
    "address",
    ["http://example.com", "http://127.0.0.1.example.com", "http://localhost@evil.example", "HTTPS://example.com"],
)
def test_an_unsafe_address_is_refused(address):
    """What only looks like loopback, or like https, is neither."""
    with pytest.raises(ValueError, match=r"must|may"):
        checked_address(address)


@given(st.text("htps:/\\.@[]exampl#?%1\n <>\"'\x00é", max_size=30))
def test_arbitrary_text_is_an_address_or_refused(text):
    """No text raises anything else, and none passes with what could break out of an attribute."""
    try:
        address = checked_address(text)
    except ValueError:
        return
    assert address.startswith(("https://", "http://"))
    assert not set(address) & set("\"'<>\\ \n\x00é@")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.255.255.255", True),
        ("::1", True),
        ("128.0.0.1", False),
        ("localhost.example", False),
        ("notlocalhost", False),
    ],
)
def test_loopback_is_this_very_machine(host, expected):
    """The hosts of formats.md 4, and no others."""
    assert expected == is_loopback(host)


@pytest.mark.parametrize("domain", ["example", "Example.com", "-a.example", "a..example", "1.2.3.4", "a.example.", ""])
def test_what_no_cookie_can_be_set_for_is_refused(domain):
    """A Domain has at least two labels and is no address."""
    with pytest.raises(ValueError, match="domain name"):
        checked_domain(domain)


def test_the_first_layer_names_who_asks_and_what_for():
    """A name that looks like a placeholder is a name (REQUIREMENTS ASK-13)."""
    words = Texts.model_validate({**texts("en"), "about": "{controller}: {purposes}."})
    told = filled_about(words, controller="{purposes} Ltd", purposes=["Measurement", "Embedded content"])

    assert "{purposes} Ltd: Measurement, Embedded content." == told


@pytest.mark.parametrize(
    "amounts", [{"one": "1 day"}, {"other": "days"}, {"other": "{n} {unit}"}, {"dual": "{n}", "other": "{n}"}]
)
def test_an_amount_without_its_number_is_refused(amounts):
    """How a number is said always shows the number."""
    words = texts("en")
    words["durations"]["day"] = amounts
    with pytest.raises(InvalidPolicy, match=r"texts\.en\.durations\.day"):
        draft(small(texts={"en": words}))
