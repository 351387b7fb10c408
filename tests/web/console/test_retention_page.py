"""Retention in the console: what each site keeps and why, what the next run would do, and what the last ones did."""

from html import unescape

from askfirst.usecases.holds import place_hold
from askfirst.usecases.retain import retain
from askfirst.usecases.set_up import change_retention
from support.running_service import RunningService
from support.staff import desk, entries

PLACE = "/console/retention"
DAY = 86_400_000


def keep(service: RunningService, site: str, days: int) -> None:
    """Say for a site how long it keeps decisions."""
    place = service.home.place
    change_retention(place.catalogue, service.node.live.directory.sites[site].site, days, by=place.by)
    service.node.refresh()


def row(page: str, site: str) -> str:
    """Return what the plan's row of a site says."""
    return page.partition(f"<code>{site}</code>")[2].partition("</tr>")[0]


def test_what_the_next_run_forgets_is_told_before_it_does(service: RunningService) -> None:
    """Counted by site, with the days and who said them; then the run, and nothing is due any more."""
    service.accept()
    service.refuse()
    service.accept("shop0001")
    service.home.clock.forward(40 * DAY)
    service.accept()
    keep(service, "demo0001", 30)
    service.settle()
    who = desk(service, "auditor")
    page = unescape(who.get(PLACE).text)

    for said in ("30 days", "set for the site", "2 decisions", "never"):
        assert said in row(page, "demo0001"), said
    for said in ("for ever", "from the service's settings", "nothing, ever"):
        assert said in row(page, "shop0001"), said
    assert "No run has forgotten anything yet" in page
    assert PLACE == entries(service.home, "page:viewed")[-1]["page"]

    place = service.home.place
    assert 2 == retain(place.forgetting, 1, "demo0001", days=30, by=place.by)
    page = unescape(who.get(PLACE).text)
    assert "nothing yet" in row(page, "demo0001")
    assert "never" not in row(page, "demo0001")
    runs = page.partition("Runs that forgot something")[2]
    assert "older than 30 days" in runs
    assert 'class="figure"><span class="cell">2</span>' in runs
    assert "älter als 30 Tage" in who.get(PLACE, accept_language="de").text


def test_what_a_hold_keeps_is_told_apart(service: RunningService) -> None:
    """It is due, and does not go."""
    service.accept()
    service.accept()
    place = service.home.place
    place_hold(
        place.forgetting,
        1,
        site="demo0001",
        known_sites=["demo0001"],
        before=service.home.clock() + 1,
        reason="An inquiry.",
        by=place.by,
    )
    service.home.clock.forward(40 * DAY)
    keep(service, "demo0001", 30)
    said = row(unescape(desk(service).get(PLACE).text), "demo0001")

    assert "nothing yet" in said
    assert '2 more are kept by <a href="/console/holds">holds</a>' in said


def test_with_named_sites_there_are_only_those(service: RunningService) -> None:
    """Neither another's rule nor its runs; and no parameter is known here."""
    service.accept()
    service.home.clock.forward(40 * DAY)
    place = service.home.place
    retain(place.forgetting, 1, "demo0001", days=30, by=place.by)
    who = desk(service, "auditor", ("shop0001",))
    page = who.get(PLACE).text

    assert ("shop0001" in page, "demo0001" in page, "older than 30 days" in page) == (True, False, False)
    assert 400 == who.get(f"{PLACE}?x=1").status_code
