"""Where a site chose it, the page says once that the question was shown, and says nothing of the visitor."""

import pytest
from playwright.sync_api import Page, Request, Route, expect

from browser.snippet.stub import Stub


@pytest.fixture
def told(page: Page, stub: Stub) -> list[Request]:
    """Use the fragment, and keep what is told to the service."""
    stub.use("shown", "7")
    requests: list[Request] = []

    def hear(route: Route) -> None:
        requests.append(route.request)
        route.fulfill(status=204)

    page.route("**/n/*", hear)
    return requests


def test_each_page_view_that_asks_is_told_once(page: Page, stub: Stub, told: list[Request]) -> None:
    """The policy's number and the language; no cookie, no preflight question, no address of the page."""
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Reject", exact=True)).to_be_visible()
    page.wait_for_timeout(200)

    assert [("POST", "7 en")] == [(one.method, one.post_data) for one in told]
    headers = told[0].all_headers()
    assert "cookie" not in headers
    assert stub.site == headers["origin"]
    assert headers["content-type"].startswith("text/plain")
    assert headers.get("referer", stub.site).rstrip("/") == stub.site

    page.goto(f"{stub.site}/next")
    expect(page.get_by_role("button", name="Reject", exact=True)).to_be_visible()
    page.wait_for_timeout(200)
    assert 2 == len(told)
    assert [] == page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))")
    assert "" == page.evaluate("document.cookie")


def test_who_answered_is_not_told_of_again(page: Page, stub: Stub, told: list[Request]) -> None:
    """Nothing is shown to them."""
    page.goto(stub.site)
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.goto(f"{stub.site}/next")
    page.wait_for_function("() => window.askfirst")
    page.wait_for_timeout(200)

    assert 1 == len(told)


def test_a_service_that_is_away_changes_nothing(page: Page, stub: Stub) -> None:
    """The question is there, and nothing is thrown."""
    stub.use("shown", "7")
    page.route("**/n/*", lambda route: route.abort())
    page.goto(stub.site)
    page.wait_for_timeout(200)

    expect(page.get_by_role("button", name="Reject", exact=True)).to_be_visible()


def test_who_did_not_choose_it_sends_nothing(page: Page, stub: Stub) -> None:
    """The fragment is not there at all."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Reject", exact=True)).to_be_visible()
    page.wait_for_timeout(200)

    assert [] == [one for one in requests if "/n/" in one]
