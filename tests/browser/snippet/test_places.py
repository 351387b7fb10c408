"""What depends on where and how a page is seen: regions with other rules, languages, layouts and themes."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from askfirst.core.banner_style import LAYOUTS
from browser.axe import problems
from browser.snippet.stub import STATIC, Stub

GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
HELD = '<script type="text/plain" data-purpose="measurement">window.ran = true</script></body>'
RULES = {"default": {"measurement": "opt_in"}, "us": {"measurement": "opt_out"}, "fr": {"measurement": "exempt"}}


def open_in(page: Page, stub: Stub, rule: str | None, **members: Any) -> None:
    """Open a page with a held script for a visitor of this rule; None is a service that does not know."""
    stub.config |= {"rules": RULES, "optOut": "Do not sell or share my data", **members}
    stub.pages["/"] = stub.pages["/"].replace("</body>", HELD)
    if rule:
        stub.pages["/r/demo"] = json.dumps({"rule": rule})
    page.goto(stub.site)
    page.wait_for_function("() => document.querySelector('[data-nosnippet]')")


def test_where_a_rule_lets_it_run_it_runs_and_the_way_out_is_in_sight(page: Page, stub: Stub) -> None:
    """In an opt-out region the visitor is told, the tag runs, and one click ends it, recorded under the rule."""
    open_in(page, stub, "us")
    page.wait_for_function("() => window.ran")
    expect(page.get_by_role("button", name="Reject")).to_be_visible()
    page.get_by_role("button", name="Do not sell or share my data").click()
    page.wait_for_function("() => !window.ran && !localStorage.length && document.cookie")

    assert [("reject_all", "us", {"measurement": False})] == [
        (decision["method"], decision["rule"], decision["purposes"]) for decision in stub.decisions
    ]
    assert not page.evaluate("askfirst.allows('measurement')")


def test_what_is_exempt_runs_without_a_question_and_can_be_switched_off(page: Page, stub: Stub) -> None:
    """Nobody is asked; the control opens the settings, where the switch is on and can be turned off."""
    open_in(page, stub, "fr")
    page.wait_for_function("() => window.ran")
    expect(page.get_by_role("button", name="Reject")).to_have_count(0)
    page.get_by_role("button", name="Privacy settings").click()
    expect(page.get_by_role("switch")).to_be_checked()
    page.get_by_role("switch").click()
    page.get_by_role("button", name="Save").click()
    page.wait_for_function("() => !window.ran && !localStorage.length && document.cookie")

    assert [("fr", {"measurement": False})] == [(decision["rule"], decision["purposes"]) for decision in stub.decisions]


@pytest.mark.parametrize("rule", [None, "default", "nowhere", "constructor"])
def test_unknown_places_follow_the_strictest_rule(page: Page, stub: Stub, rule: str | None) -> None:
    """Asked, and nothing runs: where the service does not know, and where it names a rule that there is not."""
    open_in(page, stub, rule)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.wait_for_timeout(200)

    assert not page.evaluate("'ran' in window")


def test_a_signal_ends_what_a_region_would_let_run(page: Page, stub: Stub) -> None:
    """Global Privacy Control is heeded before anything runs."""
    page.add_init_script(GPC)
    open_in(page, stub, "us", gpc=["measurement"])
    page.wait_for_timeout(300)

    assert not page.evaluate("'ran' in window")


def in_german(stub: Stub) -> str:
    """Let the stub serve the policy in German too; return where it is."""
    stub.config["languages"] = ["en", "de"]
    stub.fragments.append((STATIC / "snippet" / "languages.js").read_text(encoding="ascii"))
    german = stub.whole()
    german[6] = "de"
    german[7] = [text.replace("Accept", "Annehmen").replace("Reject", "Ablehnen") for text in german[7]]
    path = f"/c/demo/{german[3]}/{german[4]}/de.json"
    stub.pages[path] = json.dumps(german)
    return path


def test_the_language_of_the_page_decides(page: Page, stub: Stub) -> None:
    """A page in another language of the policy is asked in it, and the record says so; a variant falls back."""
    in_german(stub)
    stub.pages["/"] = stub.pages["/"].replace('<html lang="en">', '<html lang="de-AT">')
    page.goto(stub.site)
    page.get_by_role("button", name="Annehmen", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["de"] == [decision["language"] for decision in stub.decisions]


def test_a_visitor_changes_the_language_in_place(page: Page, stub: Stub) -> None:
    """The second layer lists the languages in their own names; nothing is fetched before one is wanted."""
    path = in_german(stub)
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert path not in stub.requests
    deutsch = page.get_by_role("button", name="Deutsch")
    assert 14 <= float(deutsch.evaluate("e => getComputedStyle(e).fontSize").removesuffix("px"))
    deutsch.click()
    expect(page.get_by_role("button", name="Annehmen all")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Annehmen", exact=True)).to_be_visible()
    assert "de" == page.locator("[data-nosnippet]").get_attribute("lang")


def test_a_language_that_does_not_come_is_done_without(page: Page, stub: Stub) -> None:
    """The question is asked in the script's own language."""
    stub.pages[in_german(stub)] = "not a policy"
    stub.pages["/"] = stub.pages["/"].replace('<html lang="en">', '<html lang="de">')
    page.goto(stub.site)

    expect(page.get_by_role("button", name="Accept")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("layout", ["box", "dialog"])
def test_each_layout_is_free_of_findings(page: Page, stub: Stub, layout: str, width: int) -> None:
    """Both answers weigh the same, nothing is lost, axe-core finds nothing, and one click answers."""
    stub.config |= {"layout": layout, "style": LAYOUTS[layout]}
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(stub.site)
    accept, reject = (page.get_by_role("button", name=name).bounding_box() for name in ("Accept", "Reject"))
    found = problems(page)
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    page.get_by_role("link", name="Next").click()

    assert accept is not None
    assert reject is not None
    assert (accept["width"], accept["height"], accept["y"]) == (reject["width"], reject["height"], reject["y"])
    assert [] == found


def test_a_dialog_can_be_closed_without_an_answer(page: Page, stub: Stub) -> None:
    """It takes the page away until then; Escape gives it back, records nothing, and the next page asks again."""
    stub.config |= {"layout": "dialog", "style": LAYOUTS["dialog"]}
    page.goto(stub.site)
    expect(page.get_by_role("dialog", name="Privacy choices")).to_be_visible()
    # Neither answer is lit up before the other.
    assert not page.evaluate("document.querySelector('[data-nosnippet] button:focus')")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    expect(page.get_by_role("button", name="Privacy settings")).to_be_visible()
    page.get_by_role("link", name="Next").click()

    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    assert [] == stub.tries


def test_a_theme_dresses_both_answers_alike(page: Page, stub: Stub) -> None:
    """Its rules come after the banner's own, and reach the plain buttons of the document too."""
    stub.config["style"] = ":host{--button:#0a5c36;--button-ink:#fffef0;--radius:0}"
    page.goto(stub.site)

    looks = [
        page.get_by_role("button", name=name).evaluate(
            "button => (({ backgroundColor, color, borderRadius }) => [backgroundColor, color, borderRadius])(getComputedStyle(button))"
        )
        for name in ("Accept", "Reject")
    ]
    assert [["rgb(10, 92, 54)", "rgb(255, 254, 240)", "0px"]] * 2 == looks
