"""The second layer: everything to know and to choose."""

import json

import pytest
from playwright.sync_api import Page, expect

from browser.snippet.stub import Stub


def open_settings(page: Page, stub: Stub) -> None:
    """Open the page and the second layer from the first."""
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_role("dialog", name="Information and Settings")).to_be_visible()


def test_no_switch_is_on_before_an_answer(page: Page, stub: Stub) -> None:
    """Every optional purpose has a switch that is off; the necessary one is said to be always on."""
    open_settings(page, stub)

    expect(page.get_by_role("switch")).to_have_count(1)
    expect(page.get_by_role("switch", name="Measurement")).not_to_be_checked()
    expect(page.get_by_text("Always on")).to_be_visible()


def test_a_switch_says_in_a_word_what_it_is(page: Page, stub: Stub) -> None:
    """On or Off stands beside it, for eyes only: its name and its state are told by the switch itself."""
    open_settings(page, stub)
    row = page.get_by_role("dialog").locator("label", has_text="Measurement")
    switch = page.get_by_role("switch")
    assert "Measurement\nOff" == row.inner_text()
    row.click()
    expect(switch).to_be_checked()

    assert "Measurement\nOn" == row.inner_text()
    assert '- switch "Measurement" [checked]' in page.get_by_role("dialog").aria_snapshot()


def test_closing_is_no_answer(page: Page, stub: Stub) -> None:
    """Escape, the close button and a click beside the dialog record nothing, whatever was switched."""
    open_settings(page, stub)
    page.get_by_role("switch").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Information and Settings")).to_be_focused()
    page.get_by_role("button", name="Information and Settings").click()
    page.get_by_role("switch").click()
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_role("switch")).not_to_be_checked()
    page.mouse.click(5, 5)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_timeout(300)

    assert [] == stub.tries
    assert page.evaluate("askfirst.decision === undefined && !askfirst.allows('measurement')")


def test_the_dialog_keeps_the_keyboard(page: Page, stub: Stub) -> None:
    """Focus goes to the dialog's title, Tab stays inside, and a purpose can be granted and saved by keyboard alone."""
    open_settings(page, stub)
    expect(page.get_by_role("heading", name="Information and Settings")).to_be_focused()

    for _ in range(20):
        page.keyboard.press("Tab")
        if page.get_by_role("switch").evaluate("element => element.getRootNode().activeElement === element"):
            break
    page.keyboard.press("Space")
    expect(page.get_by_role("switch")).to_be_checked()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert [("custom", {"measurement": True})] == [(d["method"], d["purposes"]) for d in stub.decisions]


@pytest.mark.parametrize("answer", ["Save", "Accept all", "Reject all"])
@pytest.mark.parametrize("mode", ["up", "hangs"])
@pytest.mark.parametrize("layout", ["bar", "dialog"])
def test_who_answers_in_the_settings_goes_on_at_the_control(
    page: Page, stub: Stub, layout: str, mode: str, answer: str
) -> None:
    """The question that the settings were opened from is gone, and the receipt that comes makes no difference."""
    stub.config["layout"] = layout
    stub.mode = mode
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").press("Enter")
    expect(page.get_by_role("heading", name="Information and Settings")).to_be_focused()
    page.get_by_role("button", name=answer, exact=True).press("Enter")
    control = page.get_by_role("button", name="Privacy settings")
    expect(control).to_be_focused()
    if mode == "up":
        expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.wait_for_timeout(300)

    expect(control).to_be_focused()


@pytest.mark.parametrize("way", ["saved", "closed after the receipt came", "in another language"])
def test_the_focus_returns_to_the_control(page: Page, stub: Stub, way: str) -> None:
    """Also where the control was made anew while the dialog was open."""
    stub.config["languages"] = ["en", "de"]
    german = stub.whole()
    german[6] = "de"
    stub.pages[f"/c/demo/{german[3]}/{german[4]}/de.json"] = json.dumps(german)
    stub.mode = "hangs"
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").click()
    control = page.get_by_role("button", name="Privacy settings")
    control.press("Enter")
    expect(page.get_by_role("heading", name="Information and Settings")).to_be_focused()
    if way == "saved":
        page.get_by_role("switch").press("Space")
        page.get_by_role("button", name="Save").press("Enter")
    else:
        if way == "in another language":
            page.get_by_role("button", name="Deutsch").press("Enter")
            expect(page.locator("[data-nosnippet][lang=de]")).to_be_attached()
        else:
            stub.released.set()
            expect(page.get_by_role("dialog").locator("code")).to_have_count(2)
        page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    expect(control).to_be_focused()


