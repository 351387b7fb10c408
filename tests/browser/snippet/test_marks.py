"""Marks that other consent tools left in a page: they hold and release as ours do."""

import pytest
from playwright.sync_api import Page, expect

from browser.snippet.stub import Stub

NAMES = {
    "necessary": "necessary",
    "measurement": "measurement",
    "analytics": "measurement",
    "statistics": "measurement",
    "matomo": "measurement",
}
FILM = "<!doctype html><title>Film</title>"

MARKED = {
    "vanilla-cookieconsent, inline": '<script type="text/plain" data-category="analytics">ran.push(1)</script>',
    "vanilla-cookieconsent, beside": '<script type="text/plain" data-category="analytics" data-src="/ran.js"></script>',
    "vanilla-cookieconsent, src": '<script type="text/plain" data-category="analytics" data-service="x" src="/ran.js"></script>',
    "Klaro, inline": '<script type="text/plain" data-type="text/javascript" data-name="matomo">ran.push(1)</script>',
    "Klaro, src": '<script type="text/plain" data-type="application/javascript" data-name="matomo" data-src="/ran.js"></script>',
    "Cookiebot": '<script type="text/plain" data-cookieconsent="statistics">ran.push(1)</script>',
    "Cookiebot, with a comma at the end": '<script type="text/plain" data-cookieconsent="statistics, ">ran.push(1)</script>',
    "Orejime": '<template data-purpose="measurement"><script>ran.push(1)</script></template>',
}


def open_with(page: Page, stub: Stub, body: str) -> None:
    """Open a page with this in its body."""
    stub.use("marks", NAMES)
    stub.pages |= {"/ran.js": "ran.push(1)", "/film": FILM}
    stub.pages["/"] = stub.pages["/"].replace("</main>", f"</main><script>ran = []</script>{body}")
    page.goto(stub.site)
    page.wait_for_function("() => window.askfirst")
    page.wait_for_timeout(100)


@pytest.mark.parametrize("tool", MARKED)
def test_a_script_waits_and_starts_once(page: Page, stub: Stub, tool: str) -> None:
    """Nothing before the answer, once after it."""
    open_with(page, stub, MARKED[tool])
    assert [] == page.evaluate("ran")
    assert "/ran.js" not in stub.requests
    page.get_by_role("button", name="Accept", exact=True).click()
    page.wait_for_function("() => ran.length")
    page.wait_for_timeout(100)

    assert [1] == page.evaluate("ran")


@pytest.mark.parametrize(
    "frame",
    [
        '<iframe data-name="matomo" data-src="/film"></iframe>',
        '<iframe data-category="analytics" data-src="/film"></iframe>',
        '<iframe data-cookieconsent="statistics" data-cookieblock-src="/film"></iframe>',
    ],
)
def test_a_frame_waits_too(page: Page, stub: Stub, frame: str) -> None:
    """It has its address only after the answer."""
    open_with(page, stub, frame)
    assert "/film" not in stub.requests
    with page.expect_request("**/film"):
        page.get_by_role("button", name="Accept", exact=True).click()


@pytest.mark.parametrize(
    "script",
    [
        '<script type="text/plain" data-category="!analytics">ran.push(1)</script>',
        '<script type="text/plain" data-category="unheard-of">ran.push(1)</script>',
        '<script type="text/plain" data-cookieconsent="statistics, unheard-of">ran.push(1)</script>',
    ],
)
def test_what_means_no_purpose_stays_held(page: Page, stub: Stub, script: str) -> None:
    """Doubt is no consent."""
    open_with(page, stub, script)
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.wait_for_timeout(100)

    assert [] == page.evaluate("ran")


def test_other_attributes_of_the_same_name_are_left_alone(page: Page, stub: Stub) -> None:
    """A lazy image in a category of goods, or a field with a name, is nobody's consent."""
    body = '<img data-src="/shoe" data-category="shoes" alt=""><input data-name="matomo">'
    open_with(page, stub, body)

    assert 0 == page.locator("[data-purpose]").count()


def test_a_style_sheet_that_another_tool_held_is_nothing_that_ran(page: Page, stub: Stub) -> None:
    """Klaro's `data-href` is not read, so it stays held, and a refusal loads no page again for it."""
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    open_with(page, stub, '<link type="text/plain" rel="stylesheet" data-href="/map.css" data-name="matomo">')
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.wait_for_timeout(300)

    assert [f"{stub.site}/"] == loads
