"""The list for the privacy page says everything that a policy knows of its services (REQUIREMENTS ASK-6, ST-3)."""

import pytest

from askfirst.core.declaration import declaration
from askfirst.texts import declaration_texts
from core.examples import policy, whole


def told(language: str):
    return declaration(policy(whole()), language, declaration_texts(language))


def test_every_purpose_has_its_services_and_every_service_its_cookies():
    """In the policy's order, with durations in words."""
    purposes = {one["id"]: one for one in told("de")["purposes"]}
    (video,) = purposes["embeds"]["services"]

    assert ["necessary", "measurement", "embeds", "marketing"] == list(purposes)
    assert ([], True) == (purposes["necessary"]["services"], purposes["necessary"]["necessary"])
    assert ("Video", "Video Inc.", "US") == (video["name"], video["provider"]["name"], video["provider"]["country"])
    assert [{"country": "US", "basis": "adequacy"}] == video["transfers"]
    assert [("video-volume", "local", "persistent de"), ("view", "session", "session de")] == [
        (cookie["name"], cookie["kind"], cookie["duration"]) for cookie in video["cookies"]
    ]


def test_it_says_who_asks_and_how_long_an_answer_is_kept():
    """And which version of the policy it is."""
    shown = told("de")

    assert ("365 days de", 1, "ltr") == (shown["kept"], shown["number"], shown["dir"])
    assert "Beispiel & Söhne GmbH" == shown["controller"]["name"]
    assert "rtl" == told("ar")["dir"]


def test_a_language_that_the_policy_does_not_have_is_none():
    """Nothing is guessed."""
    with pytest.raises(KeyError):
        declaration(policy(whole()), "fr", declaration_texts("fr"))
