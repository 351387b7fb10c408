"""`?askfirst=debug`: the developer's overlay says what was held, released and why, and changes nothing."""

import time

from playwright.sync_api import Page, expect

from browser.axe import problems
from browser.snippet.receipts import receipt, subject
from browser.snippet.stub import Stub

BODY = (
    '<script type="text/plain" data-purpose="measurement">window.ran = true</script>'
    '<script type="text/plain" data-purpose="unheard_of" src="/other.js"></script>'
    '<script data-purpose="necessary">window.cart = true</script>'
)


def open_overlay(page: Page, stub: Stub, body: str = BODY) -> None:
    """Open a page as a developer does."""
    stub.pages["/"] = stub.pages["/"].replace("</main>", f"</main>{body}")
    page.goto(f"{stub.site}/?askfirst=debug")
    expect(page.get_by_role("heading", name="Askfirst", exact=True)).to_be_visible()


def rows(page: Page, table: str) -> list[list[str]]:
    """Return the cells of a table, without its head."""
    found = page.get_by_role("table", name=table).get_by_role("row").all()[1:]
    return [row.get_by_role("cell").all_inner_texts() for row in found]


def test_it_says_what_is_held_and_why(page: Page, stub: Stub) -> None:
    """For each marked element: its state, what it is, and the reason for each of its purposes; again after the answer."""
    open_overlay(page, stub)
    assert [
        ["held", "<script> window.ran = true", "measurement: not answered yet"],
        ["held", "<script> /other.js", "unheard_of: not a purpose of the policy"],
        ["runs", "<script> window.cart = true", "necessary: necessary"],
    ] == rows(page, "Held and released")
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_text("allowed: measurement", exact=True)).to_be_visible()

    assert ["runs", "<script> window.ran = true", "measurement: granted"] == rows(page, "Held and released")[0]
    assert page.evaluate("() => ran")


def test_it_reads_the_receipt_out(page: Page, stub: Stub) -> None:
    """As the text that was signed, with the consent id among the facts."""
    value = receipt("demo", {"measurement": True}, now=time.time())
    page.context.add_cookies([{"name": "askfirst-demo", "value": value, "url": stub.site}])
    open_overlay(page, stub)
    (cookie,) = rows(page, "Receipts")
    shown = subject()

    assert "askfirst-demo" == cookie[0]
    assert f'"sub": "{shown}"' in cookie[1]
    assert ["consent id", f"{shown[:7]}-{shown[7:14]}-{shown[14:]}"] in rows(page, "This page")


def test_it_names_what_the_policy_does_not(page: Page, stub: Stub) -> None:
    """Cookies and storage without a service; wildcards of the policy count, Askfirst's own are not meant."""
    page.add_init_script(
        "document.cookie = 'mystery=1'; document.cookie = '_measure_tab=1'; localStorage.setItem('measure.seen', 1);"
        "localStorage.setItem('secret.key', 1); sessionStorage.setItem('measure.seen', 1)"
    )
    open_overlay(page, stub)

    assert [["cookie", "mystery"], ["local storage", "secret.key"], ["session storage", "measure.seen"]] == rows(
        page, "Stored, but not named by the policy"
    )


def test_it_lists_requests_that_ran_before_consent(page: Page, stub: Stub) -> None:
    """To other hosts than the page's and the service's, without their queries."""
    tracker = f"http://localhost.localhost:{stub.port}/pixel"
    stub.pages["/pixel"] = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    open_overlay(page, stub, f'<img alt="" src="{tracker}?secret=1">')
    page.wait_for_load_state("load")
    page.get_by_role("button", name="Look again").click()
    found = rows(page, "Requests to other hosts before consent")

    assert [[f"localhost.localhost:{stub.port}", tracker]] == [row[1:] for row in found]


def test_a_refusal_from_before_is_no_consent_to_any_request(page: Page, stub: Stub) -> None:
    """What runs although it was refused is listed, and nothing is where consent was there from the first."""
    tracker = f"http://localhost.localhost:{stub.port}/pixel"
    stub.pages["/pixel"] = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    for granted, found in ((False, [tracker]), (True, [])):
        value = receipt("demo", {"measurement": granted}, now=time.time())
        page.context.add_cookies([{"name": "askfirst-demo", "value": value, "url": stub.site}])
        open_overlay(page, stub, f'<img alt="" src="{tracker}">')
        page.wait_for_load_state("load")
        page.get_by_role("button", name="Look again").click()
        expect(page.get_by_text(f"Requests to other hosts before consent ({len(found)})")).to_be_visible()


def test_it_only_looks(page: Page, stub: Stub) -> None:
    """It sends nothing, stores nothing, answers nothing, and goes away when it is closed."""
    open_overlay(page, stub)
    page.wait_for_timeout(200)
    assert ([], []) == (stub.tries, page.context.cookies())
    assert 0 == page.evaluate("localStorage.length + sessionStorage.length")
    page.get_by_role("button", name="Close", exact=True).click()

    expect(page.get_by_role("heading", name="Askfirst", exact=True)).to_have_count(0)


def test_nobody_else_loads_it(page: Page, stub: Stub) -> None:
    """Neither without the parameter nor with another value of it."""
    for query in ("", "?askfirst=debugger", "?noaskfirst=debug"):
        page.goto(f"{stub.site}/{query}")
        expect(page.get_by_role("button", name="Accept", exact=True)).to_be_visible()
    page.wait_for_timeout(200)

    assert [] == [path for path in stub.requests if path.startswith("/f/")]


def test_everybody_can_read_it(page: Page, stub: Stub) -> None:
    """axe-core finds nothing, in a dark window either."""
    page.emulate_media(color_scheme="dark")
    open_overlay(page, stub)

    assert [] == problems(page)
