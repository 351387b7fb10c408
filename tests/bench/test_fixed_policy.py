"""The bench policy stays the one that every figure was measured with."""

from collections import Counter

from bench.fixed_policy import published, site_script

from askfirst.core.policy import canonical_policy, parse_policy


def test_it_publishes() -> None:
    """The file is a draft that this version publishes, and its canonical bytes read back as the same policy."""
    policy = published()

    assert policy == parse_policy(canonical_policy(policy))


def test_it_has_the_size_that_figures_are_compared_at() -> None:
    """Three optional purposes, six services, fourteen cookies, in English and German."""
    policy = published()
    cookies = sum(len(service.cookies) for service in policy.services)

    assert (3, 6, 14, ("en", "de")) == (len(policy.optional_purposes), len(policy.services), cookies, policy.languages)


def test_every_optional_purpose_has_two_services() -> None:
    """No purpose is an empty row in the second layer."""
    per_purpose = Counter(service.purpose for service in published().services)

    assert {"measurement": 2, "embeds": 2, "marketing": 2} == per_purpose


def test_one_language_is_sent_and_not_two() -> None:
    """The English script says nothing in German."""
    assert (True, False) == tuple(b"Werbung" in site_script(language) for language in ("de", "en"))
