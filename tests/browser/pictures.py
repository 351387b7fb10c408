"""The pictures of the docs, taken by the tests themselves when `make screenshots` asks for them."""

import os
from pathlib import Path

from playwright.sync_api import Page

DOCS = Path(__file__).parents[2] / "service" / "docs" / "screenshots"


def picture(page: Page, name: str, *, full_page: bool = False) -> None:
    """Take a picture of the page as it is, if pictures are wanted."""
    if os.environ.get("ASKFIRST_SCREENSHOTS") == "docs":
        DOCS.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(400)
        page.screenshot(path=DOCS / name, full_page=full_page)
