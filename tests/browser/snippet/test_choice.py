"""The first answer, from the question to the receipt."""

from playwright.sync_api import Page, expect

from browser.snippet.stub import Stub


def test_accept_is_delivered_and_kept_as_the_receipt_cookie(page: Page, stub: Stub) -> None:
    """One click on Accept leaves one decision at the service, its receipt as cookie, and nothing else."""
    page.goto(stub.site)

    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert [{"measurement": True}] == [decision["purposes"] for decision in stub.decisions]
    assert ["askfirst-demo"] == [cookie["name"] for cookie in page.context.cookies()]
    assert 0 == page.evaluate("localStorage.length + sessionStorage.length")
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
