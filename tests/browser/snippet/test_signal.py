"""Global Privacy Control (GPC): a refusal that needs no click, recorded once, and never turned into anything else."""

import time

from playwright.sync_api import Page, expect

from browser.snippet.receipts import receipt
from browser.snippet.stub import Stub

ON = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
MARKETING = {"id": "marketing", "name": "Marketing", "description": "Shows advertisements."}


def test_a_signal_that_covers_everything_is_recorded_once(page: Page, stub: Stub) -> None:
    """Where every optional purpose is tied to it there is no question, and one record for all pages."""
    stub.config["gpc"] = ["measurement"]
    page.add_init_script(ON)
    page.goto(stub.site)
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.goto(f"{stub.site}/next")
    expect(page.get_by_role("button", name="Privacy settings")).to_be_visible()

    assert [("signal", {"measurement": False}, True)] == [
        (decision["method"], decision["purposes"], decision["gpc"]) for decision in stub.decisions
    ]
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)


def test_a_signal_that_covers_a_part_answers_nothing_for_the_rest(page: Page, stub: Stub) -> None:
    """Where only some purposes are tied to it the visitor is asked, and what they answer is theirs."""
    stub.config["purposes"].append(MARKETING)
    stub.config["gpc"] = ["marketing"]
    page.add_init_script(ON)
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.wait_for_timeout(200)
    assert [] == stub.tries
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert [("accept_all", True)] == [(decision["method"], decision["gpc"]) for decision in stub.decisions]


def test_a_signal_beats_a_grant_from_before_it(page: Page, stub: Stub) -> None:
    """A receipt given without the signal does not grant what is tied to it; the rest stays."""
    stub.config["purposes"].append(MARKETING)
    stub.config["gpc"] = ["marketing"]
    granted = receipt("demo", {"marketing": True, "measurement": True}, now=time.time())
    page.context.add_cookies([{"name": "askfirst-demo", "value": granted, "url": stub.site}])
    page.add_init_script(ON)
    page.goto(stub.site)
    page.wait_for_function("() => window.askfirst")

    assert [True, False] == page.evaluate("[askfirst.allows('measurement'), askfirst.allows('marketing')]")


def test_without_the_signal_nothing_is_answered(page: Page, stub: Stub) -> None:
    """The same policy without the signal asks."""
    stub.config["gpc"] = ["measurement"]
    page.goto(stub.site)

    expect(page.get_by_role("button", name="Accept")).to_be_visible()
