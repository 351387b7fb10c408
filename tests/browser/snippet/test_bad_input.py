"""Bad input: nothing reaches the page as an exception, nothing optional runs, and one console line says why."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.snippet.receipts import receipt
from browser.snippet.stub import Stub

HELD = '<script type="text/plain" data-purpose="measurement">window.ran = true</script></body>'


def open_held(page: Page, stub: Stub) -> list[str]:
    """Open a page with a held script; return the snippet's console lines as they come."""
    lines: list[str] = []
    page.on("console", lambda message: message.text.startswith("askfirst") and lines.append(message.text))
    stub.pages["/"] = stub.pages["/"].replace("</body>", HELD)
    page.goto(stub.site)
    page.wait_for_timeout(300)
    return lines


@pytest.mark.parametrize(
    "packed",
    [
        lambda told: [4, *told[1:]],
        lambda told: ["2", *told[1:]],
        lambda told: told[:9],
        lambda _: [],
        lambda _: {"v": 1},
    ],
    ids=["newer", "a word", "cut off", "empty", "of an earlier build"],
)
def test_a_policy_that_cannot_be_read_asks_nothing_and_runs_nothing(page: Page, stub: Stub, packed: Any) -> None:
    """A newer or broken configuration is one console line."""
    stub.packed = packed
    page.context.add_cookies(
        [{"name": "askfirst-demo", "value": receipt("demo", {"measurement": True}, now=time.time()), "url": stub.site}]
    )

    assert ["askfirst: needs https and a policy that this build can read"] == open_held(page, stub)
    assert not page.evaluate("'ran' in window")
    assert 0 == page.get_by_role("region").count()


@pytest.mark.parametrize(
    "cookie",
    [
        "x",
        "%00",
        "a.b",
        '"',
        "=" * 100,
        "A" * 3900,
        receipt("other", {"measurement": True}, now=time.time()),
        receipt("demo", {"measurement": True}, now=time.time() - 400 * 86_400),
        receipt("demo", {"measurement": True}, now=time.time() + 4000),
        receipt("demo", {"measurement": True}, now=time.time(), revision=2),
        receipt("demo", {"measurement": True}, now=time.time(), p={"measurement": 1}),
        receipt("demo", {"measurement": True}, now=time.time(), v=3),
        receipt("demo", {"measurement": True}, now=time.time(), sub="<b>"),
    ],
)
def test_a_cookie_that_is_no_receipt_for_this_page_is_no_answer(page: Page, stub: Stub, cookie: str) -> None:
    """Unreadable, foreign, expired, future and outdated receipts: the visitor is asked, nothing runs, nothing breaks."""
    page.context.add_cookies([{"name": "askfirst-demo", "value": cookie, "url": stub.site}])

    assert [] == open_held(page, stub)
    assert not page.evaluate("'ran' in window")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_function("() => window.ran")


@pytest.mark.parametrize(
    "stored", ["x", "null", "{}", "[1]", "[null]", '[{"body":{"id":1}}]', '[{"body":{"at":1},"held":[]}]', "[[[]]]"]
)
def test_a_broken_queue_is_no_queue(page: Page, stub: Stub, stored: str) -> None:
    """Whatever stands under the snippet's key in storage, the visitor is asked and can answer."""
    page.add_init_script(f"localStorage.setItem('askfirst-demo', {stored!r})")

    assert [] == open_held(page, stub)
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    assert 1 == len(stub.decisions)


def test_missing_texts_do_not_break_it(page: Page, stub: Stub) -> None:
    """Without any text the buttons still say in words what they do."""
    stub.config["texts"] = {}

    assert [] == open_held(page, stub)
    page.get_by_role("button", name="settings").click()
    page.get_by_role("button", name="reject all").click()
    expect(page.get_by_role("status")).to_have_text("saved")


@pytest.mark.parametrize(
    "packed",
    [lambda told: [*told[:8], None, {}], lambda told: [*told[:7], None, *told[8:]], lambda told: [*told[:9], 7]],
    ids=["no purposes", "no texts", "no more"],
)
def test_a_policy_with_a_hole_is_one_console_line(page: Page, stub: Stub, packed: Any) -> None:
    """Whatever is missing, nothing is thrown to the page, nothing runs, and no button without words is shown."""
    stub.packed = packed
    lines = open_held(page, stub)

    assert not page.evaluate("'ran' in window")
    assert all(page.get_by_role("button").all_inner_texts())
    assert len(lines) <= 1


def test_a_second_copy_does_nothing(page: Page, stub: Stub) -> None:
    """Two copies on one page ask once, release once and record once."""
    stub.pages["/"] = stub.pages["/"].replace(
        "</body>", '<script src="{service}/s/demo.js"></script><script src="{service}/s/demo.js"></script></body>'
    )

    assert [] == open_held(page, stub)
    expect(page.get_by_role("button", name="Accept")).to_have_count(1)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    assert 1 == len(stub.decisions)


def test_a_page_with_its_own_thing_of_that_name_is_still_asked(page: Page, stub: Stub) -> None:
    """An element with the id askfirst is no snippet."""
    stub.pages["/"] = stub.pages["/"].replace("<main>", '<main id="askfirst">')

    assert [] == open_held(page, stub)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()


def test_a_fragment_that_breaks_does_not_break_the_rest(page: Page, stub: Stub) -> None:
    """Fragments get the shared parts; one that throws is one console line."""
    stub.fragments = ["()=>{throw Error('broken part')}", "api=>{window.site=api.b()[0]}"]

    assert ["askfirst: Error: broken part"] == open_held(page, stub)
    assert "demo" == page.evaluate("site")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()


def test_a_script_before_the_body_waits_for_it(page: Page, stub: Stub) -> None:
    """A synchronous script in the head asks as soon as there is a body."""
    stub.pages["/"] = stub.pages["/"].replace("<script async", "<script")

    assert [] == open_held(page, stub)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()


def test_policy_text_is_shown_as_text(page: Page, stub: Stub) -> None:
    """Markup in texts, names and addresses is shown, never parsed or followed."""
    evil = '<img src=x onerror="window.ran=true"></script>'
    stub.config["texts"] |= {"text": evil, "intro": evil, "accept": evil}
    stub.config["privacy_policy"] = "javascript:window.ran=true"
    stub.config["services"][1] |= {"name": evil, "privacy_policy": "data:text/html,x"}

    assert [] == open_held(page, stub)
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert [None, "mailto:privacy@garden.example", None] == page.get_by_role("dialog").locator("a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert not page.evaluate("'ran' in window")
