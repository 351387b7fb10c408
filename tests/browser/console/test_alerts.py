"""The alerts in a browser: the page fits in both languages, and one button acknowledges."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from askfirst.usecases.alerts import Noticed, Rule, settle
from browser.console.conftest import Console
from browser.console.test_states import checked
from support.staff import member

SHARE = {"measure": "share", "found": 950, "usual": 504, "low": 404, "high": 604, "days": 8, "decisions": 1000}
NOTICED = [
    Noticed(Rule.ACCEPTANCES, "demo0001", SHARE),
    Noticed(Rule.FLOOD, "shop0001", {"refused": 61, "addresses": 1}),
    Noticed(Rule.CHECKPOINT_REFUSED, "", {"reason": "entries that were signed for are missing"}),
]


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_alerts_are_read_and_acknowledged(console: Console, desk: Callable[..., Page], locale: str) -> None:
    """An auditor sees what was found and what would be usual, says that they know, and is named beside it."""
    settle(console.service.node.live.alerts, 1, NOTICED, looked_for=set(), by=console.home.place.by)
    page = desk(locale=locale)
    console.sign_in(page.context, member(console.home, role="auditor"))
    page.goto(f"{console.url}/console/alerts")
    checked(page)

    buttons = page.get_by_role("button", name="Acknowledge" if locale == "en-GB" else "Zur Kenntnis nehmen")
    expect(buttons).to_have_count(3)
    buttons.first.click()
    expect(buttons).to_have_count(2)
    expect(page.get_by_role("cell", name="Ann Example")).to_be_visible()
