"""Somebody asks about themselves: found by what they quote, handed everything, held for a lawsuit, erased at last."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.subject import consent_id
from askfirst_sdk.token import claimed_payload
from browser.console.conftest import Console
from browser.console.test_states import checked
from browser.console.test_the_day import press, typed
from support.staff import entries, member

Sit = Callable[..., Page]


def test_a_person_is_answered_held_and_erased(console: Console, desk: Sit, tmp_path: Path) -> None:
    """With the keyboard; what was quoted is in no address; nothing goes before the box is checked and the hold is over."""
    first = console.service.accept()
    console.service.accept(
        receipt=first["receipt"], purposes={"measurement": True, "embeds": False}, method="custom", language="de"
    )
    console.service.settle()
    subject = parse_receipt(claimed_payload(first["receipt"])).subject
    assert subject is not None
    page = desk(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    console.sign_in(page.context, member(console.home))
    page.goto(f"{console.url}/console/people")
    typed(page, "Consent id or receipt", consent_id(subject).lower())
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("2 decisions of one person")
    assert consent_id(subject).lower() not in page.url.lower()
    checked(page)
    page.get_by_role("link", name="Download everything").focus()
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    file = tmp_path / taken.value.suggested_filename
    taken.value.save_as(file)
    assert 2 == len(json.loads(file.read_bytes())["records"])

    press(page, "Place a hold")
    typed(page, "Why it is held", "A lawsuit.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Held: none of it can be erased")).to_be_visible()
    checked(page)
    press(page, "Erase everything")
    expect(page.get_by_role("heading", level=1)).to_have_text("This can not be erased now")
    checked(page)
    press(page, "Back, erase nothing")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 decisions of one person")
    typed(page, "Why it is lifted", "It is over.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Not held")).to_be_visible()

    press(page, "Erase everything")
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase 2 decisions of one person?")
    checked(page)
    typed(page, "Why it is erased", "The visitor asked.")
    press(page, "Erase for good")
    # The browser itself asks for the box.
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase 2 decisions of one person?")
    assert [] == entries(console.home, "record:erased")
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    press(page, "Erase for good")
    expect(page.get_by_role("status")).to_contain_text("Everything of this person was erased")
    assert ["The visitor asked."] * 2 == [one["reason"] for one in entries(console.home, "record:erased")]
    typed(page, "Consent id or receipt", consent_id(subject))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is kept about this person")).to_be_visible()
    checked(page)
