"""WCAG 2.2 AA, checked by axe-core in every state."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.axe import problems
from browser.snippet.stub import Stub

LOOKS: dict[str, dict[str, str]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("look", LOOKS)
def test_every_state_is_free_of_findings(page: Page, stub: Stub, look: str, width: int, direction: str) -> None:
    """The question, the settings with all folded out, and the answered page with its control."""
    stub.config["dir"] = direction
    page.set_viewport_size({"width": width, "height": 720})
    page.emulate_media(**LOOKS[look])  # type: ignore[arg-type]
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    first = problems(page)
    page.get_by_role("button", name="Information and Settings").click()
    for summary in page.locator("summary").all():
        summary.click()
    second = problems(page)
    page.get_by_role("switch").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    answered = problems(page)
    page.get_by_role("button", name="Privacy settings").click()
    reopened = problems(page)

    assert [[], [], [], []] == [first, second, answered, reopened]


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_large_and_inside_the_window(page: Page, stub: Stub, width: int) -> None:
    """Every button, switch row and fold-out is at least 44 pixels high, and nothing scrolls sideways."""
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.get_by_role("button", name="Privacy settings").click()
    page.locator("summary").last.click()

    small = page.evaluate(
        """() => [...document.querySelectorAll('[data-nosnippet]')].flatMap(layer =>
            [...layer.shadowRoot.querySelectorAll('button, label, summary')]
                .filter(target => target.getClientRects().length)
                .filter(target => target.getBoundingClientRect().height < 44 || target.getBoundingClientRect().width < 44)
                .map(target => target.outerHTML))"""
    )
    sideways = page.evaluate(
        """() => [...document.querySelectorAll('[data-nosnippet]')].flatMap(layer =>
            [...layer.shadowRoot.querySelectorAll('dialog, .body, .control')])
            .filter(box => box.scrollWidth > box.clientWidth).map(box => box.className || box.tagName)"""
    )

    assert ([], []) == (small, sideways)


def test_the_text_grows_with_the_readers_font_size(page: Page, stub: Stub) -> None:
    """With the browser's font size doubled the text doubles, and every button can still be reached on a phone."""
    page.set_viewport_size({"width": 360, "height": 720})
    stub.pages["/"] = stub.pages["/"].replace("</head>", "<style>html { font-size: 200% }</style></head>")
    page.goto(stub.site)
    accept = page.get_by_role("button", name="Accept")
    expect(accept).to_be_visible()

    assert "30px" == accept.evaluate("button => getComputedStyle(button).fontSize")
    for name in ("Accept", "Reject", "Information and Settings"):
        page.get_by_role("button", name=name).scroll_into_view_if_needed()
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("layer", ["first", "second"])
def test_large_words_on_a_narrow_page_stand_above_each_other(page: Page, stub: Stub, layer: str) -> None:
    """In twice the size, 320 pixels wide and in German, nothing is cut off at the side, and no answer is wider than the other."""
    page.set_viewport_size({"width": 320, "height": 720})
    words = {"accept": "Annehmen", "reject": "Ablehnen", "settings": "Informationen und Einstellungen"}
    all_words = {"accept_all": "Alle annehmen", "reject_all": "Alle ablehnen", "title": words["settings"]}
    stub.config["texts"] = stub.config["texts"] | words | all_words
    stub.pages["/"] = stub.pages["/"].replace("</head>", "<style>html { font-size: 200% }</style></head>")
    page.goto(stub.site)
    if layer == "second":
        page.get_by_role("button", name=words["settings"]).click()
        expect(page.get_by_role("button", name="Close")).to_be_in_viewport(ratio=0.99)
    names = ("Alle annehmen", "Alle ablehnen") if layer == "second" else ("Annehmen", "Ablehnen")
    boxes = [page.get_by_role("button", name=name, exact=True).bounding_box() for name in names]
    sideways = page.evaluate(
        """() => [...document.querySelector('[data-nosnippet]').shadowRoot.querySelectorAll('.bar, .sheet')]
            .map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)"""
    )

    assert {0} == set(sideways)
    assert 1 == len({(box["x"], box["width"], box["height"]) for box in boxes if box})
    assert all(box and 0 <= box["x"] and box["x"] + box["width"] <= 320 for box in boxes)


def test_nothing_moves_and_the_language_is_marked(page: Page, stub: Stub) -> None:
    """No animation or transition at all, and each layer says its language and direction, and keeps out of search snippets."""
    stub.config |= {"language": "de", "dir": "ltr"}
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()

    layers = page.locator("[data-nosnippet]")
    assert [["de", "ltr"]] == layers.evaluate_all("all => all.map(layer => [layer.lang, layer.dir])")
    assert 0 == page.evaluate("document.getAnimations().length")


def test_what_has_the_focus_in_the_second_layer_is_in_sight(page: Page, stub: Stub) -> None:
    """Tabbing through everything on a phone, nothing that has the focus is under the head or the three answers (WCAG 2.4.11)."""
    page.set_viewport_size({"width": 360, "height": 480})
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    for summary in page.get_by_role("dialog").locator("summary").all():
        summary.click()
    page.get_by_role("heading", name="Information and Settings").focus()

    seen = []
    for _ in range(16):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                """() => {
                    const root = document.querySelector('[data-nosnippet]').shadowRoot;
                    const focus = root.activeElement;
                    if (!focus) return 'outside';
                    const { left, top, width, height } = focus.getBoundingClientRect();
                    const there = root.elementFromPoint(left + width / 2, top + height / 2);
                    return focus.contains(there) || there?.contains(focus) ? 'seen' : focus.outerHTML;
                }"""
            )
        )

    assert {"seen"} == set(seen) - {"outside"}


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_no_layer_ever_moves(page: Page, stub: Stub, motion: Any) -> None:
    """Opening, answering and closing start no animation and no transition, whatever the reader has asked for."""
    page.emulate_media(reduced_motion=motion)
    page.add_init_script(
        "window.moved = 0; for (const type of ['animationstart', 'transitionrun'])"
        " addEventListener(type, () => moved++, true)"
    )
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").click()
    page.get_by_role("switch").click()
    moving = (
        "document.querySelector('[data-nosnippet]').shadowRoot.getAnimations().length + document.getAnimations().length"
    )
    assert 0 == page.evaluate(moving)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert [0, 0] == page.evaluate(f"[moved, {moving}]")
