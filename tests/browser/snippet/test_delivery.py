"""Delivery: the answer counts at once, reaches the service exactly once and in order, and leaves nothing behind."""

import json
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.snippet.receipts import receipt
from browser.snippet.stub import Stub

BLOCKED_STORAGE = """
for (const name of ['localStorage', 'sessionStorage'])
    Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });
"""
BLOCKED_COOKIES = """
Object.defineProperty(Document.prototype, 'cookie', {
    get() { throw new DOMException('blocked', 'SecurityError'); },
    set() { throw new DOMException('blocked', 'SecurityError'); },
});
"""
DELIVERED = "() => !localStorage.length && document.cookie.includes('askfirst-demo')"


def answer(page: Page, stub: Stub, name: str = "Accept") -> None:
    """Open the page and give one answer."""
    page.goto(stub.site)
    page.get_by_role("button", name=name).click()


def plant(page: Page, stub: Stub, token: str) -> None:
    """Put a receipt into the browser as another page would have."""
    page.context.add_cookies([{"name": "askfirst-demo", "value": token, "url": stub.site}])


def test_the_request_has_every_member_of_the_format_and_no_other(page: Page, stub: Stub) -> None:
    """The body is the request of formats.md, 6.1, sent without preflight and without credentials."""
    answer(page, stub)
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    decision = stub.decisions[0]
    assert ["at", "build", "gpc", "id", "language", "method", "policy", "purposes", "rule", "v"] == sorted(decision)
    assert (1, "1" * 64, "2" * 64, "en", False, "default") == tuple(
        decision[name] for name in ("v", "policy", "build", "language", "gpc", "rule")
    )
    assert abs(time.time() * 1000 - decision["at"]) < 60_000


def test_two_browsers_that_refuse_hold_the_same_bytes(browser: Browser, stub: Stub) -> None:
    """After a refusal was delivered, cookies and storage of two browsers are identical and have no identifier."""
    states = []
    for _ in range(2):
        context = browser.new_context()
        page = context.new_page()
        answer(page, stub, "Reject")
        page.wait_for_function(DELIVERED)
        states.append(
            (
                page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]"),
                [(cookie["name"], cookie["value"], cookie["path"]) for cookie in context.cookies()],
            )
        )
        context.close()

    assert states[0] == states[1]
    assert states[0][0][1:] == [0, 0]


def test_an_answer_waits_for_a_service_that_is_down(page: Page, stub: Stub) -> None:
    """It counts at once and on the next page, says so, and is delivered once with the same bytes when the service is back."""
    stub.mode = "down"
    answer(page, stub)
    expect(page.get_by_role("status")).to_have_text("Your choice counts. We will save it as soon as we can be reached.")
    assert page.evaluate("askfirst.allows('measurement')")
    page.goto(f"{stub.site}/next")
    page.wait_for_function("() => askfirst.allows('measurement')")
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    stub.mode = "up"
    page.reload()
    page.wait_for_function(DELIVERED)

    assert 1 == len(stub.decisions)
    assert 1 == len(set(stub.tries))
    assert len(stub.tries) > 1


def test_a_pause_is_followed_by_another_try_in_the_same_page(page: Page, stub: Stub) -> None:
    """Without any further page the answer is delivered once the service is back."""
    stub.mode = "down"
    answer(page, stub)
    expect(page.get_by_role("status")).to_contain_text("as soon as we can be reached")
    stub.mode = "up"

    page.wait_for_function(DELIVERED)
    assert 1 == len(stub.decisions)


def test_answers_are_delivered_in_order_and_the_last_one_stays(page: Page, stub: Stub) -> None:
    """Three answers given while the service is away arrive as three records; the receipt of the last one is kept."""
    stub.mode = "down"
    answer(page, stub)
    page.get_by_role("button", name="Withdraw consent").click()
    expect(page.get_by_role("button", name="Withdraw consent")).to_be_hidden()
    page.evaluate("askfirst.open()")
    page.get_by_role("button", name="Accept all").click()
    page.wait_for_function("() => JSON.parse(localStorage['askfirst-demo']).length === 3")
    stub.mode = "up"
    page.reload()
    page.wait_for_function(DELIVERED)

    assert ["accept_all", "withdraw", "accept_all"] == [decision["method"] for decision in stub.decisions]
    assert [False, True, True] == ["receipt" in decision for decision in stub.decisions]
    assert page.evaluate("askfirst.allows('measurement')")


