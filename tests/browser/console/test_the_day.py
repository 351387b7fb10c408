"""An auditor's first day, with the keyboard only: from the link to the printed record."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.axe import problems
from browser.demo.conftest import Demo

PASSWORD = "four old boats by the quay"
VIEWS = [(width, scheme) for width in (360, 768, 1280) for scheme in ("light", "dark")]


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called `name`, as somebody without a mouse does; the focus can be seen."""
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        called, outline = page.evaluate(
            """() => {
                const at = document.activeElement;
                // Behind the last place comes the page itself, which is called everything.
                if (at === document.body) return ["", ""];
                const label = at.labels?.[0]?.innerText ?? at.innerText ?? "";
                return [label.trim(), getComputedStyle(at).outlineStyle];
            }"""
        )
        seen.append(called)
        if called == name or (called and name in called.split("\n")):
            assert outline != "none", f"the focus on {name} can not be seen"
            return
    pytest.fail(f"{name} is not reached by Tab; these are: {seen}")


def press(page: Page, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")


def typed(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.type(text)


def fits(page: Page) -> None:
    """The page does not scroll sideways, and axe-core finds nothing."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [] == problems(page)


def quoted_id(demo: Demo, visit: Callable[..., BrowserContext]) -> str:
    """Accept on the website, and return the consent id that the settings show."""
    page = visit().new_page()
    page.goto(demo.site)
    with page.expect_response(lambda one: "/d/demo" in one.url and one.request.method == "POST"):
        page.get_by_role("button", name="Accept", exact=True).first.click()
    page.get_by_role("button", name="Cookie settings").click()
    found = re.search(r"[0-9A-Z]{7}-[0-9A-Z]{7}-[0-9A-Z]{7}", page.get_by_role("dialog").text_content() or "")
    assert found is not None
    return found[0]


def test_the_days_task_is_done_with_the_keyboard_at_every_width_in_both_schemes(
    demo: Demo, visitor: Callable[..., BrowserContext], desk: Callable[..., Page]
) -> None:
    """A visitor quotes a consent id: sign in, find the record, see that it is genuine, print it."""
    consent_id = quoted_id(demo, visitor)
    for number, (width, scheme) in enumerate(VIEWS):
        said = demo.askfirst("staff", "add", f"ann{number}", "--name", "Ann Auditor", "--organisation", "demo")
        link = re.search(r"http\S+/console/link/\S+", said)
        assert link is not None
        page = desk(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
        look(page, link[0], f"ann{number}", consent_id)


def look(page: Page, link: str, login: str, consent_id: str) -> None:
    page.goto(link)
    fits(page)
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    fits(page)
    typed(page, "New password", PASSWORD)
    typed(page, "New password again", PASSWORD)
    press(page, "Choose password")
    expect(page.get_by_role("status")).to_contain_text("Your new password counts")
    press(page, "Sign out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    fits(page)
    page.goto(page.url.partition("/console")[0] + "/console/records")
    typed(page, "Name", login)
    typed(page, "Password", PASSWORD)
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Records")).to_be_visible()
    fits(page)
    typed(page, "Consent id or record id", consent_id.lower())
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"id={consent_id.lower()}"))
    expect(page.locator("#decisions tbody tr")).to_have_count(1)
    page.locator("#decisions tbody a").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Genuine: this record is entry")).to_be_visible()
    expect(page.get_by_text("We use cookies on our website.", exact=False).first).to_be_visible()
    fits(page)
    printed(page, consent_id)


def printed(page: Page, consent_id: str) -> None:
    """On paper there is no rail, no button and no fold; every id is whole."""
    record = page.url.rpartition("/")[2]
    page.emulate_media(media="print")
    for gone in (page.get_by_role("navigation"), page.get_by_role("button")):
        for one in gone.all():
            expect(one).to_be_hidden()
    expect(page.get_by_text(record).first).to_be_visible()
    expect(page.get_by_text(consent_id).first).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert 0 == page.locator("details:not([open])").count()
    exact = page.locator("h1 time").evaluate("time => getComputedStyle(time, '::after').content")
    assert re.fullmatch(r'" \(" attr\(title\) "\)"|" \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC\)"', exact), exact
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
