"""All that an auditor is asked to do, one after the other in one browser: sign-in, find, prove, export, account for it."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from browser.axe import problems
from browser.console.conftest import Console
from browser.console.test_banner_frames import framed
from browser.console.test_the_day import press, tab_to, typed
from support.staff import PASSWORD, entries, member

Sit = Callable[..., Page]


def clean(page: Page, heading: str) -> None:
    """The page that was expected is there, and axe-core finds nothing in it."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert [] == problems(page), page.url


def test_an_auditor_signs_in_proves_a_record_exports_and_is_in_the_log(
    console: Console, desk: Sit, tmp_path: Path
) -> None:
    """With the keyboard wherever something is typed or pressed; what was done is found again in the log of it."""
    console.service.refuse()
    console.service.accept("shop0001", language="de")
    record = str(console.service.accept(purposes={"measurement": True, "embeds": False}, method="custom")["record"])
    console.service.settle()
    console.home.clock.forward(1_000)
    ann = member(console.home, role="auditor")
    page = desk(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")

    page.goto(f"{console.url}/console")
    clean(page, "Sign in")
    typed(page, "Name", ann.login)
    typed(page, "Password", PASSWORD)
    press(page, "Sign in")
    clean(page, "3 decisions today, 33 % accepted all")

    press(page, "Records")
    clean(page, "Records")
    find(page)
    assert f"{console.url}/console/records/{record}" == page.url
    prove(page)
    taken = take_along(page, tmp_path, record)
    opened_offline(desk, taken)
    page.bring_to_front()
    page.get_by_role("link", name="Records", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Records")
    press(page, "Exports")
    export(page, tmp_path)
    page.goto(f"{console.url}/console/ledger")
    press(page, "What was done")
    account_for(page, record)

    press(page, "Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto(f"{console.url}/console/records/{record}")
    clean(page, "Sign in")
    kinds = [one["kind"] for one in entries(console.home) if one["by"] is not None and "staff" not in one["by"]]
    wanted = ["staff:signed_in", "records:searched", "record:viewed", "records:exported", "staff:signed_out"]
    assert wanted == sorted({*wanted} & {*kinds}, key=wanted.index)


def find(page: Page) -> None:
    """Filter by answer and day, and open the one that fits; the filters are in the address."""
    page.get_by_label("with the answer").focus()
    page.keyboard.type("Chose")
    page.get_by_label("from").fill("2026-06-15")
    page.get_by_label("to, that day included").fill("2026-06-15")
    press(page, "Search")
    expect(page).to_have_url(re.compile("method=custom"))
    expect(page.locator("#decisions tbody tr")).to_have_count(1)
    assert "to=2026-06-15" in page.url
    clean(page, "Records")
    page.locator("#decisions tbody a").focus()
    page.keyboard.press("Enter")
    clean(page, "Chose, ")


def prove(page: Page) -> None:
    """The service says it, and the browser finds it by itself; the banner is there as it was shown."""
    expect(page.get_by_text("Genuine: this record is entry")).to_be_visible()
    own = page.locator("#own-check").get_by_role("status")
    expect(own).to_contain_text("Genuine: this record stands in the log")
    expect(own).to_contain_text("the words on this page are those that were signed: holds")
    page.locator("details.banner-then > summary").focus()
    page.keyboard.press("Enter")
    page.locator("iframe[name=banner]").scroll_into_view_if_needed()
    expect(framed(page, "banner").get_by_text("text in English")).to_be_visible()


def take_along(page: Page, folder: Path, record: str) -> Path:
    """Download the proof as a page."""
    tab_to(page, "Proof as a page")
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    file = folder / taken.value.suggested_filename
    taken.value.save_as(file)
    assert f"{record}.proof.html" == file.name
    return file


def opened_offline(desk: Sit, file: Path) -> None:
    """Open it in a browser without a network: it verifies itself, and asks nobody."""
    offline = desk(offline=True)
    asked: list[str] = []
    offline.on("request", lambda request: asked.append(request.url))
    offline.goto(file.as_uri())
    expect(offline.locator("#verdict")).to_contain_text("Genuine: this record stands in the log as it is shown here")
    expect(offline.get_by_role("row", name="embeds in English")).to_contain_text("refused")
    assert [file.as_uri()] == asked
    assert [] == problems(offline)


def export(page: Page, folder: Path) -> None:
    """Take the day as a CSV, and see that it is in the list of what was taken."""
    clean(page, "Exports")
    page.get_by_label("from").fill("2026-06-15")
    tab_to(page, "Download")
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    file = folder / "day.csv"
    taken.value.save_as(file)
    assert 4 == len(list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig")))))
    page.reload()
    expect(page.get_by_role("row").nth(1)).to_contain_text("CSV, all sites")


def account_for(page: Page, record: str) -> None:
    """See one's own looks, narrowed down to those at records, with what each says."""
    clean(page, "What was done")
    press(page, "Only what I did")
    expect(page).to_have_url(re.compile("staff="))
    clean(page, "What was done")
    for said in ("Records were exported", "A record was looked at", "Records were searched", "Somebody signed in"):
        expect(page.get_by_role("cell", name=said).first).to_be_visible()
    page.get_by_label("What", exact=True).select_option("record:viewed")
    press(page, "Search")
    expect(page).to_have_url(re.compile("kind=record%3Aviewed"))
    expect(page.locator("table.entries tbody tr")).not_to_have_count(0)
    expect(page.get_by_role("link", name="the record").first).to_have_attribute("href", f"/console/records/{record}")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("in the console").first).to_be_visible()
    clean(page, "What was done")
