"""A draft has one next version: it begins with what is asked now, and whoever comes second is told."""

from typing import Any

import pytest

from askfirst.core.errors import DraftOvertaken, InvalidPolicy
from askfirst.core.policy import MAX_POLICY_BYTES
from askfirst.storage.drafts import SqlDrafts
from askfirst.usecases.check_draft import FORM, check_draft, place_of
from askfirst.usecases.drafts import blank_members, discard_draft, open_draft, save_draft
from core.examples import purpose
from support.drafts import ANOTHER, begin, draft_of, live_site
from support.places import Home, members
from support.staff import entries

pytestmark = pytest.mark.each_database


def save(home: Home, expected: int, **changes: Any) -> None:
    save_draft(
        SqlDrafts(home.place.engine),
        live_site(home),
        members(**changes),
        part="who",
        expected=expected,
        based_on=1,
        by=home.place.by,
    )


def test_a_draft_begins_with_what_is_asked_now(home: Home) -> None:
    """Nothing is stored by looking at it."""
    draft = draft_of(home)

    assert (0, 1) == (draft.version, draft.based_on)
    assert "Example Ltd" == draft.members["controller"]["name"]
    assert not {"format", "site", "number", "revision"} & draft.members.keys()


def test_a_change_is_a_version_with_its_entry(home: Home) -> None:
    """In the name of who did it, and without what was written."""
    save(home, 0, controller=ANOTHER)
    save(home, 1, lifetime_days=90)
    draft = draft_of(home)

    assert (2, 1, 90) == (draft.version, draft.based_on, draft.members["lifetime_days"])
    told = [(one["site"], one["version"], one["part"], one["by"]) for one in entries(home, "policy:drafted")]
    assert [("demo0001", 1, "who", "operator:test"), ("demo0001", 2, "who", "operator:test")] == told


@pytest.mark.parametrize("expected", [0, 2, 7])
def test_whoever_comes_second_is_told(home: Home, expected: int) -> None:
    """Nothing of theirs is stored, and no entry says that it was."""
    begin(home, controller=ANOTHER)
    with pytest.raises(DraftOvertaken) as told:
        save(home, expected, lifetime_days=90)

    assert (expected, 1) == (told.value.expected, told.value.found)
    assert "Another Ltd" == draft_of(home).members["controller"]["name"]
    assert 1 == len(entries(home, "policy:drafted"))


def test_a_discarded_draft_is_gone(home: Home) -> None:
    """Only the version that was looked at, with an entry."""
    begin(home, controller=ANOTHER)
    drafts, site = SqlDrafts(home.place.engine), live_site(home)
    with pytest.raises(DraftOvertaken):
        discard_draft(drafts, site, expected=2, by=home.place.by)
    discard_draft(drafts, site, expected=1, by=home.place.by)

    assert 0 == open_draft(drafts, site).version
    assert ["who", "discarded"] == [one["part"] for one in entries(home, "policy:drafted")]


def test_what_no_policy_can_be_is_not_kept(home: Home) -> None:
    """Too long, or no plain JSON; a draft that breaks every other rule is."""
    for content in ({"a": "x" * MAX_POLICY_BYTES}, {"a": 1.5}, {"a": "\ud800"}, {"a": -1}):
        with pytest.raises(InvalidPolicy):
            save(home, 0, **content)
    save(home, 0, purposes=[], languages=["xx"], nonsense={"of": ["any", "kind"]})

    assert ["xx"] == draft_of(home).members["languages"]


def test_the_first_draft_of_a_site_says_what_is_missing() -> None:
    """Default words, and a finding at each field that only its owner can fill."""
    checked = check_draft(blank_members())

    assert checked.draft is None
    wanted = {"controller.name", "controller.address", "controller.contact", "privacy_policy.en"}
    assert wanted == {one.path for one in checked.findings}
    assert {(FORM, "error")} == {(one.rule, one.severity) for one in checked.findings}


def test_a_finding_stands_at_its_member() -> None:
    """Items that are named by their id are found by their place, whatever dots are in a name."""
    service = {"id": "stats", "cookies": [{"name": "a"}, {"name": "_pk_id.*"}]}
    draft = members(services=[service], purposes=[purpose("necessary"), purpose("measurement")])

    assert "services.0.cookies.1" == place_of("services.stats.cookies._pk_id.*", draft)
    assert "services.0.description" == place_of("services.stats.description", draft)
    assert "purposes.1.name" == place_of("purposes.measurement.name", draft)
    assert "purposes.1.name.en" == place_of("purposes.1.name.en", draft)
    assert "regions.rules.x.modes" == place_of("regions.rules.x.modes", draft)
    assert "services.nobody.cookies.a" == place_of("services.nobody.cookies.a", draft)
    assert "policy" == place_of("policy", draft)
