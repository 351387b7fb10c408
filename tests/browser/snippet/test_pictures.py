"""What each layout looks like, kept as documentation: `make screenshots` takes the pictures anew."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from askfirst.core.banner_style import LAYOUTS
from browser.pictures import picture
from browser.snippet.stub import Stub
from browser.snippet.test_embeds import EMBEDS, SETTINGS, VIDEO

# A page as one would write it: it follows the scheme, and its frames fit the window.
ARTICLE = """<style>:root { color-scheme: light dark; font-family: system-ui } main { max-width: 44rem; margin: auto }
iframe { max-width: 100%; aspect-ratio: 16/9; height: auto }</style>"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_stands_whole_in_the_window(page: Page, stub: Stub, layout: str, width: int, scheme: Any) -> None:
    """Nothing is cut off at any side, at each width and in both schemes."""
    stub.config |= {"layout": layout, "style": LAYOUTS[layout]}
    page.set_viewport_size({"width": width, "height": 560})
    page.emulate_media(color_scheme=scheme)
    page.goto(stub.site)
    for name in ("Accept", "Reject", "Information and Settings"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=0.99)
    picture(page, f"layout-{layout}-{width}-{scheme}.png")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_second_layer_and_the_control_stand_whole(page: Page, stub: Stub, width: int, scheme: Any) -> None:
    """The three answers stay in view while the rest scrolls; afterwards the control is in its corner."""
    page.set_viewport_size({"width": width, "height": 640})
    page.emulate_media(color_scheme=scheme)
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("switch").click()
    dialog.locator("summary").last.click()
    for name in ("Accept all", "Reject all", "Save", "Close"):
        expect(dialog.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=0.99)
    picture(page, f"settings-{width}-{scheme}.png")
    assert dialog.locator(".body").evaluate("body => body.scrollWidth <= body.clientWidth")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    expect(page.get_by_role("button", name="Privacy settings")).to_be_in_viewport(ratio=0.99)
    picture(page, f"control-{width}-{scheme}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_a_placeholder_stands_whole(page: Page, stub: Stub, width: int, scheme: Any) -> None:
    """In the box of a video, with both buttons in view."""
    stub.use("embeds", SETTINGS)
    stub.config["layout"] = "none"
    stub.config["purposes"][1:] = [EMBEDS]
    stub.pages["/"] = stub.pages["/"].replace("</main>", f"{VIDEO}</main>").replace("</head>", f"{ARTICLE}</head>")
    page.set_viewport_size({"width": width, "height": 640})
    page.emulate_media(color_scheme=scheme)
    page.goto(stub.site)
    for name in ("Load once", "Always allow"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=0.99)
    picture(page, f"placeholder-{width}-{scheme}.png")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
