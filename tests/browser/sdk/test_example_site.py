"""The example website in a real browser, with JavaScript and without: seen at once, answered, taken back."""

import importlib.util
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from askfirst.cli.server import listen
from askfirst.core.policy_content import Controller
from askfirst.texts.default_policy import default_draft
from askfirst.usecases.publish_policy import publish_policy
from askfirst.usecases.set_up import change_origins
from browser.pictures import picture
from sdk.mounted import SITE, recorder_token, service
from sdk.test_frameworks import EXAMPLES


@dataclass(frozen=True)
class Shop:
    """The running website, its service, and what became of answers."""

    url: str
    service_url: str
    records: Any


@pytest.fixture(scope="module")
def shop(furnished_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Run the Starlette example in front of a service of its own."""
    listener = listen("127.0.0.1", 0, "--port")
    url = f"http://localhost:{listener.getsockname()[1]}"
    with (
        service(furnished_folder, tmp_path_factory.mktemp("shop") / "home") as served,
        pytest.MonkeyPatch.context() as patch,
    ):
        place = served.home.place
        site = place.directory().sites[SITE].site
        controller = Controller(name="Example Ltd", address="1 Example Street", contact="privacy@example.org")
        draft = default_draft(controller, "https://www.example.org/privacy", ("en", "de"))
        publish_policy(place.catalogue, SITE, draft, reason="The words that people read.", by=place.by)
        change_origins(place.catalogue, site, (*site.origins, url), by=place.by)
        served.node.refresh()
        patch.setenv("ASKFIRST_SITE", SITE)
        patch.setenv("ASKFIRST_SERVICE_URL", served.url)
        patch.setenv("ASKFIRST_TOKEN", recorder_token(served))
        spec = importlib.util.spec_from_file_location("example_in_browser", EXAMPLES / "starlette_app.py")
        assert spec is not None
        assert spec.loader is not None
        example = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(example)
        assert example.askfirst.ready(30)
        server = uvicorn.Server(uvicorn.Config(example.app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Shop(url, served.url, lambda: place.ledger.counts(1)["record"])
        finally:
            server.should_exit = True
            thread.join()
            example.askfirst.close()
            listener.close()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """Give a new browser, whose pages may run scripts or not."""
    opened = browser.new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 800})
    yield opened
    opened.close()


def _answer(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_the_visitor_is_asked_and_measured_only_after_accept(shop: Shop, context: BrowserContext) -> None:
    """One banner, two equal buttons; the page's own server knows the answer from the next page on."""
    page = context.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda asked: asked.url.startswith(shop.url) or elsewhere.append(asked.url))
    page.goto(shop.url)
    expect(page.get_by_role("region", name="Your choice about cookies").first).to_be_visible()
    accept, reject = (page.get_by_role("button", name=name, exact=True) for name in ("Accept", "Reject"))
    boxes = [one.first.bounding_box() for one in (accept, reject)]
    assert all(boxes)
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=1)  # type: ignore[index]
    assert boxes[0]["y"] == boxes[1]["y"]  # type: ignore[index]

    before = shop.records()
    _answer(page, "Accept")
    for _ in range(100):
        if shop.records() > before:
            break
        page.wait_for_timeout(100)
    page.goto(shop.url)
    expect(page.get_by_text("Measured: True")).to_be_visible()
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    assert before + 1 == shop.records()
    # Script, answer and receipt came and went by the site's own origin.
    assert [] == elsewhere


def test_without_javascript_the_settings_are_a_page(shop: Shop, browser: Browser) -> None:
    """From the banner to the switches, one purpose granted, taken back on the same page."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(shop.url)
    picture(page, "banner-without-script.png")
    page.get_by_role("link", name="Information and Settings", exact=True).click()
    page.get_by_role("checkbox", name="Measurement").check()
    picture(page, "settings-without-script.png", full_page=True)
    _answer(page, "Save my choice")
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Measurement")).to_be_checked()

    page.goto(shop.url)
    expect(page.get_by_text("Measured: True")).to_be_visible()
    page.get_by_role("link", name="Cookie settings").click()
    _answer(page, "Withdraw consent")
    page.goto(shop.url)
    expect(page.get_by_text("Measured: False")).to_be_visible()
    assert len(context.cookies(shop.url)) == 1
    context.close()


def test_large_words_in_a_narrow_window_leave_both_answers_in_it(shop: Shop, browser: Browser) -> None:
    """Twice the text size at 320 pixels (WCAG 2.2, 1.4.4 and 1.4.10), in German, without a script."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700}, locale="de-DE")
    page = context.new_page()

    def double(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=f"html {{ font-size: 200% }} {answer.text()}")

    page.route("**/banner.css*", double)
    page.goto(shop.url)
    banner = page.locator("[data-askfirst=banner]")
    expect(banner).to_be_visible()
    boxes = [one.bounding_box() for one in banner.locator("button,a").all()]
    whole = banner.bounding_box()

    assert whole
    assert 3 == len(boxes)
    assert all(
        one and whole["x"] <= one["x"] and one["x"] + one["width"] <= whole["x"] + whole["width"] for one in boxes
    )
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=1)  # type: ignore[index]
    assert boxes[0]["height"] == boxes[1]["height"]  # type: ignore[index]
    context.close()
