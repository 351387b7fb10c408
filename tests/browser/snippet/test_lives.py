"""The lives that a page may have: prepared before it is wanted, changed without loading, in a frame of another site."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, Route, expect

from askfirst.core.banner_style import LAYOUTS
from browser.conftest import FLAGS
from browser.snippet.receipts import receipt
from browser.snippet.stub import Stub

HELD = '<script type="text/plain" data-purpose="measurement">window.ran = (window.ran ?? 0) + 1</script>'
SPECULATION = '<script type="speculationrules">{"prerender":[{"source":"list","urls":["/next"],"eagerness":"immediate"}]}</script>'


def granted(context: BrowserContext, stub: Stub) -> None:
    """Give the browser an answer that allows measurement."""
    value = receipt("demo", {"measurement": True}, now=time.time())
    context.add_cookies([{"name": "askfirst-demo", "value": value, "url": stub.site}])


def test_a_page_that_is_only_prepared_runs_and_asks_nothing(page: Page, stub: Stub) -> None:
    """While a browser prerenders, nobody is there: no tag, no question; both come when it is shown."""
    stub.pages["/"] = stub.pages["/"].replace("</body>", f"{HELD}</body>")
    granted(page.context, stub)
    page.add_init_script("Object.defineProperty(document, 'prerendering', { value: true, configurable: true })")
    page.goto(stub.site)
    page.wait_for_timeout(300)
    assert not page.evaluate("'ran' in window || 'askfirst' in window")
    assert page.locator("[data-nosnippet]").count() == 0
    page.evaluate("() => document.dispatchEvent(new Event('prerenderingchange'))")
    page.wait_for_function("() => window.ran === 1")

    expect(page.get_by_role("button", name="Withdraw consent")).to_be_visible()


def test_chromium_prepares_the_next_page_and_it_measures_once_shown(
    browser: Browser, stub: Stub, tmp_path: Path
) -> None:
    """With the browser's own speculation rules and nobody watching: the page is there ahead, its tag waits for the visitor."""
    value = receipt("demo", {"measurement": True}, now=time.time())
    leave = f"<script>document.cookie = 'askfirst-demo={value}';setTimeout(() => (location = '/next'), 3000)</script>"
    stub.pages["/"] = stub.pages["/"].replace("</head>", f"{SPECULATION}</head>").replace("</body>", f"{leave}</body>")
    told = "fetch(`/ran/${performance.getEntriesByType('navigation')[0].activationStart > 0}`)"
    held = f'<script type="text/plain" data-purpose="measurement">{told}</script>'
    stub.pages["/next"] = stub.pages["/next"].replace("</body>", f"{held}<img src='/seen' alt=''></body>")
    named = os.environ.get("ASKFIRST_CHROMIUM") or shutil.which("chromium") or browser.browser_type.executable_path
    flags = ["--headless=new", f"--user-data-dir={tmp_path}", *FLAGS]
    running = subprocess.Popen([named, *flags, stub.site], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: any(path.startswith("/ran") for path in stub.requests))
    finally:
        running.terminate()
        running.wait(20)

    # A page that was not prepared, or whose tag ran while it was, tells of another time of being shown.
    assert ["/ran/true"] == [path for path in stub.requests if path.startswith("/ran")]
    assert ["/next", "/seen"] == [path for path in stub.requests if path in ("/next", "/seen")]


def wait_for(true: Callable[[], bool]) -> None:
    """Wait until it is true, for half a minute at most."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_answer_holds_on_pages_that_come_without_loading(page: Page, stub: Stub) -> None:
    """The banner goes with the first page's answer and does not come back; what later pages hold is released, each once."""
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.evaluate("() => { history.pushState({}, '', '/second'); document.querySelector('h1').textContent = 'Second' }")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.evaluate(
        """held => {
            history.pushState({}, '', '/third');
            document.querySelector('main').replaceChildren(document.createRange().createContextualFragment(held));
        }""",
        HELD,
    )
    page.wait_for_function("() => window.ran === 1")
    page.go_back()
    page.wait_for_timeout(200)

    assert 1 == page.evaluate("window.ran")
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    expect(page.get_by_role("button", name="Withdraw consent")).to_be_visible()
    assert 1 == len(stub.decisions)


@pytest.mark.parametrize(
    "change",
    ["document.body.innerHTML = '<main>New</main>'", "document.body = document.createElement('body')"],
    ids=["its content", "the body itself"],
)
def test_who_replaces_the_body_with_the_page_keeps_the_question(page: Page, stub: Stub, change: str) -> None:
    """As htmx and Turbo do: the question, or the control, is there again; it is not fought for where it alone was taken out."""
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.evaluate(f"() => {{ history.pushState({{}}, '', '/second'); {change} }}")
    expect(page.get_by_role("button", name="Reject", exact=True)).to_be_visible()
    assert page.evaluate("document.querySelector('[data-nosnippet]').matches(':popover-open')")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.evaluate("() => document.querySelector('[data-nosnippet]').remove()")
    page.wait_for_timeout(200)

    assert 0 == page.locator("[data-nosnippet]").count()


