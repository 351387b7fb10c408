"""The main job in a real browser, from the first question to the proof."""

import sqlite3
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.demo.conftest import Demo, events
from browser.pictures import picture

TEXT = (
    "We use cookies on our website. "
    "If you consent to their use, we use them to measure and analyze the use of the website."
)
Visit = Callable[..., BrowserContext]


def opened(context: BrowserContext, demo: Demo, path: str = "/") -> Page:
    page = context.new_page()
    page.goto(demo.site + path)
    return page


def answered(page: Page, name: str) -> None:
    """Press a button of the first layer and wait until the answer is stored."""
    with page.expect_response(lambda response: "/d/demo" in response.url and response.request.method == "POST") as got:
        page.get_by_role("button", name=name, exact=True).first.click()
    assert got.value.status in {200, 201}
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)


def page_keeps_nothing(page: Page) -> None:
    """Wait until the answer that waited for its delivery is gone (asked from outside: the page's rules forbid eval)."""
    end = time.monotonic() + 10
    while page.evaluate("localStorage.length + sessionStorage.length"):
        assert time.monotonic() < end
        page.wait_for_timeout(20)


def receipt(context: BrowserContext) -> str:
    values = [cookie["value"] for cookie in context.cookies() if cookie["name"] == "askfirst-demo"]
    assert 1 == len(values)
    return values[0]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_asks_in_the_exact_words_and_nothing_happens_before_the_answer(
    demo: Demo, visitor: Visit, width: int
) -> None:
    """Text, controller, purposes, three buttons; no cookie, no storage, no event before an answer."""
    context = visitor(viewport={"width": width, "height": 740})
    page = opened(context, demo)

    expect(page.get_by_text(TEXT, exact=True)).to_be_visible()
    expect(page.get_by_text("Measurement", exact=False).first).to_be_visible()
    accept, reject = (page.get_by_role("button", name=name, exact=True) for name in ("Accept", "Reject"))
    expect(page.get_by_role("button", name="Information and Settings")).to_be_visible()
    look = "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.font, s.padding, s.border] }"
    assert accept.evaluate(look) == reject.evaluate(look)
    a, r = accept.bounding_box(), reject.bounding_box()
    assert a
    assert r
    assert (round(a["width"]), round(a["height"])) == (round(r["width"]), round(r["height"]))
    assert [] == context.cookies()
    assert [0, 0] == page.evaluate("[localStorage.length, sessionStorage.length]")
    assert [] == events(page, demo)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture(page, "banner-wide.png" if width == 1280 else "banner-phone.png")


def test_after_accept_each_page_is_counted_once(demo: Demo, visitor: Visit) -> None:
    """Released in the page at once, rendered live by the server on the next: one page view a page, never two."""
    context = visitor()
    page = opened(context, demo)
    with page.expect_response("**/event"):
        answered(page, "Accept")
    assert [{"name": "pageview", "path": "/"}] == events(page, demo)

    with page.expect_response("**/event"):
        page.goto(f"{demo.site}/tides")

    assert "text/plain" not in page.content()
    page.wait_for_timeout(400)
    # The tracker also tells how long a page was looked at; what is counted is page views.
    assert ["/tides", "/"] == [event["path"] for event in events(page, demo) if event["name"] == "pageview"]
    response = page.request.get(f"{demo.site}/tides")
    assert "private, no-cache" == response.headers["cache-control"]


def test_two_refusals_of_one_day_leave_the_same_cookie_and_nothing_else(demo: Demo, visitor: Visit) -> None:
    """A full refusal is remembered without anything that tells visitors apart (REQUIREMENTS PR-7)."""
    contexts = [visitor(), visitor(viewport={"width": 360, "height": 740})]
    for context in contexts:
        page = opened(context, demo)
        answered(page, "Reject")
        page_keeps_nothing(page)
        page.goto(f"{demo.site}/tides")
        expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)

    assert receipt(contexts[0]) == receipt(contexts[1])
    assert [1, 1] == [len(context.cookies()) for context in contexts]
    assert [] == events(page, demo)
    assert [(None, "reject_all")] * 2 == [(one["consent_id"], one["method"]) for one in demo.records()]


