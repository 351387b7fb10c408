"""The list of cookies on a privacy page: whole, in the page's language, with the present answer and the controls to change it."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from askfirst.core.declaration import declaration
from askfirst.texts import declaration_texts
from browser.axe import problems
from browser.snippet.stub import Stub
from core.examples import policy, whole

LIST = '<p>Before.</p><div data-askfirst="declaration"><p>Without JavaScript nothing optional runs.</p></div>'
PURPOSES = [
    {"id": name, "name": name.title(), "description": "For something."}
    for name in ("measurement", "embeds", "marketing")
]


def told(language: str) -> str:
    """Return what the service says about the policy with every member."""
    return json.dumps(declaration(policy(whole()), language, declaration_texts(language)))


def open_list(page: Page, stub: Stub, language: str = "en", body: str = LIST) -> None:
    """Open the privacy page."""
    stub.config["purposes"][1:] = PURPOSES
    stub.config["language"] = language
    stub.pages[f"/declaration/demo/{language}.json"] = told(language)
    stub.pages["/"] = stub.pages["/"].replace("</main>", f"{body}</main>")
    page.goto(stub.site)


def test_it_lists_every_purpose_service_and_cookie(page: Page, stub: Stub) -> None:
    """With countries by name, what transfers rest on, durations in words, how long the answer is kept, and the version."""
    open_list(page, stub)
    expect(page.get_by_role("heading", name="Cookies and services on this website")).to_be_visible()
    video = page.get_by_role("table", name="Cookies and stored items: Video").or_(
        page.get_by_role("table", name="cookies in English: Video")
    )

    assert ["video-volume", "Local storage", "item in English", "persistent en"] == video.get_by_role("row").nth(
        1
    ).locator("th, td").all_inner_texts()
    shown = page.locator("[data-askfirst=declaration]")
    expect(shown).to_contain_text("United States (adequacy decision)")
    expect(shown).to_contain_text("365 days en")
    expect(shown.get_by_role("link", name="https://video.example/privacy")).to_have_count(1)
    expect(page.get_by_text("Without JavaScript")).to_be_hidden()


def test_it_shows_the_present_answer_and_follows_it(page: Page, stub: Stub) -> None:
    """A word beside each purpose; it changes with the banner, and the banner with it."""
    open_list(page, stub)
    group = page.get_by_role("group", name="Your present answer")
    expect(group.get_by_text("Not answered yet")).to_have_count(3)
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(group.get_by_text("Accepted")).to_have_count(3)
    expect(page.get_by_role("switch", name="marketing in English")).to_be_checked()
    page.get_by_role("switch", name="marketing in English").click()
    expect(group.get_by_text("Rejected")).to_have_count(1)
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    while len(stub.decisions) < 2:
        page.wait_for_timeout(20)

    assert [True, False] == [one["purposes"]["marketing"] for one in stub.decisions]
    assert {"accept_all", "custom"} == {one["method"] for one in stub.decisions}


@pytest.mark.parametrize(("button", "granted"), [("Accept all", True), ("Reject all", False)])
def test_everything_can_be_answered_there(page: Page, stub: Stub, button: str, granted: bool) -> None:
    """Both answers are the same button twice; the third leads to the settings."""
    open_list(page, stub)
    shown = page.locator("[data-askfirst=declaration]")
    accept, reject = (shown.get_by_role("button", name=f"{one}_all in English") for one in ("accept", "reject"))
    looks = "e => { const s = getComputedStyle(e); return [s.fontSize, s.fontWeight, s.color, s.backgroundColor, s.borderColor, s.height] }"
    assert accept.evaluate(looks) == reject.evaluate(looks)
    (accept if granted else reject).click()
    while not stub.decisions:
        page.wait_for_timeout(20)

    assert {granted} == set(stub.decisions[0]["purposes"].values())
    shown.get_by_role("button", name="Change my answer").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_other_pages_load_nothing_of_it(page: Page, stub: Stub) -> None:
    """Neither the code nor the list."""
    open_list(page, stub, body="<p>Nothing here</p>")
    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_visible()
    page.wait_for_timeout(200)

    assert [] == [path for path in stub.requests if path.startswith(("/f/", "/declaration/"))]


def test_a_place_that_comes_later_is_filled_too(page: Page, stub: Stub) -> None:
    """A page that changes without loading."""
    open_list(page, stub, body="")
    page.wait_for_function("() => window.askfirst")
    page.evaluate(
        "() => document.querySelector('main').append(Object.assign(document.createElement('div'), { id: 'list' }))"
    )
    page.evaluate(
        """() => {
            const list = document.createElement('div');
            list.dataset.askfirst = 'declaration';
            document.querySelector('#list').append(list);
        }"""
    )

    expect(page.get_by_role("heading", name="Cookies and services on this website")).to_be_visible()


def test_a_place_that_goes_and_comes_back_is_filled_again(page: Page, stub: Stub) -> None:
    """The list is not asked for twice, and follows the answer still."""
    open_list(page, stub)
    heading = page.get_by_role("heading", name="Cookies and services on this website")
    expect(heading).to_be_visible()
    page.evaluate("window.kept = document.querySelector('main').innerHTML")
    page.evaluate("document.querySelector('main').replaceChildren()")
    expect(heading).to_have_count(0)
    page.evaluate("document.querySelector('main').innerHTML = kept")
    expect(heading).to_be_visible()
    page.get_by_role("button", name="Accept", exact=True).click()

    expect(page.get_by_role("group", name="Your present answer").get_by_text("Accepted")).to_have_count(3)
    assert 1 == stub.requests.count("/declaration/demo/en.json")


def test_without_the_service_the_page_keeps_what_it_had(page: Page, stub: Stub) -> None:
    """One line in the console says why."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    open_list(page, stub)
    expect(page.get_by_role("heading", name="Cookies and services on this website")).to_be_visible()
    del stub.pages["/declaration/demo/en.json"]
    page.reload()
    page.wait_for_timeout(500)

    expect(page.get_by_text("Without JavaScript")).to_be_visible()
    assert 1 == len([text for text in said if text.startswith("askfirst: ")])


