"""What differs between two policies: every change with its place, and nothing where there is none."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.policy_diff import Change, causes, differences
from core.examples import draft, policy, purpose, said, small, texts, whole


def changed(members: dict[str, Any], **changes: Any) -> tuple[Change, ...]:
    return differences(draft(members), draft({**members, **changes}))


def test_the_same_policy_has_no_differences():
    """Number and revision are no content, and a draft compares with what was published of it."""
    assert () == differences(policy(), policy(number=7, revision=3))
    assert () == differences(draft(whole()), policy())


def test_a_change_is_told_with_its_path_kind_and_both_values():
    """A member that another value stands in, one that came and one that went."""
    before = whole()
    after = copy.deepcopy(before)
    after["services"][1]["name"] = "Numbers"
    after["services"][1]["cookies"] = []
    after["theme"] = {"accent": "#0050b3", "font": "serif", "ink": "#111111"}

    assert (
        (("services", "statistics", "name"), "changed", "Statistics", "Numbers"),
        (("theme", "font"), "changed", "system-ui, sans-serif", "serif"),
        (("theme", "ink"), "added", None, "#111111"),
    ) == tuple(
        (one.path, one.kind, one.before, one.after)
        for one in differences(draft(before), draft(after))
        if one.path[-1] != "_ga_*"
    )
    gone = next(one for one in differences(draft(before), draft(after)) if one.path[-1] == "_ga_*")
    assert ("removed", "P400D", None) == (gone.kind, gone.before["duration"], gone.after)


def test_an_item_in_front_of_a_list_is_one_change():
    """Purposes, services, cookies and rules are compared by their names, not by their places."""
    before = whole()
    after = copy.deepcopy(before)
    after["services"].insert(0, {**before["services"][0], "id": "sound", "name": "Sound"})
    after["purposes"].insert(1, purpose("preferences", "de", "en", "ar"))
    cookies = after["services"][2]["cookies"]
    cookies.insert(0, {"name": "_gid", "duration": "P1D", "description": said("gid", "de", "en", "ar")})

    assert {
        ("purposes", "preferences"): "added",
        ("services", "sound"): "added",
        ("services", "statistics", "cookies", "_gid"): "added",
    } == {one.path: one.kind for one in differences(draft(before), draft(after))}


def test_a_cookie_and_a_stored_item_of_one_name_are_two_things():
    """Their kinds tell them apart."""
    members = whole()
    item = {"name": "_ga_*", "kind": "local", "duration": "persistent", "description": said("x", "de", "en", "ar")}
    after = copy.deepcopy(members)
    after["services"][1]["cookies"].append(item)

    assert [("services", "statistics", "cookies", "_ga_* (local storage)")] == [
        one.path for one in differences(draft(members), draft(after))
    ]


def test_another_order_is_told():
    """Visitors see the order of purposes; the first language is the one of those who have none."""
    members = small(purposes=[purpose(each, "en") for each in ("necessary", "measurement", "embeds")])
    turned = changed(members, purposes=[purpose(each, "en") for each in ("necessary", "embeds", "measurement")])
    languages = changed(whole(), languages=["en", "de", "ar"])

    assert (Change(("purposes",), "changed", *_orders("measurement", "embeds")),) == turned
    assert (Change(("languages",), "changed", ["de", "en", "ar"], ["en", "de", "ar"]),) == languages


def _orders(first: str, second: str) -> tuple[list[str], list[str]]:
    return ["necessary", first, second], ["necessary", second, first]


def test_a_language_that_comes_or_goes_is_one_change():
    """All its texts are in it, by member, and none of them is lost or told a second time."""
    one, two = small(), small(languages=["en", "de"], privacy_policy=dict.fromkeys(("en", "de"), "https://x.example/"))
    two["purposes"] = [purpose("necessary", "en", "de"), purpose("measurement", "en", "de")]
    two["texts"] = {language: texts(language) for language in ("en", "de")}
    two["privacy_policy"]["en"] = one["privacy_policy"]["en"]
    (came,) = differences(draft(one), draft(two))
    (went,) = differences(draft(two), draft(one))

    assert (("languages", "de"), "added", None, ()) == (came.path, came.kind, came.before, came.asks_again)
    assert (("languages", "de"), "removed", came.after, None) == (went.path, went.kind, went.before, went.after)
    wanted = {
        f"purposes.{each}.{member}" for each in ("necessary", "measurement") for member in ("name", "description")
    }
    assert {"privacy_policy", "texts", *wanted} == came.after.keys()
    assert texts("de") == came.after["texts"]


def test_two_transfers_to_one_country_are_both_compared():
    """A contract can name one country with two bases."""
    both = [{"country": "US", "basis": "adequacy"}, {"country": "US", "basis": "standard_clauses"}]
    before, after = whole(), whole()
    before["services"][0]["transfers"] = both[:1]
    after["services"][0]["transfers"] = both

    (one,) = differences(draft(before), draft(after))
    assert (("services", "video", "transfers", "US again"), "added", both[1]) == (one.path, one.kind, one.after)


def test_changes_are_plain_json():
    """What a program reads is what a person sees."""
    (one,) = changed(small(), lifetime_days=90)

    assert {"path": ["lifetime_days"], "kind": "changed", "before": 182, "after": 90, "asks_again": []} == json.loads(
        json.dumps(one.members())
    )


def test_a_cause_is_said_once():
    """One sentence for each, in the order of the changes."""
    cause = "The purpose measurement is new."
    changes = [Change((name,), "changed", 1, 2, (cause,)) for name in ("a", "b")]

    assert (cause,) == causes(changes)


_MOVES = st.lists(st.sampled_from(range(9)), max_size=6)


def _moved(members: dict[str, Any], moves: list[int]) -> dict[str, Any]:
    """Return a draft after some edits, most of which can be done to each other's results."""
    made = copy.deepcopy(members)
    for move in moves:
        services = made["services"]
        if move == 0:
            services.reverse()
        elif move == 1:
            made["purposes"][1:] = made["purposes"][:0:-1]
        elif move == 2:
            made["languages"].reverse()
        elif move == 3 and services:
            services.pop()
        elif move == 4:
            made["theme"] = {}
        elif move == 5 and services:
            services[0]["cookies"].reverse()
        elif move == 6:
            made["controller"].pop("country", None)
        elif move == 7 and services:
            services[0]["purpose"] = "necessary"
        elif move == 8:
            made["regions"]["rules"][0]["places"] = ["US-CA", "US-CO"]
    return made


@given(_MOVES, _MOVES)
def test_there_are_differences_exactly_where_policies_differ(first: list[int], second: list[int]):
    """Nothing that changes a policy's bytes stays untold, and each place is told once."""
    before, after = draft(_moved(whole(), first)), draft(_moved(whole(), second))
    found = differences(before, after)

    assert (before != after) == bool(found)
    assert len(found) == len({(one.path, one.kind) for one in found})
    assert len(found) == len(differences(after, before))
