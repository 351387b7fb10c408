"""Each example website, run as its README says, in a real browser with JavaScript and without; and two browsers of one
person where choices are tied to accounts (REQUIREMENTS ASK-14)."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from askfirst.core.policy_content import Controller
from askfirst.texts.catalogue import catalogue
from askfirst.texts.default_policy import default_draft
from askfirst.usecases.publish_policy import publish_policy
from askfirst.usecases.set_up import change_origins
from browser.pictures import picture
from sdk.mounted import SITE, recorder_token, service
from sdk.test_frameworks import ASGI, EXAMPLES, WSGI
from support.served import Served

COOKIE = f"askfirst-{SITE}"


@pytest.fixture(scope="module")
def served(furnished_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a service with the words that people read, and choices tied to accounts."""
    with service(furnished_folder, tmp_path_factory.mktemp("examples") / "home") as running:
        controller = Controller(name="Example Ltd", address="1 Example Street", contact="privacy@example.org")
        draft = default_draft(controller, "https://www.example.org/privacy", ("en", "de"))
        draft = draft.model_copy(update={"accounts": {one: catalogue(one).accounts for one in ("en", "de")}})
        place = running.home.place
        publish_policy(place.catalogue, SITE, draft, reason="The words that people read.", by=place.by)
        running.node.refresh()
        yield running


@contextmanager
def website(example: str, served: Served, folder: Path) -> Iterator[str]:
    """Run an example by the command of its README, and give its address once its banner is there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    place = served.home.place
    site = place.directory().sites[SITE].site
    change_origins(place.catalogue, site, (*site.origins, url), by=place.by)
    served.node.refresh()
    asgi = ["uvicorn", f"{example}:app", "--port", str(port)]
    wsgi = ["gunicorn", "--preload", "--workers", "2", "--bind", f"127.0.0.1:{port}", f"{example}:app"]
    secrets = {"ACCOUNTS_KEY": "k" * 32, "SESSION_KEY": "s" * 32}
    told = {"ASKFIRST_SITE": SITE, "ASKFIRST_SERVICE_URL": served.url, "ASKFIRST_TOKEN": recorder_token(served)}
    process = subprocess.Popen(
        [sys.executable, "-m", *(wsgi if example in WSGI else asgi)],
        env={**os.environ, **told, **secrets, "PYTHONPATH": str(EXAMPLES)},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        ready = 0
        end = time.monotonic() + 60
        # Several times, since each worker begins by itself.
        while ready < 6 and time.monotonic() < end:
            try:
                ready = ready + 1 if 'data-askfirst="banner"' in httpx.get(url, timeout=20).text else 0
            except httpx.TransportError:
                ready = 0
            time.sleep(0.05)
        assert ready == 6, f"{example} did not show its banner in time"
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.fixture(scope="module", params=[*ASGI, *WSGI])
def example(request: pytest.FixtureRequest, served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of each example."""
    with website(request.param, served, tmp_path_factory.mktemp(request.param)) as url:
        yield url


@contextmanager
def visitor(browser: Browser, *, script: bool = True) -> Iterator[BrowserContext]:
    """Give a new browser."""
    context = browser.new_context(java_script_enabled=script, viewport={"width": 1280, "height": 800})
    yield context
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def withdraw(page: Page, *, script: bool) -> None:
    """Take it back: by the control that stays on the page, or on the page that needs no script."""
    if not script:
        page.get_by_role("link", name="Cookie settings").click()
    press(page, "Withdraw consent")
    if script:
        # What ran can only be ended by a new page, which the script asks for.
        expect(page.get_by_text("Measured: False")).to_be_visible()
        page.wait_for_load_state()


def recorded(served: Served, before: int) -> int:
    """Wait until there are more records than before, and return how many."""
    until(lambda: served.home.place.ledger.counts(1)["record"] > before)
    return served.home.place.ledger.counts(1)["record"]


