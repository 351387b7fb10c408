"""What each layout looks like, kept as documentation: `make screenshots` takes the pictures anew."""

import pytest
from playwright.sync_api import Page, expect

from askfirst.core.banner_style import LAYOUTS
from browser.pictures import picture
from browser.snippet.stub import Stub


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_stands_whole_in_the_window(page: Page, stub: Stub, layout: str, width: int, scheme: str) -> None:
    """Nothing is cut off at any side, at each width and in both schemes."""
    stub.config |= {"layout": layout, "style": LAYOUTS[layout]}
    page.set_viewport_size({"width": width, "height": 560})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(stub.site)
    for name in ("Accept", "Reject", "Information and Settings"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=0.99)
    picture(page, f"layout-{layout}-{width}-{scheme}.png")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
