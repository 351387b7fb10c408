"""The page of statistics: the numbers of the API, charts that say the same as the tables, and what is refused."""

import re
from html import unescape

import pytest

from askfirst.usecases.showings import Showing
from askfirst.web.console.charts import labelled, rounded_up, share_line, stacked_bars
from support.refused_pages import refused
from support.running_service import RunningService
from support.staff import desk, entries

PLACE = "/console/statistics"


def test_the_page_counts_what_was_answered(service: RunningService) -> None:
    """A finding, a bar for each day with decisions, every division in a table, and one entry for the look."""
    service.accept()
    service.accept("shop0001", purposes={"measurement": True, "embeds": False}, method="custom", language="de")
    service.refuse()
    service.settle()
    who = desk(service)
    page = unescape(who.get(PLACE).text)

    assert "<h1>33 % of 3 decisions accepted all</h1>" in page
    bars = re.findall(r'class="fill-(\w+)" x="([\d.]+)" y="([\d.]+)" width="0.72" height="([\d.]+)"', page)
    assert [("all", "29.14", "75.0"), ("some", "29.14", "50.0"), ("none", "29.14", "25.0")] == [one[:3] for one in bars]
    assert {"25.0"} == {height for *_rest, height in bars}
    for row in ("Accepted all", "Rejected all", "Chose", ">measurement", ">embeds", ">en", ">de", "default"):
        assert row in page, row
    assert "policy 1 of Site demo0001" in page
    assert PLACE == entries(service.home, "page:viewed")[-1]["page"]
    shop = unescape(who.get(f"{PLACE}?site=shop0001&from=2026-06-15&to=2026-06-15").text)
    assert "<h1>0 % of 1 decision accepted all</h1>" in shop
    assert "policy 1 of Site demo0001" not in shop
    assert "Nobody decided in these days" in who.get(f"{PLACE}?from=2026-01-01&to=2026-01-02").text


def test_the_share_without_an_answer_is_told_where_views_are_counted(service: RunningService) -> None:
    """By day and for all days; where nobody counts, the page says how one would."""
    service.accept()
    service.settle()
    who = desk(service)
    assert "No site counted how often its banner was shown" in unescape(who.get(PLACE).text)
    for _ in range(4):
        service.node.showings.count(Showing(1, "demo0001", service.home.clock() // 3_600_000, "1 en"))
    service.node.count()
    page = unescape(who.get(PLACE).text)

    assert "75 % of the banners that were shown got no answer" in page
    assert "Shown 4 times in these days" in page
    row = page.partition('<time datetime="2026-06-15">')[2].partition("</tr>")[0]
    assert row.endswith('<td class="figure">4</td><td class="figure">75 %</td>')
    assert "got no answer" not in who.get(f"{PLACE}?site=shop0001").text


def test_somebody_with_one_site_sees_its_numbers_alone(service: RunningService) -> None:
    """Also as an editor, who sees counts and no record."""
    service.accept()
    service.refuse("shop0001")
    service.settle()
    who = desk(service, "editor", ("shop0001",))

    assert "0 % of 1 decision accepted all" in who.get(PLACE).text
    assert 400 == who.get(f"{PLACE}?site=demo0001").status_code
    assert "demo0001" not in who.get(PLACE).text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=x", "must be a day, like 2026-11-23"),
        ("from=2026-06-02&to=2026-06-01", "must not be before from"),
        ("from=1969-01-01&to=1969-01-02", "must be a day after 1970"),
        ("from=2024-01-01&to=2026-01-01", "must be at most 400 days before to"),
        ("from=9999-01-01&to=9999-12-31", "before the year 9000"),
        ("site=other0001", "must be one of those that you may see"),
        ("site=<b>", "must be one of those that you may see"),
        ("page=2", "page is not one of site, from, to"),
        ("x" * 3000 + "=1", "is not one of site, from, to"),
    ],
)
def test_what_can_not_be_counted_is_told_and_leaves_nothing(
    shared_service: RunningService, query: str, said: str
) -> None:
    """At its field where there is one; what was typed is still there, escaped."""
    assert said in refused(shared_service, f"{PLACE}?{query}")


def test_a_chart_has_no_style_and_no_script_of_its_own(service: RunningService) -> None:
    """The policy of the page forbids both, so a chart that needed one would be empty."""
    service.accept()
    service.settle()
    answer = desk(service).get(PLACE)

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]* src=)", answer.text)
    assert "unsafe-inline" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (1, 2), (3, 4), (8, 8), (9, 10), (11, 12), (22, 30), (99, 100), (101, 120), (7001, 8000)]
)
def test_the_upper_edge_is_a_round_number_with_a_whole_half(most: int, top: int) -> None:
    """So that the middle of the scale can be labelled too."""
    assert (top, 0) == (rounded_up(most), rounded_up(most) % 2)


def test_bars_stand_on_each_other_and_a_line_breaks_where_nothing_was_decided() -> None:
    """A day without decisions has no bar, and its share is not drawn as none."""
    bars = stacked_bars(("all", "none"), [(1, 1), (0, 0), (0, 4)])

    assert [("all", 75, 25), ("none", 50, 25)] == [(one.name, one.y, one.height) for one in bars.bars[0].blocks]
    assert ((), 4) == (bars.bars[1].blocks, bars.top)
    assert "M0.5 50.00h0M2.5 0.00h0L3.5 100.00" == share_line([0.5, None, 1.0, 0.0])
    assert ((0, 5, 10, 15, 20, 25), (0, 1, 2)) == (labelled(30), labelled(3))
