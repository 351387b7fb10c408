"""The log of what staff and the service did: who finds what, in words, and what can not be searched for."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from askfirst.core.kinds import DECISIONS, MEMBERS, EntryKind
from askfirst.usecases.staff import account_id
from askfirst.usecases.tokens import issue_token
from askfirst.web.console.entry_facts import EntryFacts
from askfirst.web.console.language import languages
from askfirst.web.console.words import words_of
from support.refused_pages import refused
from support.running_service import RunningService
from support.staff import Desk, desk, entries

PLACE = "/console/entries"


def found(who: Desk, **filters: str) -> list[str]:
    """Return the ids of the entries on a page."""
    answer = who.get(f"{PLACE}?{urlencode(filters)}")
    assert 200 == answer.status_code, answer.text
    return re.findall(r"<code>([0-9a-f-]{36})</code></dd></div></dl></details>", answer.text)


def test_a_look_is_found_by_who_what_where_and_when(service: RunningService) -> None:
    """Each filter alone and all together find it, in words; a filter beside it does not. The search is an entry too."""
    record = service.accept()["record"]
    service.settle()
    ann = desk(service, "auditor")
    ann.get(f"/console/records/{record}")
    looked = entries(service.home, "record:viewed")[-1]["entry"]
    who = desk(service)
    mine = account_id(ann.member)

    for fits in (
        {"kind": "record:viewed"},
        {"staff": mine},
        {"from": "2026-06-15", "to": "2026-06-15"},
        {"kind": "record:viewed", "staff": mine, "from": "2026-06-15"},
    ):
        assert looked in found(who, **fits), fits
    for other in (
        {"kind": "page:viewed"},
        {"staff": account_id(who.member)},
        {"site": "demo0001"},
        {"to": "2026-06-14"},
        {"from": "2026-06-16"},
    ):
        assert looked not in found(who, **other), other
    told = entries(service.home, "records:searched")[-1]
    assert {"from": "2026-06-16T00:00:00Z"} == told["filters"]
    page = unescape(who.get(f"{PLACE}?kind=record:viewed").text)
    assert "A record was looked at" in page
    assert f'<a href="/console/records/{record}">the record</a>' in page
    assert "in the console" in page
    assert "Ann Example" in page


def test_what_is_about_a_site_is_found_by_it(service: RunningService) -> None:
    """Publications, say; and what a program or the command line did has its name."""
    place = service.home.place
    issue_token(place.staff, 1, name="monthly report", role="auditor", sites=None, days=1, by=place.by)
    who = desk(service)
    page = unescape(who.get(f"{PLACE}?site=demo0001&kind=policy:published").text)

    assert 1 == page.count('data-label="What happened"')
    assert "test, on the command line" in page
    assert '<option value="token:monthly report">the program monthly report</option>' in page


def test_pages_stay_where_they_are_while_entries_arrive(service: RunningService) -> None:
    """A hundred looks in pages of fifty: none twice, none left out, though every page is a look itself."""
    who = desk(service)
    for _ in range(100):
        who.get("/console/policies")
    wanted = [one["entry"] for one in entries(service.home, "page:viewed")]
    address, seen = f"{PLACE}?kind=page:viewed", []
    while address:
        page = who.get(address).text
        seen += re.findall(r"<code>([0-9a-f-]{36})</code></dd></div></dl></details>", page)
        who.get("/console/policies")
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = unescape(older[1]) if older else ""

    assert wanted[::-1] == seen


def test_with_named_sites_one_sees_their_entries_and_ones_own(service: RunningService) -> None:
    """Neither another site's, nor a colleague's looks at what is of no site, nor who that colleague is."""
    other = desk(service, "auditor", ("demo0001",), login="bob@example.org")
    other.get("/console/policies")
    who = desk(service, "auditor", ("shop0001",))
    who.get("/console/policies")
    page = unescape(who.get(PLACE).text)

    shown = found(who)
    theirs = [one for one in entries(service.home) if one["entry"] in shown]
    assert {"policy:published", "site:created"} <= {one["kind"] for one in theirs}
    assert {"shop0001"} == {one.get("site") for one in theirs}
    assert account_id(other.member) not in page
    own = found(who, staff=account_id(who.member))
    assert {"page:viewed", "records:searched"} == {one["kind"] for one in entries(service.home) if one["entry"] in own}
    assert [] == found(who, staff=account_id(other.member))
    assert [] == found(who, site="demo0001")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("kind=nothing", "must be a kind of entry"),
        ("kind=decision:recorded", "is a visitor's answer: search the records"),
        ("from=x", "must be a date or time"),
        ("from=2026-06-03&to=2026-06-01", "must be later than from"),
        ("site=%3Cscript%3E", "must be a site key"),
        ("staff=" + "x" * 300, "is longer than 256 characters"),
        ("staff=%07", "must be a member of staff"),
        ("method=custom", "method is not one of site, staff, kind, from, to, cursor"),
        ("limit=500", "limit is not one of"),
        ("cursor=x", "must be"),
        ("kind=page:viewed&kind=page:viewed", "is given twice"),
        ("x" * 3000 + "=1", "is not one of"),
    ],
)
def test_what_can_not_be_searched_for_is_told_and_leaves_nothing(
    shared_service: RunningService, query: str, said: str
) -> None:
    """The form is there again with what was typed, escaped."""
    assert said in refused(shared_service, f"{PLACE}?{query}")


def test_every_member_of_every_kind_has_a_name_in_every_language() -> None:
    """Nothing of an entry is shown by its code."""
    members = {one.name for kind in EntryKind if kind not in DECISIONS for one in MEMBERS.get(kind, ())}
    for tag in languages():
        words = words_of(tag)
        assert [] == sorted(name for name in members if not words.has(f"fact.{name}")), tag


def test_members_are_said_in_words_and_what_is_not_ours_is_escaped() -> None:
    """Times, counts, people, sites, lists and what is within another; what says nothing is left out."""
    say = EntryFacts(words_of("en"), {"1": "Ann <b>"}, {"demo0001": "Our site"})
    said = {
        "until": 1_781_524_800_000,
        "rows": 1_234,
        "account": "1",
        "sites": ["demo0001", "gone0001"],
        "changes": {"role": "editor", "<i>": ["x"]},
        "everywhere": False,
        "reason": "<script>",
        "alert": None,
        "faults": [],
    }
    facts = {one.label: str(one.value) for one in say.of(said)}

    assert facts.pop("Until").startswith('<time datetime="2026-06-15T')
    assert {
        "Records": "1,234",
        "Account": "Ann &lt;b&gt;",
        "Sites": "Our site, <code>gone0001</code>",
        "Changed": "Role: editor; &lt;i&gt;: <code>x</code>",
        "Everywhere": "no",
        "Why": "&lt;script&gt;",
    } == facts
    assert ("account", None) == (say.telling(say.of(said)).name, say.telling([]))  # type: ignore[union-attr]
