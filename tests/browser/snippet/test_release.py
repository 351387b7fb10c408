"""Held scripts: they start after a grant, in order, each once, under the strictest policies a page can have."""

import pytest
from playwright.sync_api import Page, expect

from browser.snippet.stub import Stub

HELD = 'type="text/plain" data-purpose="measurement"'
ORDERED = f"""<script>window.ran = []</script>
<script {HELD}>ran.push('inline one')</script>
<script {HELD} src="/slow.js"></script>
<script {HELD}>ran.push('inline two')</script>
<script {HELD} defer src="/deferred.js"></script>
<script {HELD} data-type="module">ran.push('module ' + typeof import.meta.url)</script>
<script {HELD} src="/missing.js"></script>
<script type="text/plain" data-purpose="measurement marketing">ran.push('both')</script>
<script type="text/plain" data-purpose="necessary">ran.push('necessary')</script>
<script type="text/plain" data-purpose="unheard_of">ran.push('unknown')</script>
<script {HELD}>ran.push('inline three')</script></body>"""


def open_with(page: Page, stub: Stub, body: str) -> None:
    """Open a page with this before the end of its body."""
    stub.pages |= {"/slow.js": "ran.push('slow')", "/deferred.js": "ran.push('deferred')"}
    stub.pages["/"] = stub.pages["/"].replace("</body>", body)
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()


def test_nothing_held_runs_before_a_grant_or_after_a_refusal(page: Page, stub: Stub) -> None:
    """Only what is necessary runs while there is no answer, and after Reject."""
    open_with(page, stub, ORDERED)
    page.wait_for_timeout(200)
    assert ["necessary"] == page.evaluate("ran")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["necessary"] == page.evaluate("ran")
    assert "/slow.js" not in stub.requests


def test_held_scripts_start_in_order_each_once(page: Page, stub: Stub) -> None:
    """Inline, external, deferred and module scripts run in the order of the page; a missing one stops nothing; none runs twice."""
    open_with(page, stub, ORDERED)
    page.get_by_role("button", name="Accept").click()
    page.wait_for_function("() => ran.includes('inline three')")
    page.evaluate("dispatchEvent(new Event('visibilitychange')); document.dispatchEvent(new Event('DOMContentLoaded'))")
    page.wait_for_timeout(200)

    expected = ["necessary", "inline one", "slow", "inline two", "deferred", "module string", "inline three"]
    assert expected == page.evaluate("ran")


def test_a_later_page_starts_them_at_once(page: Page, stub: Stub) -> None:
    """With a grant from before, held scripts of the next page run without a question."""
    open_with(page, stub, ORDERED)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.reload()
    page.wait_for_function("() => ran.includes('inline three')")

    assert 1 == page.evaluate("ran.filter(name => name === 'slow').length")
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)


def test_a_script_that_is_live_already_is_not_started_again(page: Page, stub: Stub) -> None:
    """A held script with the address of a live one stays held."""
    body = f'<script>ran = []</script><script data-purpose="measurement" src="/slow.js"></script><script {HELD} src="/slow.js"></script></body>'
    open_with(page, stub, body)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["slow"] == page.evaluate("ran")


@pytest.mark.parametrize("name", ["constructor", "toString", "__proto__", "hasOwnProperty"])
def test_what_every_object_has_is_no_purpose(page: Page, stub: Stub, name: str) -> None:
    """A script under such a name stays held, before the answer and after it, and nobody is told that it may act."""
    open_with(page, stub, f"""<script type="text/plain" data-purpose="{name}">window.ran = true</script></body>""")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert [False, False] == page.evaluate("name => ['ran' in window, askfirst.allows(name)]", name)


def test_purposes_are_separated_by_any_space(page: Page, stub: Stub) -> None:
    """Also by several and by the end of a line, and with some around them; none at all is no purpose."""
    marks = (" measurement ", "necessary\n  measurement", "")
    held = "".join(
        f'<script type="text/plain" data-purpose="{mark}">ran.push({number})</script>'
        for number, mark in enumerate(marks)
    )
    open_with(page, stub, f"<script>window.ran = []</script>{held}</body>")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert [0, 1] == page.evaluate("ran")


NEVER_TOLD = {
    "nomodule": f'<script {HELD} nomodule src="/slow.js"></script>',
    "put in as HTML": """<div id="late"></div><script>document.querySelector('#late').innerHTML =
        `<script type="text/plain" data-purpose="measurement" src="/slow.js"></scr` + 'ipt>'</script>""",
    "a server that hangs": f'<script {HELD} src="/hangs.js"></script><script {HELD} src="/deferred.js"></script>',
}


@pytest.mark.parametrize("way", NEVER_TOLD)
def test_a_script_that_never_says_that_it_has_loaded_stops_no_other(page: Page, stub: Stub, way: str) -> None:
    """What browsers pass over in silence is not waited for, a server that does not answer for five seconds at most."""
    page.route("**/hangs.js", lambda _: None)
    last = f"<script {HELD}>ran.push('last')</script></body>"
    open_with(page, stub, f"<script>window.ran = []</script>{NEVER_TOLD[way]}{last}")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_function("() => ran.includes('last')", timeout=9000)

    assert (["deferred", "last"] if "hangs" in way else ["last"]) == page.evaluate("ran")


