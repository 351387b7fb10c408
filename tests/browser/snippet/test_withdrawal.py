"""Taking consent back: as easy as giving it, and it stops what had started."""

import time
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.snippet.receipts import receipt
from browser.snippet.stub import Stub

MEASURED = '<script type="text/plain" data-purpose="measurement" src="/measure.js"></script></body>'


def accept(page: Page, stub: Stub, body: str = MEASURED) -> None:
    """Open a measured page and accept."""
    stub.pages["/"] = stub.pages["/"].replace("</body>", body)
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")


def test_withdrawing_takes_one_click_like_accepting(page: Page, stub: Stub) -> None:
    """One click on the control withdraws, on this and on every later page."""
    accept(page, stub)
    page.goto(f"{stub.site}/next")
    page.get_by_role("button", name="Withdraw consent").click()
    expect(page.get_by_role("button", name="Withdraw consent")).to_be_hidden()

    page.wait_for_function("() => !localStorage.length")
    assert ["accept_all", "withdraw"] == [decision["method"] for decision in stub.decisions]
    assert {"measurement": False} == stub.decisions[1]["purposes"]
    assert stub.decisions[1]["receipt"].count(".") == 1


def test_what_had_run_is_gone_after_one_reload(page: Page, stub: Stub) -> None:
    """The page hears of it first, then reloads once, and nothing is measured any more, not even a last report."""
    accept(page, stub)
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.on("console", lambda message: message.text.startswith("heard") and loads.append(message.text))
    page.evaluate("void askfirst.on('decision', ({ purposes }) => console.log(`heard ${purposes.measurement}`))")
    page.wait_for_timeout(3200)  # the tracker reports its engagement after three seconds
    before = len(stub.events)
    page.get_by_role("button", name="Withdraw consent").click()
    expect(page.get_by_role("button", name="Withdraw consent")).to_be_hidden()
    page.wait_for_timeout(800)

    assert ["heard false", f"{stub.site}/"] == loads
    assert ["pageview"] == [event["n"] for event in stub.events[:before]]
    assert before == len(stub.events)


def test_named_cookies_and_storage_are_deleted(page: Page, stub: Stub) -> None:
    """Cookies and keys that the policy names for refused services go, from each path and domain; others stay."""
    accept(page, stub, "</body>")
    page.evaluate(
        """() => {
            document.cookie = 'without a name; path=/';
            document.cookie = '_measure=1; path=/'; document.cookie = '_measure_tab=1; path=/; domain=localhost';
            document.cookie = 'theme=dark; path=/';
            localStorage.setItem('measure.seen', '1'); localStorage.setItem('draft', '1');
            sessionStorage.setItem('measure.tab', '1'); sessionStorage.setItem('measure.seen', '1');
        }"""
    )
    granted = page.evaluate("document.cookie.match(/askfirst-demo=([^;]*)/)[1]")
    page.get_by_role("button", name="Withdraw consent").click()
    page.wait_for_function(
        "was => (document.cookie.match(/askfirst-demo=([^;]*)/) ?? [0, was])[1] !== was", arg=granted
    )

    assert ["", "askfirst-demo", "theme"] == sorted(cookie["name"] for cookie in page.context.cookies())
    assert [["draft"], ["measure.seen"]] == page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)]")


def test_the_server_stops_seeing_a_grant_even_if_the_service_is_away(page: Page, stub: Stub) -> None:
    """The receipt of the grant is gone at once; the withdrawal waits, counts, and is delivered later."""
    accept(page, stub)
    stub.mode = "down"
    page.get_by_role("button", name="Withdraw consent").click()
    expect(page.get_by_role("button", name="Withdraw consent")).to_be_hidden()
    page.wait_for_function("() => !document.cookie")

    assert [] == page.context.cookies()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    page.wait_for_function("() => window.askfirst && !askfirst.allows('measurement')")
    stub.mode = "up"
    page.goto(f"{stub.site}/next")
    page.wait_for_function("() => !localStorage.length")
    assert ["accept_all", "withdraw"] == [decision["method"] for decision in stub.decisions]
    assert "receipt" in stub.decisions[1]


def test_other_tabs_follow(page: Page, context: BrowserContext, stub: Stub) -> None:
    """A grant releases and a withdrawal stops the same page in another tab, without a second record."""
    stub.pages["/"] = stub.pages["/"].replace("</body>", MEASURED)
    other = context.new_page()
    other.goto(stub.site)
    expect(other.get_by_role("button", name="Accept")).to_be_visible()
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").click()
    expect(other.get_by_role("button", name="Accept")).to_have_count(0)
    other.wait_for_function("() => askfirst.allows('measurement')")
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.get_by_role("button", name="Withdraw consent").click()
    expect(other.get_by_role("button", name="Withdraw consent")).to_be_hidden()

    other.wait_for_function("() => window.askfirst && !askfirst.allows('measurement')")
    assert 2 == len(stub.decisions)