def test_withdrawing_takes_one_click_and_ends_the_measurement(demo: Demo, visitor: Visit) -> None:
    """As easy as consenting: a new record, and no tag on the next page nor on the way back."""
    context = visitor()
    page = opened(context, demo)
    with page.expect_response("**/event"):
        answered(page, "Accept")
    with page.expect_response("**/event"):
        page.goto(f"{demo.site}/tides")

    counted = len(events(page, demo))
    with page.expect_response(lambda response: "/d/demo" in response.url):
        page.get_by_role("button", name="Withdraw").first.click()
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)
    page.goto(f"{demo.site}/privacy")
    assert 'type="text/plain"' in page.content()
    page.go_back()
    page.go_back()
    page.wait_for_timeout(500)

    assert counted == len(events(page, demo))
    assert ["withdraw", "accept_all"] == [one["method"] for one in demo.records()]
    assert 1 == len({one["consent_id"] for one in demo.records()})


@pytest.mark.parametrize("width", [360, 1280])
def test_the_second_layer_tells_everything_and_no_switch_is_on(demo: Demo, visitor: Visit, width: int) -> None:
    """Purposes with switches, services behind them, controller, privacy policy, how to withdraw."""
    page = opened(visitor(viewport={"width": width, "height": 740}), demo)
    page.get_by_role("button", name="Information and Settings").click()

    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("switch", name="Measurement")).not_to_be_checked()
    for words in ("Plausible Analytics", "The Demo Website", "privacy@example.org"):
        assert words in (dialog.text_content() or "")
    expect(dialog.get_by_role("link", name=f"{demo.site}/privacy")).to_be_visible()
    if width == 1280:
        picture(page, "settings.png")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert [] == demo.records()


def test_the_auditor_finds_the_quoted_consent_id_and_an_altered_row_is_named(demo: Demo, visitor: Visit) -> None:
    """From the id that the visitor reads out to the record, its proof, and what a hand in the database breaks."""
    context = visitor()
    page = opened(context, demo)
    answered(page, "Accept")
    page.get_by_role("button", name="Cookie settings").click()
    record = demo.records()[0]
    expect(page.get_by_role("dialog")).to_contain_text(record["consent_id"])

    found = demo.askfirst("audit", "list", "--consent-id", record["consent_id"])
    shown = demo.askfirst("audit", "show", record["record"])
    assert record["record"] in found
    assert TEXT in shown
    assert "BROKEN" not in shown
    page.wait_for_timeout(1500)
    assert "hold." in demo.askfirst("ledger", "verify")

    with sqlite3.connect(demo.folder / "data" / "askfirst.sqlite") as database:
        what, entry_id = database.execute(
            "SELECT what, entry_id FROM entry WHERE kind = 'decision:recorded'"
        ).fetchone()
        position = database.execute("SELECT position FROM leaf WHERE entry_id = ?", (entry_id,)).fetchone()[0]
        altered = what.replace(b'"measurement":true', b'"measurement":false')
        database.execute("UPDATE entry SET what = ? WHERE entry_id = ?", (altered, entry_id))
    database.close()

    assert f"Entry {position}: what was decided" in demo.askfirst("ledger", "verify", code=2)
    assert "BROKEN" in demo.askfirst("audit", "show", record["record"], code=2)


def test_the_german_page_asks_in_german(demo: Demo, visitor: Visit) -> None:
    """The page's language decides, and the record keeps it."""
    page = opened(visitor(), demo, "/de")
    with page.expect_response(lambda response: "/d/demo" in response.url):
        page.get_by_role("button", name="Ablehnen", exact=True).click()

    assert ["de"] == [one["language"] for one in demo.records()]
