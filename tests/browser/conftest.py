"""One browser for all tests with pages, which run last: Playwright keeps an event loop in the main thread."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests with pages, and put them behind all others."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests: the system's, or Playwright's own. Without any, the run fails and says so."""
    named = os.environ.get("ASKFIRST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        if named is None and not Path(playwright.chromium.executable_path).exists():
            pytest.fail("No Chromium was found. Install one (Debian: apt-get install chromium), or run: make chromium")
        launched = playwright.chromium.launch(executable_path=named, args=FLAGS)
        yield launched
        launched.close()