def test_a_page_that_is_made_anew_at_its_address_keeps_the_question(page: Page, stub: Stub) -> None:
    """As a framework does that finds other elements than it wrote; who takes out the question alone is not fought."""
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.evaluate("document.body.replaceChildren(document.createElement('main'))")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.evaluate("() => document.querySelector('[data-nosnippet]').remove()")
    page.wait_for_timeout(200)

    assert 0 == page.locator("[data-nosnippet]").count()


def test_a_question_that_is_a_dialog_is_one_again_in_a_new_body(page: Page, stub: Stub) -> None:
    """It was modal, and is again; what says that it has ended is no answer."""
    stub.config |= {"layout": "dialog", "style": LAYOUTS["dialog"]}
    page.goto(stub.site)
    expect(page.get_by_role("dialog", name="Privacy choices")).to_be_visible()
    page.evaluate("() => { history.pushState({}, '', '/second'); document.body = document.createElement('body') }")
    expect(page.get_by_role("dialog", name="Privacy choices")).to_be_visible()
    assert page.evaluate(
        "document.querySelector('[data-nosnippet]').shadowRoot.querySelector('dialog').matches(':modal')"
    )
    page.get_by_role("button", name="Reject", exact=True).click()

    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    expect(page.get_by_role("dialog")).to_have_count(0)


def in_a_frame(page: Page, stub: Stub) -> FrameLocator:
    """Open the site in a frame of another site's page, all of it over https."""
    stub.config["service"] = "https://consent.example"

    def serve(route: Route) -> None:
        url = route.request.url
        cors = {"access-control-allow-origin": "*"}
        if "/d/demo" in url:
            status, body = stub.decide(route.request.post_data_buffer or b"")
            route.fulfill(status=status, body=body, content_type="application/json", headers=cors)
        elif "/s/demo.js" in url:
            text = stub.script().replace(json.dumps(stub.service), '"https://consent.example"')
            route.fulfill(body=text, content_type="text/javascript")
        elif url.startswith("https://shop.example"):
            page = stub.pages["/"].replace("{service}", "https://consent.example")
            route.fulfill(body=page, content_type="text/html")
        else:
            frame = '<iframe src="https://shop.example/" width="900" height="500"></iframe>'
            route.fulfill(body=f"<!doctype html><title>Outer</title>{frame}", content_type="text/html")

    page.context.route("**/*", serve)
    page.goto("https://outer.example/")
    return page.frame_locator("iframe")


@pytest.mark.parametrize("partitioned", [True, False])
def test_in_a_frame_of_another_site_the_answer_is_kept_in_that_sites_part(
    context: BrowserContext, stub: Stub, partitioned: bool
) -> None:
    """With `partitioned` the cookie is sent and read there; without it the answer ends with the page. Elsewhere it is asked anew."""
    stub.config["partitioned"] = partitioned
    page = context.new_page()
    shop = in_a_frame(page, stub)
    shop.get_by_role("button", name="Accept").click()
    expect(shop.get_by_role("status")).to_have_text("Your choice is saved.")
    cookies = [cookie for cookie in context.cookies() if "askfirst" in cookie.get("name", "")]
    page.reload()
    asked = shop.get_by_role("button", name="Accept" if not partitioned else "Withdraw consent")
    expect(asked).to_be_visible()

    if partitioned:
        assert [("__Host-askfirst-demo", "None", True)] == [
            (one.get("name"), one.get("sameSite"), one.get("secure")) for one in cookies
        ]
        page.goto("https://another.example/")
        expect(shop.get_by_role("button", name="Accept")).to_be_visible()
    else:
        assert [] == cookies


def test_in_a_frame_of_another_site_a_withdrawal_deletes_too(page: Page, stub: Stub) -> None:
    """The receipt at once, even while the service is away, and what refused services left in that site's part; other cookies stay."""
    stub.config["partitioned"] = True
    shop = in_a_frame(page, stub)
    shop.get_by_role("button", name="Accept").click()
    expect(shop.get_by_role("status")).to_have_text("Your choice is saved.")
    shop.locator("body").evaluate(
        """() => {
            for (const name of ['_measure', '_measure_tab', 'theme'])
                document.cookie = `${name}=1;SameSite=None;Secure;Partitioned`;
        }"""
    )
    assert 4 == len(page.context.cookies())
    stub.mode = "down"
    shop.get_by_role("button", name="Withdraw consent").click()
    expect(shop.get_by_role("button", name="Withdraw consent")).to_be_hidden()
    end = time.monotonic() + 5
    while len(page.context.cookies()) > 1 and time.monotonic() < end:
        page.wait_for_timeout(50)

    assert ["theme"] == [cookie.get("name") for cookie in page.context.cookies()]


def test_two_copies_of_different_builds_ask_once(page: Page, stub: Stub) -> None:
    """The first one that ran is the only one, whichever way the other came into the page."""
    other = stub.script().replace("(...e)=>{", "(...e)=>{/*another build*/", 1)
    stub.pages["/other.js"] = other
    stub.pages["/"] = stub.pages["/"].replace("</head>", '<script type="module" src="/other.js"></script></head>')
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_have_count(1)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert 1 == len(stub.decisions)
    assert 1 == page.locator("[data-nosnippet]").count()
