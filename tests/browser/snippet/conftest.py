"""A browser, a stub and a page for each test of the snippet alone."""

import copy
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from browser.snippet.stub import Stub, running_stub

CONFIG: dict[str, Any] = json.loads((Path(__file__).parent / "config.json").read_text(encoding="utf-8"))

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Garden notes</title>
<meta name="viewport" content="width=device-width"><script async src="{service}/s/demo.js"></script></head>
<body><main><h1>Garden notes</h1><p>Words about plants.</p><a href="/next">Next</a></main></body></html>"""


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A stub with the ordinary policy and one ordinary page at `/` and `/next`."""
    with running_stub(copy.deepcopy(CONFIG)) as running:
        running.pages |= {"/": PAGE, "/next": PAGE}
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser context of its own: no cookies, no storage."""
    fresh = browser.new_context()
    fresh.set_default_timeout(5000)
    yield fresh
    fresh.close()


@pytest.fixture(scope="session")
def caching_browser(browser: Browser) -> Iterator[Browser]:
    """A second Chromium with its back/forward cache, which Playwright switches off."""
    named = os.environ.get("ASKFIRST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    launched = browser.browser_type.launch(
        executable_path=named, args=["--no-sandbox"], ignore_default_args=["--disable-back-forward-cache"]
    )
    yield launched
    launched.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test if the snippet lets an exception out."""
    yield from _watched(context)


@pytest.fixture
def caching_page(caching_browser: Browser) -> Iterator[Page]:
    """The same in a browser with a back/forward cache."""
    fresh = caching_browser.new_context()
    fresh.set_default_timeout(5000)
    yield from _watched(fresh)
    fresh.close()


def _watched(context: BrowserContext) -> Iterator[Page]:
    errors: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    assert [] == errors