def test_a_queued_answer_never_overrides_a_newer_one(page: Page, stub: Stub) -> None:
    """An acceptance that waited is recorded, but a refusal that came since stays the answer and the cookie."""
    stub.mode = "down"
    answer(page, stub)
    expect(page.get_by_role("status")).to_contain_text("as soon as we can be reached")
    newer = receipt("demo", {"measurement": False}, now=time.time())
    plant(page, stub, newer)
    stub.mode = "up"
    page.goto(f"{stub.site}/next")
    page.wait_for_function("() => !localStorage.length")

    assert 1 == len(stub.decisions)
    assert [newer] == [cookie["value"] for cookie in page.context.cookies()]
    assert not page.evaluate("askfirst.allows('measurement')")


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 413, 422])
def test_an_answer_that_the_service_will_not_take_is_given_up(page: Page, stub: Stub, status: int) -> None:
    """A final error drops the answer with one line in the console, and is not tried again."""
    lines: list[str] = []
    page.on("console", lambda message: message.text.startswith("askfirst") and lines.append(message.text))
    stub.mode = status
    answer(page, stub)
    page.wait_for_function("() => !localStorage.length")
    page.wait_for_timeout(200)

    assert 1 == len(stub.tries)
    assert [f'askfirst: answer not taken: {status} {{"title":"refused by the test"}}'] == lines


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_an_answer_that_the_service_cannot_take_now_is_kept(page: Page, stub: Stub, status: int) -> None:
    """Busy and broken are no refusals."""
    stub.mode = status
    answer(page, stub)
    expect(page.get_by_role("status")).to_contain_text("as soon as we can be reached")
    stub.mode = "up"
    page.reload()
    page.wait_for_function(DELIVERED)

    assert 1 == len(stub.decisions)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Log in to the network</html>", b"null", b'{"receipt":"x"}', b'{"v":1,"receipt":7}', b'{"v":1}'],
)
def test_a_success_that_is_none_is_not_believed(page: Page, stub: Stub, body: bytes) -> None:
    """An answer with status 200 that is not the service's leaves the decision waiting and sets no cookie."""
    stub.answers = _Always(body)
    answer(page, stub)
    expect(page.get_by_role("status")).to_contain_text("as soon as we can be reached")

    assert [] == page.context.cookies()
    assert 1 == page.evaluate("JSON.parse(localStorage['askfirst-demo']).length")


class _Always(dict[str, bytes]):
    """Has this answer for every id."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> bytes:
        return self._body


def test_the_receipt_of_another_site_is_not_believed(page: Page, stub: Stub) -> None:
    """A receipt that the answer carries for some other site is not written."""
    stub.answers = _Always(
        json.dumps(
            {"v": 1, "receipt": receipt("other", {"measurement": True}, now=time.time()), "late": False}
        ).encode()
    )
    answer(page, stub)
    expect(page.get_by_role("status")).to_contain_text("as soon as we can be reached")

    assert [] == page.context.cookies()


def test_an_answer_given_on_the_way_out_is_not_lost(page: Page, stub: Stub) -> None:
    """A click on Accept in the very moment of leaving is stored and delivered by the next page."""
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").wait_for()
    page.evaluate("document.querySelector('[role=region] button').click(); location.href = '/next'")
    page.wait_for_url("**/next")
    page.wait_for_function(DELIVERED)

    assert ["accept_all"] == [decision["method"] for decision in stub.decisions]


def test_it_works_without_storage(page: Page, stub: Stub) -> None:
    """With storage blocked the answer is delivered and kept as a cookie all the same."""
    page.add_init_script(BLOCKED_STORAGE)
    answer(page, stub)
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert 1 == len(stub.decisions)
    assert 1 == len(page.context.cookies())


def test_it_works_without_cookies(page: Page, stub: Stub) -> None:
    """With cookies blocked the answer counts for the page, is recorded once, and one line says why it is asked again."""
    lines: list[str] = []
    page.on("console", lambda message: message.text.startswith("askfirst") and lines.append(message.text))
    page.add_init_script(BLOCKED_COOKIES)
    answer(page, stub)
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert page.evaluate("askfirst.allows('measurement')")
    assert ["askfirst: no cookies: this answer ends with the page"] == lines
    page.goto(f"{stub.site}/next")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    assert 1 == len(stub.decisions)


def test_two_tabs_deliver_one_answer_once(page: Page, stub: Stub) -> None:
    """An answer that waits is taken by the service once, whoever of several tabs brings it."""
    stub.mode = "down"
    answer(page, stub)
    expect(page.get_by_role("status")).to_contain_text("as soon as we can be reached")
    stub.mode = "up"
    others = [page.context.new_page() for _ in range(3)]
    for other in others:
        other.goto(f"{stub.site}/next", wait_until="commit")
    page.wait_for_function(DELIVERED)

    assert 1 == len(stub.decisions)
    assert 1 == len(set(stub.tries))


def test_waiting_for_the_receipt_grants_nothing_before_it(page: Page, stub: Stub) -> None:
    """Where the policy waits, a grant counts once the service has recorded it, not before."""
    stub.config["wait"] = True
    stub.mode = "down"
    answer(page, stub)
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("as soon as we can be reached")
    assert not page.evaluate("askfirst.allows('measurement')")
    stub.mode = "up"

    page.wait_for_function("() => askfirst.allows('measurement')")


def test_the_other_copies_are_removed(page: Page, stub: Stub) -> None:
    """Whoever writes the receipt removes the other copies in reach: other paths, domains and names."""
    old = receipt("demo", {"measurement": True}, now=time.time() - 5000, revision=7)
    for name, path in (("askfirst-demo", "/next"), ("askfirst-demo", "/"), ("__Secure-askfirst-demo", "/")):
        page.context.add_cookies(
            [{"name": name, "value": old, "domain": "localhost", "path": path, "secure": name.startswith("__")}]
        )
    page.goto(f"{stub.site}/next")
    page.get_by_role("button", name="Reject").click()
    page.wait_for_function("() => !localStorage.length")

    assert [("askfirst-demo", "/")] == [(cookie["name"], cookie["path"]) for cookie in page.context.cookies()]
