"""What an entry of the catalogue of services may say, with a wrong example for every rule."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.core.known_service import KnownService, same_name

ITEM = {
    "name": "_seen_*",
    "kind": "cookie",
    "duration": "P13M",
    "party": "first",
    "role": "browser",
    "description": "Recognises the browser.",
}
ENTRY = {
    "id": "counter",
    "name": "Counter",
    "provider": {"name": "Counter Ltd", "country": "IE", "privacy_policy": "https://counter.example/privacy"},
    "purposes": ["measurement"],
    "description": "Counts visits.",
    "hosts": ["counter.example"],
    "stores": "listed",
    "items": [ITEM],
    "outside": ["US"],
    "source": "https://counter.example/cookies",
    "evidence": "documentation",
    "checked": "2026-11-24",
}


def read(**changes: object) -> KnownService:
    return KnownService.model_validate_json(json.dumps({**ENTRY, **changes}))


def item(**changes: object) -> dict[str, object]:
    return {"items": [{**ITEM, **changes}]}


def test_a_right_entry_is_read():
    """What is written is what is held."""
    assert ENTRY == read().model_dump(mode="json", exclude_unset=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "Counter"}, "pattern"),
        ({"purposes": []}, "at least 1"),
        ({"purposes": ["statistics"]}, "measurement"),
        ({"purposes": ["measurement", "measurement"]}, "purposes has measurement more than once"),
        ({"purposes": ["necessary", "measurement"]}, "never necessary"),
        ({"purposes": ["marketing", "necessary"]}, "never necessary"),
        ({"hosts": ["counter.example", "counter.example"]}, "hosts has counter.example more than once"),
        ({"hosts": ["https://counter.example"]}, "domain name"),
        ({"outside": ["USA"]}, "pattern"),
        ({"source": "http://counter.example"}, "https"),
        ({"checked": "2026-13-24"}, "YYYY-MM-DD"),
        ({"checked": None}, "string"),
        ({"evidence": "hearsay"}, "documentation"),
        ({"note": "x"}, "Extra inputs"),
        ({"stores": "nothing"}, "items are there exactly if stores is listed"),
        ({"stores": "listed", "items": []}, "items are there exactly if stores is listed"),
        ({"stores": "unknown", "items": []}, "gaps must say"),
        (item(duration=None), "gaps must say"),
        ({"items": [ITEM, ITEM]}, "items has .* more than once"),
        (item(duration="13 months"), "ISO 8601"),
        (item(duration="persistent"), "so its duration must be said"),
        (item(kind="session", duration="P1D"), "so its duration is session"),
        (item(name="a b"), "printable ASCII"),
        (item(name="a(b"), "no cookie's name can have"),
        (item(name="**"), "more than a wildcard"),
        (item(name="__Host-askfirst-*"), "keeps the answer"),
        (item(party="third"), "has a domain"),
        (item(domain="counter.example"), "has a domain"),
        (item(party="both"), "first"),
        (item(description="<b>x</b>"), "without markup"),
        ({"provider": {**ENTRY["provider"], "privacy_policy": "counter.example"}}, "absolute web address"),
        ({"provider": {"name": "Counter Ltd", "country": "IE"}}, "Field required"),
    ],
)
def test_a_wrong_entry_is_refused(changes, said):
    """The message says what would be right."""
    with pytest.raises(ValueError, match=said):
        read(**changes)


def test_what_could_not_be_confirmed_is_said():
    """A duration may be missing, if the entry says why."""
    entry = read(**item(duration=None), gaps="The provider gives no duration.")

    assert [None] == [kept.duration for kept in entry.items]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("_ga", "_ga", True),
        ("_ga", "_gat", False),
        ("_ga_*", "_ga_AB12", True),
        ("_ga_AB12", "_ga_*", True),
        ("_ga_*", "_ga*", True),
        ("ph_*_posthog", "ph_x_posthog", True),
        ("ph_*_posthog", "ph_posthog", False),
        ("ab*ba", "aba", False),
        ("*_id", "user_id", True),
        ("a*b*c", "a1b2c", True),
        ("a*b*c", "a1c2b", False),
        ("a.c", "abc", False),
    ],
)
def test_names_with_wildcards_are_compared(first, second, expected):
    """Either of two names may have the wildcard, and nothing else in a name is special."""
    assert expected == same_name(first, second) == same_name(second, first)


@given(st.text("ab*", max_size=40), st.text("ab*", max_size=40))
def test_any_two_names_are_compared(first, second):
    """A name is the same as itself and as everything that its wildcard stands for, however many there are."""
    assert same_name(first, first)
    assert same_name("*" + first + "*", "x" + first + "y")
    assert same_name(first, second) == same_name(second, first)


def test_many_wildcards_take_no_time():
    """A name that was made to be slow is compared as fast as any other."""
    assert not same_name("*a" * 64 + "b", "a" * 128)
