"""Held content and foreign marks: what a policy may say of them, and what a page is told."""

import json

import pytest

from askfirst.core.errors import InvalidPolicy
from askfirst.core.policy import canonical_policy, parse_draft
from askfirst.core.script_parts import part_settings, uses
from askfirst.core.site_script import script_config
from askfirst.texts import nearest, script_words
from core.examples import policy, purpose, small, whole

EMBEDS = [purpose("necessary", "en"), purpose("embeds", "en")]
ENGLISH = script_words("en")


def test_placeholders_come_with_the_purpose_that_is_called_so():
    """Or where the policy wants them for another one."""
    assert uses(policy(small(purposes=EMBEDS)), "embeds")
    assert uses(policy(small(embeds={"placeholders": True})), "embeds")
    assert not uses(policy(small()), "embeds")


def test_a_placeholder_knows_its_words_purposes_and_services():
    """In the language of the page; `necessary` is never asked for, and neither are its services."""
    words, purposes, services = part_settings(policy(whole()), "de", script_words("de"))["embeds"]

    assert ("Einmal laden", "Immer erlauben") == tuple(words[4:6])
    assert {"measurement", "embeds", "marketing"} == set(purposes)
    assert {"video": ["Video", "Video Inc."], "statistics": ["Statistics", "Beispiel & Söhne GmbH"]} == services


def test_where_the_placeholders_ask_there_is_no_banner():
    """The script is told so, and the placeholders are part of it."""
    only = policy(small(purposes=EMBEDS, embeds={"ask_in_place": True}))
    config = script_config(only, "en", service_url="", policy_digest="", build_digest="", words=ENGLISH)

    assert "none" == config["layout"]
    assert uses(only, "embeds")


def test_what_a_policy_does_not_say_is_not_written():
    """Policies without these members keep the digest that they always had."""
    written = json.loads(canonical_policy(policy(small())))

    assert set() == {"embeds", "marks"} & set(written)
    assert {"names": {}} == json.loads(canonical_policy(policy(small(marks={}))))["marks"]


def test_names_of_other_tools_lead_to_the_purposes_of_the_policy():
    """Its own ids, its services, what other tools call them, and what the operator adds; nothing else."""
    names = part_settings(policy(whole(marks={"names": {"ga": "measurement"}})), "en", None)["marks"]

    assert {"measurement": "measurement", "analytics": "measurement", "ga": "measurement"}.items() <= names.items()
    assert ("embeds", "measurement", "marketing") == (names["video"], names["statistics"], names["advertising"])
    assert "functionality" not in names
    assert "marks" not in part_settings(policy(whole()), "en", None)


@pytest.mark.parametrize(
    ("member", "changes"),
    [
        (
            "embeds.ask_in_place",
            {"purposes": [*EMBEDS, purpose("measurement", "en")], "embeds": {"ask_in_place": True}},
        ),
        ("embeds.placeholders", {"embeds": {"placeholders": "yes"}}),
        ("embeds.placeholder", {"embeds": {"placeholder": True}}),
        ("marks.names.ga", {"marks": {"names": {"ga": "statistics"}}}),
        ("marks.names.two words", {"marks": {"names": {"two words": "measurement"}}}),
        ("marks", {"marks": True}),
    ],
)
def test_what_can_not_be_meant_is_refused(member, changes):
    """A banner that is left out may not leave a question unasked, and a name has to lead somewhere."""
    with pytest.raises(InvalidPolicy) as refused:
        parse_draft(json.dumps(small(**changes)).encode())

    assert [member] == [at for at, _message in refused.value.errors]


@pytest.mark.parametrize(("language", "files"), [("de", "de"), ("de-AT", "de"), ("ja", "en"), ("nb", "nb")])
def test_every_language_of_a_policy_has_words_beside_it(language, files):
    """Its own, those of the language that it is a kind of, or English ones."""
    assert files == nearest(language)
