"""The script that a page loads says what the policy says, and can not break out of where it stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.policy import Policy
from askfirst.core.site_script import build_digest, configured_script, page_script, script_config, site_script
from askfirst.snippet_files import read_snippet
from core.examples import policy, small, texts, whole

_TEXT = st.text(st.sampled_from("</script!->\u2028\u2029]é\"\\'&\n"), max_size=30)


def config(published: Policy, language: str) -> dict[str, object]:
    return script_config(
        published, language, service_url="https://consent.example", policy_digest="a" * 64, build_digest="b" * 64
    )


@given(st.dictionaries(_TEXT, _TEXT))
def test_no_text_ends_the_script(members):
    """Whatever a text holds, the script stays one, and JavaScript reads the very same text."""
    script = site_script("b", ["p"], dict(members)).decode()
    inside = script.removeprefix("(b)(").removesuffix(",[p]);")

    assert not set("<\u2028\u2029") & set(script)
    assert members == json.loads(inside)


def test_the_configuration_has_the_members_that_the_snippet_reads():
    """The contract with the snippet, member by member."""
    told = config(policy(), "de")

    assert {
        "v": 1,
        "site": "demo0001",
        "service": "https://consent.example",
        "policy": "a" * 64,
        "build": "b" * 64,
        "revision": 1,
        "language": "de",
        "dir": "ltr",
        "languages": ["de", "en", "ar"],
        "lifetime": 365 * 86_400,
        "shared": "beispiel.example",
        "partitioned": True,
        "wait": True,
        "rule": "default",
        "gpc": ["marketing"],
        "layout": "box",
        "privacy_policy": "https://beispiel.example/de/privacy?from=banner#top",
    } == {name: value for name, value in told.items() if name not in {"controller", "purposes", "services", "texts"}}
    assert {"name", "contact", "address"} == set(told["controller"])
    assert [("necessary", True), ("measurement", None), ("embeds", None), ("marketing", None)] == [
        (purpose["id"], purpose.get("necessary")) for purpose in told["purposes"]
    ]


def test_services_are_told_in_the_language():
    """Cookies come with their duration in words (REQUIREMENTS ASK-6)."""
    video, statistics = config(policy(), "de")["services"]

    assert ("Video", "embeds", "Video Inc.", "US", "https://video.example/privacy") == tuple(
        video[name] for name in ("name", "purpose", "provider", "country", "privacy_policy")
    )
    assert (None, None) == (statistics["country"], statistics["privacy_policy"])
    assert [("video-volume", "local", "persistent de"), ("view", "session", "session de")] == [
        (cookie["name"], cookie["kind"], cookie["duration"]) for cookie in video["cookies"]
    ]
    assert "400 days de" == statistics["cookies"][0]["duration"]


def test_the_first_layer_names_the_controller_and_every_optional_purpose():
    """Both are filled in for the page, and `necessary` is not among what is asked (REQUIREMENTS ASK-13)."""
    about = config(policy(), "en")["texts"]["about"]

    assert "Beispiel & Söhne GmbH asks: measurement in English, embeds in English, marketing in English" in about
    assert "necessary" not in about


def test_every_text_is_told_under_its_key():
    """Nothing of one language falls through to another, and only words that the page shows are sent."""
    told = config(policy(), "ar")["texts"]
    expected = {name: text for name, text in texts("ar").items() if name not in {"about", "durations"}}

    assert expected == {name: text for name, text in told.items() if name != "about"}
    assert "rtl" == config(policy(), "ar")["dir"]


def test_nothing_of_a_region_or_another_language_is_sent():
    """A page pays for what it shows."""
    sent = json.dumps(config(policy(whole()), "en"), ensure_ascii=False)

    assert "auf Deutsch" not in sent
    assert "1798" not in sent


def test_a_language_that_the_policy_lacks_is_not_told():
    """No English falls through."""
    with pytest.raises(KeyError):
        config(policy(small()), "de")


def test_the_build_digest_is_of_the_code_alone():
    """Two sites with the same parts have one build; another order of parts is another."""
    assert build_digest("b", ["p", "q"]) == build_digest("b", ["p", "q"])
    assert 3 == len({build_digest("b", ["p", "q"]), build_digest("b", ["q", "p"]), build_digest("b", ["p"])})


def test_a_kept_build_takes_a_configuration() -> None:
    """As if it had been joined with it; whatever is no build is refused."""
    build = site_script("boot", ["a", "b"], None)

    assert site_script("boot", ["a", "b"], {"x": "</script>"}) == configured_script(build, {"x": "</script>"})
    for other in (b"", b"(boot)({},[]);", build + build):
        with pytest.raises(ValueError, match="not the script of a build"):
            configured_script(other, {})


def test_every_build_of_this_release_has_one_place_for_a_configuration() -> None:
    """Code that held the same characters by chance could not be shown years later."""
    snippet = read_snippet()
    parts = list(snippet.fragments)
    whole = snippet.script(parts, None)

    assert snippet.script(parts, {"v": 1}) == configured_script(whole, {"v": 1})


def test_what_a_page_loads_is_compiled_while_it_arrives() -> None:
    """The line for Chromium is the first, where alone it counts; behind it is the script as it is frozen."""
    line, script = page_script("b", ["p"], {"v": 1}).split(b"\n")

    assert b"//# allFunctionsCalledOnLoad" == line
    assert site_script("b", ["p"], {"v": 1}) == script
