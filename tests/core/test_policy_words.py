"""Places and values of a policy in words."""

import pytest

from askfirst.core.policy_words import place_words, value_lines


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("controller", "name"), "Controller, name"),
        (("purposes", "measurement"), "Purpose measurement"),
        (("purposes", "name", "name", "de"), "Purpose name, name in de"),
        (("purposes",), "Order of purposes"),
        (("services", "video", "cookies", "_ga_*", "duration"), "Service video, stored item _ga_*, duration"),
        (("services", "video", "cookies"), "Service video, order of cookies"),
        (("services", "video", "provider", "privacy_policy"), "Service video, provider, privacy policy"),
        (("services", "video", "transfers", "US"), "Service video, transfer to US"),
        (("texts", "de", "accept_all"), "Text in de, accept all"),
        (("privacy_policy", "de"), "Privacy policy in de"),
        (("languages", "de"), "Language de"),
        (("gpc", "embeds"), "Global Privacy Control objects to embeds"),
        (("regions", "rules", "us-ca", "modes", "embeds"), "Rule us-ca, mode of embeds"),
        (("regions", "default"), "Rule where the place is not known"),
        (("lifetime_days",), "Lifetime days"),
        (("theme", "ink"), "Theme, ink"),
    ],
)
def test_a_place_is_said_in_words(path: tuple[str, ...], expected: str):
    """Ids stay as the file has them."""
    assert expected == place_words(path)


def test_values_are_lines_of_text():
    """One for each text, and nothing for nothing."""
    assert [] == value_lines(None)
    assert ["yes"] == value_lines(True)
    assert ["0"] == value_lines(0)
    assert ["US-CA, US-CO"] == value_lines(["US-CA", "US-CO"])
    assert ["mode: opt_in", "name, en: Measurement", "cookies, _ga, kind: cookie"] == value_lines(
        {"mode": "opt_in", "name": {"en": "Measurement"}, "country": None, "cookies": {"_ga": {"kind": "cookie"}}}
    )