def test_an_answer_to_a_newer_policy_ends_one_to_an_older(
    page: Page, context: BrowserContext, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that was open since before is not left with a grant that the visitor has refused anew in another tab."""
    accept(page, stub)
    page.wait_for_function("() => window.plausible")
    stub.config["revision"] = 2
    monkeypatch.setattr("browser.snippet.stub.receipt", partial(receipt, revision=2))
    other = context.new_page()
    other.goto(f"{stub.site}/next")
    other.get_by_role("button", name="Reject").click()
    expect(other.get_by_role("status")).to_have_text("Your choice is saved.")

    page.wait_for_function("() => window.askfirst && !window.plausible")
    assert not page.evaluate("askfirst.allows('measurement')")


@pytest.mark.parametrize("tag", ["section", "script"])
def test_what_names_no_purpose_of_the_policy_loads_no_page_again(page: Page, stub: Stub, tag: str) -> None:
    """Other code may mark elements with the same attribute: they acted under no purpose."""
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    stub.pages["/"] = stub.pages["/"].replace("</body>", f'<{tag} data-purpose="hero"></{tag}></body>')
    page.goto(stub.site)
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.wait_for_timeout(300)

    assert [f"{stub.site}/"] == loads


@pytest.mark.parametrize("mark", [' type="text/plain"', ""], ids=["held", "live"])
def test_going_back_after_a_withdrawal_measures_nothing(caching_page: Page, stub: Stub, mark: str) -> None:
    """A page that comes out of the back/forward cache after a withdrawal is not counted and starts again without the tag."""
    page = caching_page
    page.goto(f"{stub.site}/next")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    plain = stub.pages["/"]
    stub.pages["/"] = plain.replace("</body>", MEASURED.replace(' type="text/plain"', mark))
    page.goto(stub.site)
    page.wait_for_function("() => window.plausible")
    page.evaluate("addEventListener('pageshow', event => { window.restored = event.persisted })")
    page.get_by_role("link", name="Next").click()
    page.get_by_role("button", name="Withdraw consent").click()
    expect(page.get_by_role("button", name="Withdraw consent")).to_be_hidden()
    page.wait_for_function("() => !localStorage.length")
    # As the SDK does: without consent the page is rendered with the tag held.
    stub.pages["/"] = plain.replace("</body>", MEASURED)
    before = [event["n"] for event in stub.events]
    loads = stub.requests.count("/")
    page.evaluate("history.back()")
    page.wait_for_function("() => window.askfirst && !window.plausible")
    page.wait_for_timeout(300)

    assert 1 == before.count("pageview")
    assert before == [event["n"] for event in stub.events]
    assert loads + 1 == stub.requests.count("/")
    assert not page.evaluate("askfirst.allows('measurement')")


def test_the_page_does_come_out_of_the_cache(caching_page: Page, stub: Stub) -> None:
    """The snippet itself keeps no page out of the back/forward cache, or the test above would show nothing."""
    page = caching_page
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.evaluate("addEventListener('pageshow', event => { window.restored = event.persisted })")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("button", name="Withdraw consent")).to_be_visible()
    page.evaluate("history.back()")

    page.wait_for_function("() => window.restored === true")


def _measuring(page: Page) -> list[str]:
    return [cookie["name"] for cookie in page.context.cookies() if "measure" in cookie["name"]]


def test_cookies_go_from_every_path_and_domain_that_a_page_can_reach(page: Page, stub: Stub) -> None:
    """The host's own, those of every parent domain, and those of the folders above; wildcards fit, others stay, and the page reloads once."""
    site = f"http://shop.garden.localhost:{stub.port}"
    marked = MEASURED.replace('src="/measure.js"', "").replace("></script>", ">window.ran = true</script>")
    stub.pages["/deep/er/page"] = stub.pages["/"].replace("</body>", marked)
    page.goto(f"{site}/deep/er/page")
    page.get_by_role("button", name="Accept", exact=True).click()
    page.wait_for_function("() => window.ran")
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.evaluate(
        """() => {
            for (const domain of ['', '; domain=shop.garden.localhost', '; domain=garden.localhost'])
                for (const path of ['/', '/deep', '/deep/er', '/deep/er/', '/deep/er/page'])
                    for (const name of ['_measure', '_measure_tab', 'kept_measure'])
                        document.cookie = `${name}=1; path=${path}${domain}`;
        }"""
    )
    # A script's cookies are set a moment after it goes on.
    end = time.monotonic() + 30
    while len(_measuring(page)) < 45 and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert 45 == len(_measuring(page))
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.get_by_role("button", name="Withdraw consent").click()
    page.wait_for_function("() => window.askfirst?.decision && !window.ran")
    page.wait_for_timeout(300)

    assert [f"{site}/deep/er/page"] == loads
    left = [cookie["name"] for cookie in page.context.cookies() if "measure" in cookie["name"]]
    assert ["kept_measure"] * 15 == left