def test_it_is_clean_under_the_strictest_policies(page: Page, stub: Stub) -> None:
    """A policy that knows nothing but a nonce, and Trusted Types: the file that comes later has the script's nonce."""
    said: list[str] = []
    page.on("console", lambda message: "Content Security Policy" in message.text and said.append(message.text))
    stub.headers = {
        "Content-Security-Policy": "default-src 'none'; script-src 'nonce-abc'; style-src 'none'; "
        f"connect-src {stub.service}; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
    }
    stub.pages["/"] = stub.pages["/"].replace("<script async", '<script nonce="abc" async')
    open_list(page, stub)

    expect(page.get_by_role("heading", name="Cookies and services on this website")).to_be_visible()
    assert [] == said


@pytest.mark.parametrize(("language", "width"), [("en", 320), ("ar", 1280)])
def test_everybody_can_read_it(page: Page, stub: Stub, language: str, width: int) -> None:
    """axe-core finds nothing; on a narrow page nothing is cut off; Arabic runs from right to left."""
    page.set_viewport_size({"width": width, "height": 900})
    open_list(page, stub, language)
    shown = page.locator("[data-askfirst=declaration]")
    expect(shown.get_by_role("switch").first).to_be_visible()

    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert [] == problems(page)
    direction: Any = shown.locator(".list").evaluate("list => getComputedStyle(list).direction")
    assert ("rtl" if language == "ar" else "ltr") == direction


def test_it_prints_as_a_plain_page(page: Page, stub: Stub) -> None:
    """The list and the answers, without buttons and switches."""
    open_list(page, stub)
    page.emulate_media(media="print")
    shown = page.locator("[data-askfirst=declaration]")

    expect(shown.get_by_text("United States (adequacy decision)")).to_be_visible()
    expect(shown.get_by_role("button")).to_have_count(0)
    expect(shown.get_by_role("switch")).to_have_count(0)
