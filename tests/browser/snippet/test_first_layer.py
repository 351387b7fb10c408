"""The first layer: what it asks, that both answers weigh the same, and that it is a guest on the page."""

import pytest
from playwright.sync_api import Page, expect

from browser.snippet.stub import Stub

TEXT = "We use cookies on our website. If you consent to their use, we use them to measure and analyze the use of the website."
HOSTILE = """
* { all: unset !important; color: lime !important; font-size: 3px !important; visibility: hidden !important; }
div, button, p { display: none !important; position: static !important; opacity: 0 !important; scale: 0 !important; }
button::before, p::after { content: "hostile" !important; }
*::first-letter { font-size: 400% !important; float: left !important; }
*::first-line { font-size: 300% !important; color: red !important; }
::backdrop { background: rgb(0 0 0 / 60%) !important; backdrop-filter: blur(3px) !important; display: block !important; }
:root, body { font-family: sans-serif !important; visibility: visible !important; }
"""


def open_page(page: Page, stub: Stub) -> None:
    """Open the ordinary page and wait for the question."""
    page.goto(stub.site)
    expect(page.get_by_role("region", name="Privacy choices")).to_be_visible()


def test_the_question_is_asked_in_the_words_of_the_policy(page: Page, stub: Stub) -> None:
    """The text is there to the letter, with the controller and the purposes, and the three ways to go on."""
    open_page(page, stub)
    layer = page.get_by_role("region", name="Privacy choices")

    assert [TEXT, "Fern & Moss Garden Club asks for: Measurement."] == layer.locator("p").all_inner_texts()
    assert ["Accept", "Reject", "Information and Settings"] == layer.get_by_role("button").all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_accept_and_reject_are_the_very_same_button(page: Page, stub: Stub, width: int, scheme: str) -> None:
    """Same element, class, size, and every computed style, at each width and in both schemes."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, stub)

    accept, reject = (
        page.get_by_role("button", name=name).evaluate(
            """button => {
                const style = getComputedStyle(button), box = button.getBoundingClientRect();
                const all = Object.fromEntries([...style].map(name => [name, style.getPropertyValue(name)]));
                for (const name of ['perspective-origin', 'transform-origin']) delete all[name];
                return { tag: button.tagName, kind: button.className, top: box.top, width: box.width, height: box.height, all };
            }"""
        )
        for name in ("Accept", "Reject")
    )

    assert accept == reject
    assert 44 <= accept["height"]


def test_nothing_is_stored_or_sent_before_an_answer(page: Page, stub: Stub) -> None:
    """Showing the question leaves no cookie, no storage, no database and no cache, and asks for nothing but the script."""
    open_page(page, stub)
    page.keyboard.press("Escape")
    page.mouse.wheel(0, 500)
    page.wait_for_timeout(300)

    stored = page.evaluate(
        """async () => [document.cookie, localStorage.length, sessionStorage.length,
            (await indexedDB.databases()).length, (await caches.keys()).length]"""
    )
    assert ["", 0, 0, 0, 0] == stored
    assert ["/", "/s/demo.js"] == [path for path in stub.requests if path != "/favicon.ico"]
    assert [] == stub.tries


def test_the_layer_takes_neither_the_focus_nor_the_page(page: Page, stub: Stub) -> None:
    """Focus stays where it was, the page behind can be used, and the layer comes first in the tab order."""
    open_page(page, stub)

    assert "BODY" == page.evaluate("document.activeElement.tagName")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Accept")).to_be_focused()
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(f"{stub.site}/next")


def test_a_tool_that_looks_for_plain_buttons_finds_reject(page: Page, stub: Stub) -> None:
    """Reject is an element of the document itself, in an element with a fixed position, and a scripted click on it refuses."""
    open_page(page, stub)

    found = page.evaluate(
        """() => {
            const reject = [...document.body.querySelectorAll('button')].find(button => button.innerText === 'Reject');
            const fixed = getComputedStyle(reject.parentElement).position;
            reject.click();
            return fixed;
        }"""
    )
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert "fixed" == found
    assert ["reject_all"] == [decision["method"] for decision in stub.decisions]


@pytest.mark.parametrize("styles", [HOSTILE, f"@layer page {{ {HOSTILE} }}"], ids=["plain", "layered"])
def test_hostile_styles_do_not_reach_it(page: Page, stub: Stub, styles: str) -> None:
    """A page whose rules unset, hide and recolour everything with !important shows the same layer, pixel for pixel."""
    open_page(page, stub)
    layer = page.get_by_role("region", name="Privacy choices")
    # The font is the page's own by intent, so both pages have the same.
    page.add_style_tag(content="html, body { font-family: sans-serif !important }")
    usual = layer.screenshot()
    page.add_style_tag(content=styles)

    hostile = page.evaluate(
        """() => {
            const layer = document.querySelector('[role=region]');
            return [layer, ...layer.children].map(element => {
                const style = getComputedStyle(element);
                return [style.visibility, style.opacity, style.scale, style.display !== 'none',
                    parseInt(style.fontSize) >= 13, getComputedStyle(element, '::before').content];
            });
        }"""
    )

    assert [["visible", "1", "none", True, True, "none"]] * 6 == hostile
    assert usual == layer.screenshot()


def test_a_backdrop_of_the_pages_own_does_not_cover_the_page(page: Page, stub: Stub) -> None:
    """The layer stays open in the top layer, and what a page puts behind its own dialogs is not put behind it; the second layer has its own."""
    open_page(page, stub)
    heading = page.get_by_role("heading", name="Garden notes")
    usual = heading.screenshot()
    for important in ("", "!important"):
        page.add_style_tag(
            content=f"::backdrop {{ background: rgb(0 0 0 / 60%) {important}; backdrop-filter: blur(3px) {important} }}"
        )
        assert usual == heading.screenshot()
    page.get_by_role("button", name="Information and Settings").click()
    behind = page.get_by_role("dialog").evaluate(
        "dialog => (({ display, backgroundColor }) => [display, backgroundColor])(getComputedStyle(dialog, '::backdrop'))"
    )

    assert ["block", "rgba(0, 0, 0, 0.533)"] == behind


def test_the_page_is_left_as_it_was(page: Page, stub: Stub) -> None:
    """Nothing on the page moves or changes its style when the layer comes and goes."""
    stub.config["wait"] = False
    page.goto(stub.site)
    measure = "JSON.stringify([...document.querySelectorAll('main *')].map(e => e.getBoundingClientRect()))"
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    shown = page.evaluate(measure)
    page.evaluate("document.querySelector('[role=region]').remove()")

    assert shown == page.evaluate(measure)
    assert 0 == page.evaluate("document.styleSheets.length + document.adoptedStyleSheets.length")


def test_the_focused_element_is_never_hidden(page: Page, stub: Stub) -> None:
    """Tabbing through a long page on a phone, no focused element is under the layer (WCAG 2.4.11)."""
    links = "".join(f'<p><a href="#{i}">Link {i}</a></p>' for i in range(40))
    stub.pages["/"] = stub.pages["/"].replace("<p>Words about plants.</p>", links)
    page.set_viewport_size({"width": 360, "height": 640})
    open_page(page, stub)

    hidden = []
    for _ in range(46):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => {
                const focus = document.activeElement.getBoundingClientRect();
                const layer = document.querySelector('[role=region]');
                const box = layer.getBoundingClientRect();
                return !layer.contains(document.activeElement) && focus.top < box.bottom && focus.bottom > box.top
                    && document.activeElement !== document.body ? document.activeElement.textContent : null;
            }"""
        )
        hidden.append(covered)

    assert [None] * 46 == hidden


@pytest.mark.parametrize("size", [(320, 256), (320, 640), (640, 360)])
def test_at_320_pixels_nothing_is_lost(page: Page, stub: Stub, size: tuple[int, int]) -> None:
    """Nothing is cut off sideways, and every button can be reached on the smallest screens."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_page(page, stub)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("Accept", "Reject", "Information and Settings"):
        button = page.get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=0.99)  # a part of a pixel may be rounded away
    page.get_by_role("button", name="Information and Settings").click()
    for name in ("Save", "Accept all", "Reject all"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport()