def test_a_script_that_is_taken_out_meanwhile_stops_no_other(page: Page, stub: Stub) -> None:
    """A page that changes without loading: what it took out does not start, and starts once it is there again."""
    body = f"""<script>window.ran = []</script><script {HELD}>ran.push('first'); setTimeout(() => document.querySelector('#gone').remove())</script>
        <script {HELD} src="/slow.js"></script><script id="gone" {HELD} src="/deferred.js"></script><script {HELD}>ran.push('last')</script></body>"""
    page.route("**/slow.js", lambda route: (page.wait_for_timeout(300), route.fallback()))
    open_with(page, stub, body)
    page.evaluate("window.gone = document.querySelector('#gone')")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_function("() => ran.includes('last')", timeout=3000)
    assert ["first", "slow", "last"] == page.evaluate("ran")
    page.evaluate("document.body.append(gone)")
    page.wait_for_function("() => ran.includes('deferred')")


def test_a_held_script_keeps_what_its_element_listens_with(page: Page, stub: Stub) -> None:
    """Its own `onload` and `onerror` are called as if it had been live."""
    body = f"""<script>window.ran = []</script><script {HELD} src="/slow.js" onload="ran.push('loaded')"></script>
        <script {HELD} src="/missing.js" onerror="ran.push('failed')"></script><script {HELD}>ran.push('last')</script></body>"""
    open_with(page, stub, body)
    page.get_by_role("button", name="Accept").click()
    page.wait_for_function("() => ran.includes('last')")

    assert ["slow", "loaded", "failed", "last"] == page.evaluate("ran")


def test_one_address_may_be_held_twice(page: Page, stub: Stub) -> None:
    """As a tracker that counts for two sites; only a script that was live from the first stands in for a held one."""
    stub.pages["/tag.js"] = "ran.push(document.currentScript.dataset.site)"
    tags = "".join(f'<script {HELD} src="/tag.js" data-site="{site}"></script>' for site in ("one", "two"))
    open_with(page, stub, f"<script>window.ran = []</script>{tags}</body>")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_function("() => ran.length === 2")

    assert ["one", "two"] == page.evaluate("ran")


def test_the_tracker_counts_exactly_one_page_view(page: Page, stub: Stub) -> None:
    """The real measurement script, held and released, sends one page view, with the domain and endpoint of its own element."""
    open_with(
        page,
        stub,
        f'<script {HELD} src="/measure.js" data-domain="garden.example" data-endpoint="/api/event"></script></body>',
    )
    page.wait_for_timeout(200)
    assert [] == stub.events
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.wait_for_timeout(500)

    assert [("pageview", "garden.example")] == [(event["n"], event["d"]) for event in stub.events]


def test_it_is_clean_under_the_strictest_policies(page: Page, stub: Stub) -> None:
    """No violation under a nonce-only script policy without any style nonce and with Trusted Types; nonces of held scripts hold."""
    violations: list[str] = []
    page.on("console", lambda message: "Content Security Policy" in message.text and violations.append(message.text))
    stub.headers = {
        "Content-Security-Policy": "default-src 'none'; script-src 'nonce-abc'; style-src 'none'; "
        f"connect-src {stub.service}; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
    }
    stub.pages["/"] = stub.pages["/"].replace("<script async", '<script nonce="abc" async')
    open_with(
        page,
        stub,
        f'<script nonce="abc">ran = []</script><script nonce="abc" {HELD}>ran.push("inline")</script>'
        f'<script nonce="abc" {HELD} src="/slow.js"></script><script {HELD}>ran.push("no nonce")</script></body>',
    )
    violations.clear()
    page.get_by_role("button", name="Information and Settings").click()
    page.get_by_text("Services (1), Cookies (4)").click()
    page.get_by_role("button", name="Accept all").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.wait_for_timeout(200)

    assert ["inline", "slow"] == page.evaluate("ran")
    assert 1 == len(violations)  # the script that has no nonce, as it should
    accept = page.get_by_role("button", name="Privacy settings")
    assert 13 < accept.evaluate("button => parseFloat(getComputedStyle(button).fontSize)") < 14


def test_the_page_is_told_and_can_ask(page: Page, stub: Stub) -> None:
    """Code of the page asks with allows() and hears of the answer through on() and the DOM event, until it ends listening."""
    open_with(page, stub, "</body>")
    page.evaluate(
        """() => {
            window.heard = [];
            const end = askfirst.on('decision', decision => { heard.push(['on', decision.purposes.measurement]); end(); });
            document.addEventListener('askfirst:decision', event => heard.push(['event', event.detail.purposes.measurement]));
            askfirst.on('decision', () => { throw new Error('the page own mistake') });
            window.addEventListener('error', event => event.preventDefault());
        }"""
    )
    assert [None, False, True] == page.evaluate(
        "[askfirst.decision ?? null, askfirst.allows('measurement'), askfirst.allows('necessary')]"
    )
    page.get_by_role("button", name="Accept").click()
    page.wait_for_function("() => askfirst.decision?.consentId")
    page.evaluate("askfirst.withdraw()")
    page.wait_for_function("() => askfirst.decision && !askfirst.decision.consentId")

    assert [["on", True], ["event", True], ["event", False]] == page.evaluate("heard")
