"""The overview while decisions arrive: they appear by themselves, and nobody loses their place."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from askfirst.core.policy_content import Controller
from askfirst.texts.default_policy import default_draft
from askfirst.usecases.publish_policy import publish_policy
from askfirst.usecases.set_up import add_site
from browser.console.conftest import Console
from browser.pictures import picture
from support.places import PAGES, Home, found
from support.staff import member
from support.time_and_ids import DAY, HOUR

_DAYS = 30
_OWNER = Controller(name="Harbour Museum Trust", address="Quay 1", contact="privacy@museum.example", country="IE")


def museum(home: Home) -> None:
    """Furnish a home with one organisation whose site asks in the default words."""
    place = home.place
    organisation = found(place, "museum")
    for key, name in (("demo0001", "museum.example"), ("shop0001", "Museum shop")):
        add_site(place.catalogue, organisation, site_key=key, name=name, origins=(PAGES[key],), by=place.by)
        draft = default_draft(_OWNER, "https://museum.example/privacy", ("en", "de"))
        publish_policy(place.catalogue, key, draft, reason="The first policy.", by=place.by)


def month(console: Console) -> None:
    """Let a month of decisions pass: some days more, some less, two of three say yes."""
    service, clock = console.service, console.home.clock
    yes, no = {"measurement": True}, {"measurement": False}
    for day in range(_DAYS):
        for number in range(3 + (day * 5) % 4):
            site = "shop0001" if number % 4 == 3 else "demo0001"
            if (day + number) % 3:
                service.accept(site, purposes=yes, language="de" if number == 2 else "en")
            else:
                service.accept(site, purposes=no, method="reject_all")
            clock.forward(HOUR)
        clock.forward(DAY - clock() % DAY + 6 * HOUR)
    held = service.accept(purposes=yes)
    clock.forward(HOUR)
    service.accept(purposes=no, method="withdraw", receipt=held["receipt"])
    service.settle()


def test_new_decisions_appear_without_a_reload_and_leave_the_reader_in_peace(
    console_of: Callable[[Callable[[Home], object]], Console], desk: Callable[..., Page]
) -> None:
    """Rows at the top, today's number counted up, the focus where it was, and a sentence for those who listen."""
    console = console_of(museum)
    month(console)
    page = desk(viewport={"width": 1280, "height": 800}, color_scheme="light", reduced_motion="reduce")
    console.sign_in(page.context, member(console.home, slug="museum"))
    page.goto(f"{console.url}/console")
    expect(page.get_by_text("Listening for new decisions")).to_be_visible()
    page.locator("#decisions tbody tr:first-child a").focus()
    place = page.evaluate("document.activeElement.href")
    before = page.locator("[data-today=all]").inner_text()
    record = console.service.accept(purposes={"measurement": True})["record"]
    console.service.refuse(purposes={"measurement": False})
    console.service.settle()

    expect(page.locator(f'#decisions a[href="/console/records/{record}"]')).to_have_count(1)
    expect(page.locator("[data-today=all]")).to_have_text(str(int(before) + 1))
    expect(page.get_by_role("heading", level=1)).to_have_text("4 decisions today, 50 % accepted all")
    expect(page.locator("#decisions tbody tr")).to_have_count(10)
    assert place == page.evaluate("document.activeElement.href")
    expect(page.locator("#news")).to_have_text("2 new decisions", timeout=8000)
    page.evaluate("document.activeElement.blur()")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        picture(page, f"console-overview-{scheme}.png", full_page=True)
    page.goto(f"{console.url}/console/statistics")
    expect(page.get_by_role("heading", level=1)).to_contain_text("accepted all")
    page.emulate_media(color_scheme="light")
    picture(page, "console-statistics.png", full_page=True)
    page.goto(f"{console.url}/console/records/{record}")
    expect(page.get_by_text("Genuine: this record is entry")).to_be_visible()
    page.emulate_media(color_scheme="light")
    picture(page, "console-record.png")
    page.set_viewport_size({"width": 360, "height": 740})
    picture(page, "console-record-phone.png")


def test_the_first_decision_of_all_turns_the_first_run_into_the_overview(
    console_of: Callable[[Callable[[Home], object]], Console], desk: Callable[..., Page]
) -> None:
    """Whoever waits for it sees it come."""
    console = console_of(museum)
    page = desk()
    console.sign_in(page.context, member(console.home, slug="museum"))
    page.goto(f"{console.url}/console")
    expect(page.get_by_text("Nobody has answered yet")).to_be_visible()
    expect(page.get_by_text("Listening for new decisions")).to_be_visible()
    console.service.accept(purposes={"measurement": True})
    console.service.settle()

    expect(page.get_by_role("heading", level=1)).to_have_text("1 decision today, 100 % accepted all")
    expect(page.get_by_role("img", name="Stacked bars, one for each of the last 30 days")).to_be_visible()


def test_times_are_in_the_readers_zone_and_exact_in_the_markup(
    console_of: Callable[[Callable[[Home], object]], Console], desk: Callable[..., Page]
) -> None:
    """The reader's clock in the text, UTC on hover and for machines."""
    console = console_of(museum)
    record = console.service.accept(purposes={"measurement": True})["record"]
    console.service.settle()
    page = desk(timezone_id="Asia/Tokyo")
    console.sign_in(page.context, member(console.home, slug="museum"))
    page.goto(f"{console.url}/console/records/{record}")
    time = page.locator("h1 time")

    expect(time).to_have_text("15 Jun 2026, 21:00:00")
    assert ["2026-06-15T12:00:00.000Z", "2026-06-15 12:00:00.000 UTC"] == [
        time.get_attribute("datetime"),
        time.get_attribute("title"),
    ]


def test_an_id_is_copied_whole(
    console_of: Callable[[Callable[[Home], object]], Console], desk: Callable[..., Page]
) -> None:
    """What is shown shortened is copied as it is."""
    console = console_of(museum)
    record = console.service.accept(purposes={"measurement": True})["record"]
    page = desk(permissions=["clipboard-read", "clipboard-write"])
    console.sign_in(page.context, member(console.home, slug="museum"))
    page.goto(f"{console.url}/console/records/{record}")
    page.get_by_role("button", name=f"Copy {record}").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    assert record == page.evaluate("navigator.clipboard.readText()")
