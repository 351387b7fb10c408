"""Every rule of the check, held by a policy that breaks it and by one that only comes close."""

import copy
from typing import Any

import pytest

from askfirst.core.policy_content import Controller
from askfirst.core.rules import BY_ID, RULES
from askfirst.site_file import read_site_file
from askfirst.texts import default_draft, default_purpose, default_texts, languages
from askfirst.usecases.check_policy import check_policy
from core.examples import draft
from core.rules.cases import BAD_AND_GOOD
from site_file.examples import SHORT

CONTROLLER = Controller(
    name="Example Ltd", address="1 High Street, Exampleton", contact="privacy@example.org", country="IE"
)


def base() -> dict[str, Any]:
    """Return the members of a policy that passes every rule."""
    found = read_site_file(SHORT.encode()).draft
    assert found is not None
    return copy.deepcopy(found.model_dump(mode="json"))


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """Return these members with changes: by dotted path, None to take out, `services.+` to add a service, `+uk` and
    `+default` for another language, `+marketing` for a purpose more."""
    members = base()
    for path, value in changes.items():
        if path == "services.+":
            members["services"].append(value)
        elif path == "+uk":
            _speak(members, "uk")
            for text in ("text", "title"):
                members["texts"]["uk"][text] = value
        elif path == "+default":
            if value not in members["languages"]:
                members["languages"].append(value)
                _speak(members, value)
        elif path == "+marketing":
            members["purposes"].append(
                default_purpose("marketing", tuple(members["languages"])).model_dump(mode="json")
            )
        else:
            _put(members, path, value)
    return members


def _speak(members: dict[str, Any], language: str) -> None:
    whole = read_site_file(SHORT.replace("[en, de]", f"[en, de, {language}]").encode()).draft.model_dump(mode="json")
    for name in ("texts", "privacy_policy", "purposes", "services"):
        members[name] = whole[name]


def _put(members: Any, path: str, value: Any) -> None:
    *way, last = path.split(".")
    for part in way:
        members = members[int(part)] if isinstance(members, list) else members[part]
    key: Any = int(last) if isinstance(members, list) else last
    if value is None:
        del members[key]
    else:
        members[key] = value


def found(changes: dict[str, Any]) -> set[str]:
    return {one.rule.id for one in check_policy(draft(changed(changes)))}


def test_the_example_passes_every_rule():
    """So that what a change brings is the change's own."""
    assert set() == found({})


def test_no_rule_is_without_its_examples():
    """A rule that is added brings its two."""
    assert set(BY_ID) == set(BAD_AND_GOOD)


@pytest.mark.parametrize("rule_id", BAD_AND_GOOD)
def test_a_rule_finds_what_breaks_it(rule_id):
    """At a member that is there, with what is wrong and what would mend it."""
    bad = draft(changed(BAD_AND_GOOD[rule_id][0]))
    told = [one for one in check_policy(bad) if one.rule.id == rule_id]

    assert told
    for one in told:
        at: Any = bad.model_dump(mode="json")
        for part in one.path[:-1]:
            at = at[part]
        assert one.said
        assert one.rule.mend.endswith(".")


@pytest.mark.parametrize("rule_id", BAD_AND_GOOD)
def test_a_rule_lets_pass_what_only_comes_close(rule_id):
    """The near miss is none."""
    assert rule_id not in found(BAD_AND_GOOD[rule_id][1])


@pytest.mark.parametrize("language", languages())
def test_the_default_policy_passes_every_rule_in_every_language(language):
    """What Askfirst itself brings along; that nobody has read a language yet is told, and is no fault."""
    by_default = default_draft(CONTROLLER, "https://www.example.org/privacy", (language,))
    told = [one.rule.id for one in check_policy(by_default)]

    assert [] == [one for one in told if one != "ASK-7.unreviewed"]


def test_the_default_policy_in_all_languages_at_once_passes_too():
    """Nothing of one language stands in another."""
    by_default = default_draft(CONTROLLER, "https://www.example.org/privacy", languages())

    assert {"ASK-7.unreviewed"} == {one.rule.id for one in check_policy(by_default)}


@pytest.mark.parametrize("scheme", ["", "dark-"])
@pytest.mark.parametrize(
    ("theme", "rule_id"),
    [
        ({"ink": "#777777"}, "AC-1.text"),
        ({"paper": "#888888"}, "AC-1.text"),
        ({"quiet": "#888888", "paper": "#777777"}, "AC-1.controls"),
        ({"button": "#808080"}, "ASK-4.contrast"),
        ({"accent": "#808080", "paper": "#8a8a8a"}, "AC-1.focus"),
    ],
)
def test_contrast_is_computed_in_either_scheme(scheme, theme, rule_id):
    """A theme that can be read in the light can still fail in the dark; the finding names the token of the scheme."""
    dressed = {f"{scheme}{name}": value for name, value in theme.items()}
    told = [one for one in check_policy(draft(changed({"theme": dressed}))) if one.rule.id == rule_id]

    assert told
    assert {("theme", name) for name in dressed} >= {one.path for one in told}
    assert all(("dark" if scheme else "light") in one.said for one in told)


def test_every_rule_names_a_requirement_and_a_source():
    """Ids are rows of the requirements; a source is what one can look up."""
    rows = ("ASK", "WD", "PR", "SG", "RG", "AC", "ST")

    assert all(rule.id.partition("-")[0] in rows and len(rule.source) > 5 for rule in RULES)
    assert default_texts("en").accept
