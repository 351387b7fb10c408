"""Two versions of a policy side by side: what differs, who published them and why, and who was asked again."""

from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from core.examples import purpose
from support.altered_log import change
from support.places import publish
from support.running_service import RunningService
from support.staff import Desk, desk, entries

pytestmark = pytest.mark.each_database

_BOTH = ("en", "de")
_MORE = [purpose(each, *_BOTH) for each in ("necessary", "measurement", "embeds", "marketing")]
_CAUSE = "The purpose marketing is new."


def text_of(who: Desk, path: str, status: int = 200) -> str:
    answer = who.get(f"/console/policies/{path}")
    assert status == answer.status_code, answer.text
    return unescape(answer.text)


def versions(service: RunningService, *changes: dict[str, Any]) -> Desk:
    """Publish more versions of demo0001, a second apart, and sit down before them."""
    for one in changes:
        service.home.clock.forward(1000)
        publish(service.home.place, "demo0001", **one)
    service.settle()
    return desk(service)


def test_a_version_is_shown_beside_the_one_before(service: RunningService) -> None:
    """What differs in words, the cause from the ledger, and the address of the version as it was published."""
    who = versions(service, {"purposes": _MORE, "lifetime_days": 90})
    page = text_of(who, "demo0001/2")

    for wanted in (
        "Policy 1 and policy 2",
        "2 changes from policy 1 to policy 2",
        "Purpose marketing",
        "Lifetime days",
    ):
        assert wanted in page, wanted
    assert 2 == page.count(_CAUSE)  # at the publication, and at the change
    assert "A reason." in page
    assert ">test, on the command line<" in page
    digests = [one["policy"] for one in entries(service.home) if one.get("site") == "demo0001" and "policy" in one]
    assert all(f"/p/demo0001/{digest}.json" in page for digest in digests)


def test_any_two_versions_can_be_compared(service: RunningService) -> None:
    """From the other one to the one that is shown; the causes at the head stay those of the publications."""
    who = versions(service, {"purposes": _MORE}, {"lifetime_days": 90})

    back = text_of(who, "demo0001/1?against=2")
    assert "1 change from policy 2 to policy 1" in back
    assert "None of them needs a new answer" in back
    assert "Nothing differs" in text_of(who, "demo0001/3?against=3")
    assert "from policy 1 to policy 3" in text_of(who, "demo0001/3?against=1")


def test_the_first_version_stands_alone(service: RunningService) -> None:
    """It differs from nothing."""
    page = text_of(desk(service), "demo0001/1")

    assert "This was the first policy" in page
    assert "Compare policy" not in page


def test_the_list_links_every_version(service: RunningService) -> None:
    """From the place where somebody looks first."""
    who = versions(service, {"lifetime_days": 90})
    page = who.get("/console/policies").text

    assert all(f'href="/console/policies/demo0001/{number}"' in page for number in (1, 2))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("demo0001/9", 404),
        ("demo0001/0", 404),
        ("demo0001/01", 404),
        ("demo0001/-1", 404),
        ("demo0001/one", 404),
        ("demo0001/%D9%A1", 404),
        ("nobody01/1", 404),
        ("other0001/1", 404),
        ("demo0001/1?against=9", 400),
        ("demo0001/1?against=", 400),
        ("demo0001/1?before=1", 400),
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(service: RunningService, path: str, status: int) -> None:
    """Other organisations' sites are not there either."""
    text_of(desk(service), path, status)


def test_somebody_for_another_site_finds_nothing(service: RunningService) -> None:
    """As if there were no such site."""
    text_of(desk(service, "editor", ("shop0001",)), "demo0001/1", 404)
    text_of(desk(service, "editor", ("demo0001",), login="bob@example.org"), "demo0001/1")


def test_markup_and_its_like_is_text(service: RunningService) -> None:
    """Names end no attribute and begin no element."""
    hostile = "“&lt;b&gt;\" onmouseover='x' {{ 7*7 }}"
    who = versions(service, {"controller": {"name": hostile, "address": "a", "contact": "b"}})
    raw = who.get("/console/policies/demo0001/2").text

    assert hostile in unescape(raw)
    assert hostile not in raw
    assert "&amp;lt;b&amp;gt;" in raw


@pytest.mark.parametrize(
    "what", [None, b"\xff", b"[]", b'{"policy": 7, "asks_again": "x"}', b'{"asks_again": [1]}', b"[" * 50_000]
)
def test_an_altered_entry_is_told(service: RunningService, what: bytes | None) -> None:
    """No cause is made up for it."""
    who = versions(service, {"purposes": _MORE})
    change(service.home, update(t.entry).where(t.entry.c.kind == EntryKind.POLICY_PUBLISHED).values(what=what))
    page = text_of(who, "demo0001/2")

    assert 2 == page.count("The ledger's entry of this publication can not be read.")
    assert 1 == page.count(_CAUSE)  # at the change only


def test_publications_in_one_moment_are_told_apart(service: RunningService) -> None:
    """Two sites publish in the same millisecond: each has its own entry."""
    publish(service.home.place, "demo0001", purposes=_MORE)
    publish(service.home.place, "shop0001", lifetime_days=90)
    service.settle()
    who = desk(service)

    assert 2 == text_of(who, "demo0001/2").count(_CAUSE)
    assert 0 == text_of(who, "shop0001/2").count(_CAUSE)
