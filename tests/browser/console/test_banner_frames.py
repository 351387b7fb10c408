"""The banner of a record in its frame: seen as it was, harmless, and in reach of a keyboard."""

from collections.abc import Callable

from playwright.sync_api import Frame, Page, expect

from browser.console.conftest import Console
from browser.console.test_states import checked
from support.places import publish
from support.staff import member


def framed(page: Page, name: str, query: str = "") -> Frame:
    """Return the frame of this name, once it is at an address with this query and shows its banner."""
    frame = page.locator(f"iframe[name={name}]").element_handle().content_frame()
    assert frame is not None
    frame.wait_for_url(lambda url: query in url)
    frame.wait_for_selector("html[data-ready]", state="attached")
    return frame


def test_a_record_shows_its_banner(console: Console, desk: Callable[..., Page]) -> None:
    """Both layers in both schemes; answering in it asks nobody, keeps nothing and says so."""
    record = console.service.accept(language="de")["record"]
    publish(console.home.place, "demo0001", lifetime_days=90)
    console.service.settle()
    console.node.refresh()
    page = desk()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    console.sign_in(page.context, member(console.home))
    page.goto(f"{console.url}/console/records/{record}")
    page.locator("details.banner-then > summary").click()
    frame = framed(page, "banner")
    expect(frame.get_by_text("text für Leser")).to_be_visible()
    checked(page)
    ink = "words => getComputedStyle(words).color"
    light = frame.get_by_text("text für Leser").evaluate(ink)
    page.get_by_label("Colours").select_option("dark")
    frame = framed(page, "banner", "scheme=dark")
    assert light != frame.get_by_text("text für Leser").evaluate(ink)
    page.get_by_label("Layer").select_option("second")
    frame = framed(page, "banner", "layer=second")
    expect(frame.get_by_role("heading", name="title für Leser")).to_be_visible()
    page.get_by_label("Phone, 360").check()
    assert 360 == frame.evaluate("innerWidth")
    before = len(asked)
    frame.get_by_role("button", name="accept_all für Leser").click()
    expect(frame.get_by_role("button", name="withdraw für Leser").first).to_be_visible()
    page.wait_for_timeout(400)

    assert before == len(asked)
    assert [] == [cookie for cookie in page.context.cookies() if "askfirst-" in str(cookie["name"])]
    assert "null" == frame.evaluate("origin")
