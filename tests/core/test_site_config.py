"""What a site's script is told is what its policy says, packed as the snippet reads it."""

import re
from pathlib import Path

import pytest

from askfirst.core.packed_config import TEXTS, fetches_settings, packed_config, reads_packed
from askfirst.core.policy import Policy
from askfirst.core.site_config import site_config
from askfirst.core.slim_config import slim_config
from askfirst.texts import script_words
from core.examples import policy, small, whole
from core.test_site_script import config

ROOT = Path(__file__).parents[2]


def packed(published: Policy, language: str = "en") -> list[object]:
    return site_config(
        published, language, service_url="https://consent.example", policy_digest="a" * 64, build_digest="b" * 64
    )


def test_the_texts_stand_where_the_snippet_looks_for_them():
    """Both sides have one list, in one order."""
    declared = re.search(r"enum Text \{([^}]*)\}", (ROOT / "snippet/src/config.ts").read_text())
    names = {"controllerFacts": "CONTROLLER", "contactAddress": "CONTACT", "privacyPolicyAddress": "PRIVACY_POLICY"}

    assert declared is not None
    assert TEXTS == tuple(
        names.get(name) or re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)
        for name in re.findall(r"\w+", declared[1])
    )


def test_a_policy_is_told_in_ten_parts():
    """The contract with the snippet, place by place."""
    version, site, service, digest, build, revision, language, texts, purposes, more = packed(policy(), "de")

    assert (2, "demo0001", "https://consent.example", "a" * 64, "b" * 64, 1, "de") == (
        version,
        site,
        service,
        digest,
        build,
        revision,
        language,
    )
    assert len(TEXTS) == len(texts)
    assert ["necessary", "measurement", "embeds", "marketing"] == [purpose[0] for purpose in purposes]
    assert "__Secure-;SameSite=None;Partitioned;Secure;Domain=beispiel.example" == more["cookie"]
    assert [True, ["marketing"], ["de", "en", "ar"]] == [more[name] for name in ("wait", "gpc", "languages")]


def test_a_plain_policy_says_nothing_but_what_it_has():
    """Every member that has its default costs nothing."""
    assert {"switch": ["on in English", "off in English"]} == packed(policy(small()))[-1]


def test_services_stand_under_their_purpose_with_what_they_keep():
    """Name, what it does, provider, its policy, and each stored thing with its kind where that is no cookie."""
    _, _, embeds, _ = packed(policy(), "de")[8]
    name, _, provider, privacy, volume, view = embeds[4]

    assert ("Video", "https://video.example/privacy") == (name, privacy)
    assert provider.endswith(": Video Inc., US")
    assert ["video-volume", "persistent de", 1] == [volume[0], *volume[2:]]
    assert ["view", "session de", 2] == [view[0], *view[2:]]
    assert re.fullmatch(r".* \(1\), .* \(2\)", embeds[3])


def test_a_missing_text_is_its_name_in_words():
    """An odd label is better than a button without any."""
    told = config(policy(small()), "en")
    del told["texts"]["accept_all"]

    assert "accept all" == packed_config(told)[7][TEXTS.index("accept_all")]


@pytest.mark.parametrize("contact", ["https://x.example/contact", "call: 1@2", "a b@c"])
def test_a_contact_that_is_no_mail_address_is_no_mail_link(contact):
    """Only what is certainly an address is made a link."""
    told = config(policy(small()), "en")
    told["controller"]["contact"] = contact

    assert contact == packed_config(told)[7][TEXTS.index("CONTACT")]


def test_looks_are_told_as_rules_of_the_sheet():
    """A scheme is dressed by its own tokens only; a length and a font hold in both."""
    members = whole() | {
        "theme": {"paper": "#fffefa", "dark-accent": "#9ecbff", "radius": "0", "font": "'Source Sans 3', sans-serif"},
        "layout": {"first_layer": "box"},
    }
    more = packed(policy(members))[-1]

    assert more["style"].startswith(".bar{max-width:")
    assert more["style"].endswith(
        ":host{--radius:0;font-family:'Source Sans 3', sans-serif}"
        "@media(prefers-color-scheme:light){:host{--paper:#fffefa}}"
        "@media(prefers-color-scheme:dark){:host{--accent:#9ecbff}}"
    )


def test_a_page_is_told_of_regions_only_where_they_differ():
    """Where everybody is asked before, no page has to ask where it is seen."""
    asked, elsewhere = small(), small()
    rule = {"id": "us", "places": ["US"], "modes": {"measurement": "opt_out"}, "since": "2023-01-01", "source": "x"}
    elsewhere["regions"] = {"rules": [rule]}
    elsewhere["opt_out_link"] = {"en": "Do not sell or share"}

    assert "rules" not in packed(policy(asked))[-1]
    more = packed(policy(elsewhere))[-1]
    assert {"default": {"measurement": "opt_in"}, "us": {"measurement": "opt_out"}} == more["rules"]
    assert "Do not sell or share" == more["optOut"]


def test_builds_from_before_are_told_by_names():
    """What such a build showed can be shown again as long as its bytes are kept."""
    now = (ROOT / "service/src/askfirst/static/snippet/boot.js").read_bytes()

    assert [True, False] == [reads_packed(now), reads_packed((ROOT / "tests/vectors/boot-1.js").read_bytes())]


def test_a_build_from_before_is_told_what_pages_have_pinned():
    """Words beside switches are new: a build without them gets the very bytes that it always got."""
    boot = (ROOT / "service/src/askfirst/static/snippet/boot.js").read_bytes()
    before = (ROOT / "tests/vectors/build-2.js").read_bytes()
    digests = {"policy_digest": "a" * 64, "build_digest": "b" * 64}
    told = site_config(policy(small()), "en", service_url="https://consent.example", switches=False, **digests)

    assert [True, False] == [fetches_settings(boot), fetches_settings(before)]
    assert {} == told[-1]


def test_a_page_loads_only_what_it_needs_at_once():
    """Texts of the first layer, and of each service nothing but the names of what it stores, with their kinds."""
    digests = {"policy_digest": "a" * 64, "build_digest": "b" * 64}
    whole_config = site_config(
        policy(), "en", service_url="https://consent.example", words=script_words("en"), **digests
    )
    slim = slim_config(whole_config, "not there")
    stored = [
        (name, *kind) for purpose in whole_config[8] for service in purpose[4:] for name, _, _, *kind in service[4:]
    ]

    assert [3, *whole_config[1:7]] == slim[:7]
    assert {
        "text",
        "about",
        "accept",
        "reject",
        "settings",
        "banner_name",
        "withdraw",
        "saved",
        "queued",
        "reopen",
    } == {name for name, text in zip(TEXTS, slim[7], strict=True) if text}
    assert all(text in (0, told) for text, told in zip(slim[7], whole_config[7], strict=True))
    assert [purpose[0] for purpose in whole_config[8]] == [purpose[0] for purpose in slim[8]]
    assert stored == [
        (cookie[0], *cookie[3:]) for purpose in slim[8] for service in purpose[4:] for cookie in service[4:]
    ]
    assert not any(text for purpose in slim[8] for text in purpose[1:4])
    assert "not there" == slim[9]["failed"]
    assert whole_config[9].keys() - {"switch"} == slim[9].keys() - {"failed"}
    assert 1 == slim[9]["parts"]["embeds"]