def until(found: Callable[[], object]) -> bool:
    """Wait until there is something, and return whether there is."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if found():
            return True
        time.sleep(0.05)
    return False


def receipt(context: BrowserContext, url: str) -> str | None:
    return next((one["value"] for one in context.cookies(url) if one["name"] == COOKIE), None)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_asked_accepted_measured_and_taken_back(example: str, served: Served, browser: Browser, script: bool) -> None:
    """From the first paint to the withdrawal, by what a person sees and presses."""
    with visitor(browser, script=script) as context:
        page = context.new_page()
        measured: list[str] = []
        page.on("request", lambda asked: measured.append(asked.url) if "/measure.js" in asked.url else None)
        page.goto(example)
        expect(page.get_by_role("button", name="Accept", exact=True).first).to_be_visible()
        expect(page.get_by_text("Measured: False")).to_be_visible()
        assert [] == measured

        before = served.home.place.ledger.counts(1)["record"]
        press(page, "Accept")
        assert before + 1 == recorded(served, before)
        # It is in the ledger before its answer is in the browser.
        assert until(lambda: receipt(context, example))
        page.goto(example)
        expect(page.get_by_text("Measured: True")).to_be_visible()
        expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
        if script:
            assert measured

        withdraw(page, script=script)
        assert before + 2 == recorded(served, before + 1)
        page.goto(example)
        expect(page.get_by_text("Measured: False")).to_be_visible()
        expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)


@pytest.fixture(scope="module")
def shop(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the example whose visitors can sign in."""
    with website("accounts_app", served, tmp_path_factory.mktemp("accounts")) as url:
        yield url


def sign_in(page: Page, url: str, user: str) -> None:
    page.goto(url)
    page.get_by_label("Name").fill(user)
    # The banner may lie over the form at this size; a keyboard reaches it all the same.
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_attached()


def sign_out(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_label("Name")).to_be_attached()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_one_person_on_two_devices(shop: str, served: Served, browser: Browser, script: bool) -> None:
    """Told on the first layer, asked once, told on the other device, taken back there for both; and the shared device's
    own answer is what it was before."""
    user = f"person-{time.monotonic_ns()}"
    told = catalogue("en").accounts.told
    notice = catalogue("en").accounts.notice
    with visitor(browser, script=script) as phone, visitor(browser, script=script) as shared:
        page, other = phone.new_page(), shared.new_page()
        sign_in(page, shop, user)
        expect(page.get_by_text(told).first).to_be_visible()
        before = served.home.place.ledger.counts(1)["record"]
        press(page, "Accept")
        assert before + 1 == recorded(served, before)

        other.goto(shop)
        press(other, "Reject")
        recorded(served, before + 1)
        other.goto(shop)
        own = receipt(shared, shop)
        sign_in(other, shop, user)
        expect(other.get_by_text(notice)).to_be_visible()
        expect(other.get_by_text("Measured: True")).to_be_visible()
        if script:
            picture(other, "account-notice.png")
        other.goto(shop)
        expect(other.get_by_text(notice)).to_have_count(0)

        withdraw(other, script=script)
        assert before + 3 == recorded(served, before + 2)
        sign_out(other, shop)
        assert own == receipt(shared, shop)
        expect(other.get_by_text("Measured: False")).to_be_visible()

        sign_out(page, shop)
        assert receipt(phone, shop) is None
        sign_in(page, shop, user)
        expect(page.get_by_text("Measured: False")).to_be_visible()
        expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
        assert re.fullmatch(r"[\w-]+\.[\w-]+", receipt(phone, shop) or "")


LOOKS = """element => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const { fontFamily, fontSize, fontWeight, color, backgroundColor, borderRadius } = getComputedStyle(element);
    return { place: [x, y, width, height].map(Math.round), fontFamily, fontSize, fontWeight, color, backgroundColor, borderRadius };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_moves_when_the_script_takes_the_banner_over(
    shop: str, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    """The banner as HTML and the script's own are one to the eye: each word and choice has its place, size and look."""
    seen = []
    for script in (False, True):
        context = browser.new_context(
            java_script_enabled=script, color_scheme=scheme, viewport={"width": width, "height": 800}
        )
        page = context.new_page()
        page.goto(shop)
        if script:
            expect(page.locator("[data-askfirst=banner]")).to_have_count(0)
        accept = page.get_by_role("button", name="Accept", exact=True)
        expect(accept).to_be_visible()
        role = "button" if script else "link"
        rest = [
            page.get_by_role("button", name="Reject", exact=True),
            page.get_by_role(role, name="Information and Settings"),  # type: ignore[arg-type]
            page.get_by_text("We use cookies on our website."),
            page.get_by_text("asks for your answer about"),
        ]
        seen.append([one.evaluate(LOOKS) for one in (accept, *rest)])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if not script:
            picture(page, f"sdk-banner-{width}-{scheme}.png")
        context.close()

    assert seen[0] == seen[1]