def test_saving_with_everything_off_is_a_refusal(page: Page, stub: Stub) -> None:
    """Save without a grant is recorded as what it is."""
    open_settings(page, stub)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert [("reject_all", {"measurement": False})] == [(d["method"], d["purposes"]) for d in stub.decisions]


def test_services_and_cookies_fold_out_as_tables(page: Page, stub: Stub) -> None:
    """Provider, country, and each cookie with purpose and duration are in a table with a name."""
    open_settings(page, stub)
    page.get_by_text("Services (1), Cookies (4)").click()

    table = page.get_by_role("table", name="Cookies: Plausible Analytics")
    assert ["Name", "Purpose", "Duration"] == table.get_by_role("columnheader").all_inner_texts()
    assert ["_measure", "Tells a new visit from a returning one.", "1 year"] == table.locator("tr").nth(1).locator(
        "th, td"
    ).all_inner_texts()
    expect(page.get_by_text("Provider: Plausible Insights, Estonia")).to_be_visible()


def test_its_tables_can_be_read_in_the_dark_on_a_page_without_a_doctype(page: Page, stub: Stub) -> None:
    """There browsers give tables the colour of the page's body."""
    stub.pages["/"] = stub.pages["/"].replace("<!doctype html>", "<style>body { color: #111 }</style>")
    page.emulate_media(color_scheme="dark")
    open_settings(page, stub)
    page.get_by_text("Services (1), Cookies (4)").click()
    paragraph, cell = (
        page.get_by_role("dialog").locator(tag).first.evaluate("element => getComputedStyle(element).color")
        for tag in ("p", "td")
    )

    assert "BackCompat" == page.evaluate("document.compatMode")
    assert paragraph == cell


def test_the_own_answer_can_be_read_and_quoted(page: Page, stub: Stub) -> None:
    """After a grant the layer shows date, receipt and consent id with copy buttons, controller, contact and privacy policy."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.get_by_role("button", name="Privacy settings").click()
    dialog = page.get_by_role("dialog")

    shown = page.evaluate("askfirst.decision.consentId")
    expect(dialog.get_by_text(shown)).to_be_visible()
    for words in (shown, page.evaluate("askfirst.decision.receipt")):
        row = dialog.locator(".line", has_text=words)
        row.get_by_role("button", name="Copy").click()
        expect(row.get_by_role("button", name="Copied")).to_be_visible()
        assert words == page.evaluate("navigator.clipboard.readText()")
    expect(dialog.get_by_role("switch")).to_be_checked()
    expect(dialog.get_by_text("Not answered yet")).to_have_count(0)
    expect(dialog.get_by_role("link", name="https://garden.example/privacy")).to_be_visible()
    expect(dialog.get_by_role("link", name="privacy@garden.example")).to_be_visible()


def test_the_own_answer_can_be_quoted_as_soon_as_it_is_recorded(page: Page, stub: Stub) -> None:
    """Where the layer is open while the answer is on its way, its receipt and consent id come when they arrive."""
    stub.mode = "hangs"
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("button", name="Privacy settings").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Your last answer")).to_be_visible()
    expect(dialog.locator("code")).to_have_count(0)
    dialog.get_by_role("switch").click()
    stub.released.set()

    expect(dialog.locator("code")).to_have_count(2)
    expect(dialog.get_by_text(page.evaluate("askfirst.decision.consentId"))).to_be_visible()
    # What was being chosen stays.
    expect(dialog.get_by_role("switch")).not_to_be_checked()


LINK = '<a href="/next" data-askfirst="open"><b>Privacy</b></a>'


@pytest.mark.parametrize("link", [LINK, f'<div><template shadowrootmode="open">{LINK}</template></div>'])
def test_any_marked_element_of_the_page_opens_it(page: Page, stub: Stub, link: str) -> None:
    """A link with data-askfirst="open" opens the second layer and goes nowhere; it may be in a component of the page's."""
    stub.pages["/"] = stub.pages["/"].replace("</main>", f"{link}</main>")
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.get_by_text("Privacy", exact=True).click()

    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_url(f"{stub.site}/")
