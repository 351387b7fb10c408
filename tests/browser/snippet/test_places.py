"""What depends on where and how a page is seen: regions with other rules, languages, layouts and themes."""

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

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


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("DE", "de"),
        ("de-at", "de"),
        ("zh-hant-TW", "zh-Hant"),
        ("zh-CN", "zh"),
        ("dex", "en"),
        ("x y", "en"),
        ("", "en"),
    ],
)
def test_a_language_is_known_in_any_case_and_by_its_longest_beginning(
    page: Page, stub: Stub, says: str, shown: str
) -> None:
    """RFC 4647 (3.4) and RFC 5646 (2.1.1); what is no language of the policy leaves the browser's."""
    stub.config["languages"] = ["en", "zh-Hant", "de", "zh"]
    stub.fragments.append((STATIC / "snippet" / "languages.js").read_text(encoding="ascii"))
    for one in ("de", "zh", "zh-Hant"):
        told = stub.whole()
        told[6] = one
        told[7] = [text.replace("Accept", f"Accept in {one}") for text in told[7]]
        stub.pages[f"/c/demo/{told[3]}/{told[4]}/{one}.json"] = json.dumps(told)
    stub.pages["/"] = stub.pages["/"].replace('<html lang="en">', f'<html lang="{says}">')
    page.goto(stub.site)

    name = "Accept" if shown == "en" else f"Accept in {shown}"
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()


FRAME = '<iframe title="A video" data-purpose="measurement" data-src="/film" width="560" height="315"></iframe>'


def held_back(page: Page, pattern: str) -> list[Route]:
    """Let requests of this pattern wait; return them as they come."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(pattern, hold)
    return held


def test_the_record_names_the_language_that_is_shown_once_it_comes_late(page: Page, stub: Stub) -> None:
    """After three seconds the question stands in the script's language; what comes then is shown before it is recorded."""
    in_german(stub)
    stub.pages["/"] = stub.pages["/"].replace('<html lang="en">', '<html lang="de">')
    german = held_back(page, "**/de.json")
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_visible()
    german[0].fallback()
    page.get_by_role("button", name="Annehmen", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["de"] == [decision["language"] for decision in stub.decisions]


def test_a_second_layer_that_is_open_follows_a_language_that_comes_late(page: Page, stub: Stub) -> None:
    """What is saved in it is recorded in the language in which it stands there."""
    in_german(stub)
    stub.pages["/"] = stub.pages["/"].replace('<html lang="en">', '<html lang="de">')
    german = held_back(page, "**/de.json")
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_role("button", name="Accept all", exact=True)).to_be_visible()
    german[0].fallback()
    page.get_by_role("button", name="Annehmen all", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["de"] == [decision["language"] for decision in stub.decisions]


def test_who_asks_for_the_second_layer_early_gets_it_with_the_first(page: Page, stub: Stub) -> None:
    """A click on a link of the page's while the language is on its way is not lost."""
    in_german(stub)
    german_page = stub.pages["/"].replace('<html lang="en">', '<html lang="de">')
    stub.pages["/"] = german_page.replace("</main>", '<a href="/next" data-askfirst="open">Cookies</a></main>')
    german = held_back(page, "**/de.json")
    page.goto(stub.site)
    while not german:
        page.wait_for_timeout(20)
    page.get_by_role("link", name="Cookies").click()
    page.wait_for_timeout(500)
    german[0].fallback()

    expect(page.get_by_role("button", name="Annehmen all", exact=True)).to_be_visible()


def test_two_languages_on_their_way_are_no_mixture(page: Page, stub: Stub) -> None:
    """The one that comes first is shown and recorded; words of the other, which somebody's turning to the settings asked for, are left."""
    in_german(stub)
    stub.pages["/"] = stub.pages["/"].replace('<html lang="en">', '<html lang="de">')
    german, english = held_back(page, "**/de.json"), held_back(page, "**/en.json")
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").hover()
    end = time.monotonic() + 10
    while not english:
        assert time.monotonic() < end, stub.requests
        page.wait_for_timeout(20)
    german[0].fallback()
    expect(page.get_by_role("button", name="Annehmen", exact=True)).to_be_visible()
    english[0].fallback()
    page.wait_for_timeout(200)
    page.get_by_role("button", name="Annehmen", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["de"] == [decision["language"] for decision in stub.decisions]


def test_what_is_fetched_later_waits_for_the_language(page: Page, stub: Stub) -> None:
    """Placeholders and the list of cookies are asked for in the page's own, and the record names it."""
    words = ["{service}", "{provider}", "why", "why", "once", "always", "", "{purpose}", "", ""]
    stub.use("embeds", [words, {"measurement": "Measurement"}, {}])
    in_german(stub)
    page_in_german = stub.pages["/"].replace('<html lang="en">', '<html lang="de">')
    stub.pages["/"] = page_in_german.replace("</main>", f'{FRAME}<div data-askfirst="declaration"></div></main>')
    german = held_back(page, "**/c/**/de.json")
    page.goto(stub.site)
    page.wait_for_timeout(300)
    german[0].fallback()
    expect(page.get_by_role("button", name="once")).to_be_visible()
    page.get_by_role("button", name="Annehmen", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["de"] == [decision["language"] for decision in stub.decisions]
    asked = [path.rpartition("/")[2] for path in stub.requests if path.endswith(".json")]
    assert {"de.json"} == set(asked)
    assert "/declaration/demo/de.json" in stub.requests


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


def test_a_dialog_covers_what_stands_beside_it(page: Page, stub: Stub) -> None:
    """It is the last in the top layer, above the element that holds it and the control: those can not be used meanwhile."""
    stub.config |= {"layout": "dialog", "style": LAYOUTS["dialog"]}
    page.goto(stub.site)
    expect(page.get_by_role("dialog", name="Privacy choices")).to_be_visible()
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.getDocument", {"depth": -1, "pierce": True})
    above = [
        devtools.send("DOM.describeNode", {"nodeId": node})["node"]["localName"]
        for node in devtools.send("DOM.getTopLayerElements")["nodeIds"]
    ]

    assert ["div", "dialog"] == [name for name in above if name in ("div", "dialog")]


def test_a_dialog_in_a_short_window_is_scrolled(page: Page, stub: Stub) -> None:
    """Long words push neither answer out of sight to the side."""
    stub.config |= {"layout": "dialog", "style": LAYOUTS["dialog"]}
    stub.config["texts"] = stub.config["texts"] | {"text": "Wir verwenden Cookies auf unserer Website. " * 8}
    page.set_viewport_size({"width": 360, "height": 280})
    page.goto(stub.site)
    for name in ("Accept", "Reject"):
        button = page.get_by_role("button", name=name, exact=True)
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=0.99)
    edges = page.evaluate(
        "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])("
        "document.querySelector('[data-nosnippet]').shadowRoot.querySelector('dialog'))"
    )

    assert edges[0] == edges[1]


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
