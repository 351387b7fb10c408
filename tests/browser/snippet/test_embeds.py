"""Held frames, images and templates: a placeholder of the same size, one click to load once, one to allow always."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from askfirst.texts import embed_texts
from browser.axe import problems
from browser.snippet.stub import Stub

WORDS = list(embed_texts("en").model_dump().values())
SETTINGS: list[Any] = [WORDS, {"embeds": "Embedded content"}, {"tube": ["Tube", "Tube Inc."]}]
EMBEDS = {"id": "embeds", "name": "Embedded content", "description": "Shows videos."}
VIDEO = '<iframe title="A video" data-purpose="embeds" data-service="tube" data-src="/video" width="560" height="315"></iframe>'
FILM = "<!doctype html><title>Film</title><p>The film</p>"
PIXEL = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"


def open_with(page: Page, stub: Stub, body: str, *, layout: str = "bar") -> None:
    """Open a page with this in its body; its one optional purpose is `embeds`."""
    stub.config["purposes"][1:] = [EMBEDS]
    stub.config["services"] = []
    stub.config["layout"] = layout
    stub.use("embeds", SETTINGS)
    stub.pages |= {"/video": FILM, "/picture": PIXEL}
    stub.pages["/"] = stub.pages["/"].replace("</main>", f"{body}</main>")
    page.goto(stub.site)
    page.wait_for_function("() => window.askfirst")


def loaded(page: Page) -> int:
    """Return how many frames of the page have loaded the film."""
    return sum(frame.url.endswith("/video") for frame in page.frames)


def test_a_held_frame_says_whose_it_is_and_what_loading_it_would_do(page: Page, stub: Stub) -> None:
    """Nothing is asked of the provider before the answer, and nothing after a refusal; the placeholder stays."""
    open_with(page, stub, VIDEO)
    group = page.get_by_role("group", name="Content from Tube, not loaded")
    expect(group).to_contain_text("If you load this content, Tube Inc. learns your IP address")
    expect(group).to_contain_text("because you have not answered yet")
    expect(group.get_by_role("link", name="Open at Tube")).to_have_attribute("href", "/video")
    page.get_by_role("button", name="Reject", exact=True).click()

    expect(group).to_contain_text("because you rejected it")
    assert "/video" not in stub.requests


def test_load_once_loads_this_one_and_answers_nothing(page: Page, stub: Stub) -> None:
    """The other frame stays held, no decision is made, and the next page holds both again."""
    open_with(page, stub, VIDEO + VIDEO)
    page.get_by_role("button", name="Load once").first.click()
    expect(page.get_by_role("group")).to_have_count(1)
    expect(page.frame_locator("iframe >> nth=0").get_by_text("The film")).to_be_visible()

    assert 1 == loaded(page)
    assert [] == stub.tries
    page.reload()
    expect(page.get_by_role("group")).to_have_count(2)


def test_always_is_a_recorded_answer(page: Page, stub: Stub) -> None:
    """It loads what needs this purpose, on this page and on the next, and leaves every other answer as it was."""
    stub.config["purposes"].append({"id": "x", "name": "x"})
    open_with(page, stub, VIDEO + VIDEO)
    page.get_by_role("button", name="Always allow").last.click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    expect(page.get_by_role("group")).to_have_count(0)
    for number in range(2):
        expect(page.frame_locator(f"iframe >> nth={number}").get_by_text("The film")).to_be_visible()

    assert 2 == loaded(page)
    assert [("custom", {"embeds": True})] == [(one["method"], one["purposes"]) for one in stub.decisions]
    page.reload()
    expect(page.frame_locator("iframe >> nth=1").get_by_text("The film")).to_be_visible()


def test_a_frame_that_is_allowed_loads_whenever_the_page_is_loaded_again(page: Page, stub: Stub) -> None:
    """A browser may give a frame its page of before, which was empty while it was held."""
    open_with(page, stub, VIDEO + VIDEO)
    page.get_by_role("button", name="Always allow").last.click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    there = (
        "() => 2 === [...document.querySelectorAll('iframe')].filter(f => f.contentDocument?.querySelector('p')).length"
    )
    for _ in range(25):
        page.reload()
        page.wait_for_function(there)


def test_always_leaves_other_answers_as_they_are(page: Page, stub: Stub) -> None:
    """Who has not answered to the rest has not agreed to it."""
    open_with(page, stub, VIDEO)
    stub.config["purposes"].append({"id": "marketing", "name": "Marketing", "description": "Advertises."})
    page.reload()
    page.get_by_role("button", name="Always allow").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert [{"embeds": True, "marketing": False}] == [one["purposes"] for one in stub.decisions]


def test_a_withdrawal_holds_it_again(page: Page, stub: Stub) -> None:
    """The page starts again without the film."""
    open_with(page, stub, VIDEO)
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.frame_locator("iframe").get_by_text("The film")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.get_by_role("button", name="Withdraw consent").click()

    expect(page.get_by_role("group", name="Content from Tube, not loaded")).to_be_visible()
    assert 0 == loaded(page)


def test_where_the_placeholders_ask_there_is_no_banner(page: Page, stub: Stub) -> None:
    """The control is there all the same, and leads to the settings."""
    open_with(page, stub, VIDEO, layout="none")
    expect(page.get_by_role("button", name="Load once")).to_be_visible()
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Privacy settings").click()

    expect(page.get_by_role("dialog")).to_be_visible()


SIZES = {
    "attributes": (VIDEO, ""),
    "nothing": ('<iframe data-purpose="embeds" data-src="/video"></iframe>', ""),
    "a ratio": (VIDEO, "iframe { width: 100%; height: auto; aspect-ratio: 16/9; border: 0; display: block }"),
    "a padded wrapper": (
        f'<div class="wide">{VIDEO}</div>',
        ".wide { position: relative; padding-bottom: 40% } .wide iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0 }",
    ),
    "a grid": (
        f'<div class="grid">{VIDEO}<p>Beside it</p></div>',
        ".grid { display: grid; grid-template-columns: 2fr 1fr } iframe { width: 100%; height: 200px }",
    ),
    "an image": (
        '<img data-purpose="embeds" data-src="/picture" width="400" height="300" style="max-width: 100%; height: auto">',
        "",
    ),
}


BOXES = """selector => [document.querySelector(selector), document.querySelector('#below')].map(element => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height].map(Math.round);
})"""


@pytest.mark.parametrize("size", SIZES)
def test_nothing_moves(page: Page, stub: Stub, size: str) -> None:
    """The placeholder has the very box of what it stands for, whatever gives it its size, also on a narrower window."""
    body, css = SIZES[size]
    page.route("**/s/demo.js", lambda route: route.abort())
    stub.pages["/"] = stub.pages["/"].replace("</main>", f'<style>{css}</style>{body}<p id="below">Below</p></main>')
    before, after = [], []
    page.goto(stub.site)
    for width in (1000, 400):
        page.set_viewport_size({"width": width, "height": 900})
        before.append(page.evaluate(BOXES, "[data-src]"))
    page.unroute("**/s/demo.js")
    open_with(page, stub, "")
    expect(page.get_by_role("group")).to_be_visible()
    for width in (400, 1000):
        page.set_viewport_size({"width": width, "height": 900})
        after.insert(0, page.evaluate(BOXES, "div:has(+ [data-src])"))

    assert before == after


def test_what_comes_later_is_held_too(page: Page, stub: Stub) -> None:
    """A frame, a script and a template that the page adds get a placeholder or wait, and start with the answer or after it."""
    open_with(page, stub, "")
    add = """() => {
        const frame = Object.assign(document.createElement('iframe'), { title: 'Later' });
        Object.assign(frame.dataset, { purpose: 'embeds', src: '/video', service: 'tube' });
        const script = Object.assign(document.createElement('script'), { type: 'text/plain', text: 'window.ran = (window.ran ?? 0) + 1' });
        script.dataset.purpose = 'embeds';
        const template = document.createElement('template');
        template.dataset.purpose = 'embeds';
        template.content.append(Object.assign(document.createElement('b'), { textContent: 'Shown' }));
        document.querySelector('main').append(frame, script, template);
    }"""
    page.evaluate(add)
    expect(page.get_by_role("group", name="Content from Tube, not loaded")).to_be_visible()
    assert page.evaluate("() => window.ran") is None
    page.get_by_role("button", name="Accept", exact=True).click()
    page.wait_for_function("() => window.ran === 1")
    page.evaluate(add)
    page.wait_for_function("() => window.ran === 2")

    expect(page.get_by_text("Shown")).to_have_count(2)
    expect(page.get_by_role("group")).to_have_count(0)
    page.wait_for_timeout(200)
    assert 2 == loaded(page)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("aside.append(document.querySelector('iframe'))", "aside"),
        ("document.querySelector('[role=group]').parentNode.remove()", "main"),
    ],
    ids=["the frame moved", "the placeholder taken out"],
)
def test_a_placeholder_stands_where_its_frame_is(page: Page, stub: Stub, change: str, where: str) -> None:
    """Whatever a page does with either, there is one, beside the frame, and the frame is shown in the end."""
    open_with(page, stub, f"{VIDEO}<aside id=aside></aside>")
    expect(page.get_by_role("button", name="Load once")).to_be_visible()
    page.evaluate(f"() => {{ {change} }}")
    expect(page.locator(f"{where} > div > [role=group]")).to_have_count(1)
    expect(page.get_by_role("group")).to_have_count(1)
    page.get_by_role("button", name="Load once").click()

    expect(page.locator("iframe")).to_be_visible()
    expect(page.get_by_role("group")).to_have_count(0)


def test_a_placeholder_says_its_language(page: Page, stub: Stub) -> None:
    """The page's may be one that the policy does not have; and purposes are separated by any space."""
    stub.pages["/"] = stub.pages["/"].replace('lang="en"', 'lang="cy"')
    open_with(page, stub, VIDEO.replace('"embeds"', '" embeds "'))
    expect(page.get_by_role("group")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Accept", exact=True).click()

    expect(page.frame_locator("iframe").get_by_text("The film")).to_be_visible()


def test_any_html_can_wait_in_a_template(page: Page, stub: Stub) -> None:
    """Its scripts run with it, once, and several purposes must all be granted."""
    content = "<p>Map</p><script>window.maps = (window.maps ?? 0) + 1</script>"
    open_with(
        page,
        stub,
        f'<template data-purpose="embeds">{content}</template><template data-purpose="embeds marketing"><p>Both</p></template>',
    )
    assert page.evaluate("() => window.maps") is None
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_text("Map", exact=True)).to_be_visible()
    page.wait_for_timeout(200)

    assert 1 == page.evaluate("() => window.maps")
    expect(page.get_by_text("Both")).to_have_count(0)


def test_a_template_that_comes_in_pieces_is_released_whole(page: Page, stub: Stub) -> None:
    """On a later page the answer is there before the rest of the page is: of a template too, and in its order."""
    stub.pages["/"] = stub.pages["/"].replace("<script async", "<script")
    content = "<p>One</p><!-- pause --><script>ran.push('first')</script><!-- pause --><p>Two</p><script>ran.push('last')</script>"
    open_with(page, stub, f'<script>window.ran = []</script><template data-purpose="embeds">{content}</template>')
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.reload()
    page.wait_for_function("() => ran.includes('last')")

    assert ["first", "last"] == page.evaluate("ran")
    assert ["One", "Two"] == page.locator("template ~ p").all_inner_texts()


def test_scripts_of_a_template_with_an_address_start_in_their_order(page: Page, stub: Stub) -> None:
    """The second needs the first, which takes its time, and the first alone may be waited for. All else is as the page has it: its
    own types and data, what moves it, scripts of drawings, and an address that is live elsewhere in the page."""
    stub.pages["/lib.js"] = "window.lib = { said: ['first'], add: (word) => lib.said.push(word) }"
    stub.pages["/second.js"] = "lib.add(document.currentScript.dataset.type)"
    stub.pages["/soon.js"] = "window.soon = (window.soon ?? 0) + 1"
    moved = (
        "customElements.define('my-map', class extends HTMLElement { connectedCallback() {"
        " window.told = JSON.parse(this.querySelector('script[type=\"application/json\"]').text).zoom;"
        " this.attachShadow({ mode: 'open' }).append(...this.childNodes) } })"
    )
    scripts = (
        '<script src="/lib.js"></script><script src="/second.js" data-type="calendar"></script>'
        '<script async src="/soon.js"></script><svg><script>window.drawn = 1</script></svg>'
        '<my-map><script type="application/json">{"zoom": 7}</script><script>window.moved = 1</script></my-map>'
    )

    def later(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/lib.js", later)
    live = f'<script>{moved}</script><script src="/soon.js"></script>'
    open_with(page, stub, f'{live}<template data-purpose="embeds"><p>Map</p>{scripts}</template>')
    page.wait_for_timeout(200)
    assert "/lib.js" not in stub.requests
    page.get_by_role("button", name="Accept", exact=True).click()
    page.wait_for_function("() => window.lib?.said.length === 2 && window.soon === 2")

    assert ["first", "calendar"] == page.evaluate("lib.said")
    assert [7, 1, 1] == page.evaluate("[told, moved, drawn]")


@pytest.mark.parametrize("trusted", [False, True])
def test_scripts_that_are_held_in_a_template_start_in_their_order(page: Page, stub: Stub, trusted: bool) -> None:
    """A library, then the words that use it; under a policy that knows nothing but a nonce and Trusted Types too."""
    said: list[str] = []
    page.on("console", lambda message: "Content Security Policy" in message.text and said.append(message.text))
    if trusted:
        stub.headers = {
            "Content-Security-Policy": "default-src 'none'; script-src 'nonce-abc'; "
            f"connect-src {stub.service}; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
        }
        stub.pages["/"] = stub.pages["/"].replace("<script async", '<script nonce="abc" async')
    held = '<script nonce="abc" type="text/plain" data-purpose="embeds"'
    content = f'<p>Map</p>{held} src="/lib.js"></script>{held}>lib.begin()</script>'
    live = '<script nonce="abc">window.begun = (window.begun ?? 0) + 10</script>'
    stub.pages["/lib.js"] = "window.lib = { begin: () => (window.begun += 1) }"
    open_with(page, stub, f'<template data-purpose="embeds">{content}{live}</template>')
    page.get_by_role("button", name="Accept", exact=True).click()
    page.wait_for_function("() => window.begun === 11")

    assert [] == said


def test_a_pixel_has_no_placeholder_but_waits_all_the_same(page: Page, stub: Stub) -> None:
    """Neither has what the page itself does not show."""
    pixel = '<img data-purpose="embeds" data-src="/picture" width="1" height="1" alt=""><iframe style="display:none" data-purpose="embeds" data-src="/video"></iframe>'
    open_with(page, stub, pixel)
    page.wait_for_timeout(200)
    expect(page.get_by_role("group")).to_have_count(0)
    assert not {"/picture", "/video"} & set(stub.requests)
    page.get_by_role("button", name="Accept", exact=True).click()

    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.wait_for_timeout(200)
    assert {"/picture", "/video"} <= set(stub.requests)


def test_an_embed_has_a_placeholder_of_the_size_that_it_will_have(page: Page, stub: Stub) -> None:
    """Browsers show nothing at all of an embed without an address."""
    open_with(page, stub, '<embed data-purpose="embeds" data-src="/picture" width="300" height="200">')
    box = page.get_by_role("group").bounding_box()
    with page.expect_request("**/picture"):
        page.get_by_role("button", name="Load once").click()
    expect(page.get_by_role("group")).to_have_count(0)

    assert box
    assert [300, 200] == [box["width"], box["height"]]


def test_a_service_that_the_policy_does_not_know_is_named_by_its_host(page: Page, stub: Stub) -> None:
    """A script address is no link."""
    frame = '<iframe data-purpose="embeds" data-src="{}"></iframe>'
    open_with(
        page, stub, frame.format("https://video.example/embed/1?a=1") + frame.format("javascript:void(window.bad = 1)")
    )

    expect(page.get_by_role("group", name="Content from video.example, not loaded")).to_be_visible()
    assert ["https://video.example/embed/1?a=1"] == page.get_by_role("link", name="Open at").evaluate_all(
        "links => links.map(link => link.href)"
    )


def test_what_can_not_be_an_address_disturbs_nothing_else(page: Page, stub: Stub) -> None:
    """Nor does the name of a service that is none, or an element that goes away again."""
    broken = '<iframe data-purpose="embeds" data-src="http://[" data-service="constructor"></iframe><iframe data-purpose="" data-src="/video"></iframe>'
    open_with(page, stub, broken + VIDEO)
    expect(page.get_by_role("group", name="Content from Tube, not loaded")).to_be_visible()
    page.evaluate("() => document.querySelector('[data-service=tube]').remove()")

    expect(page.get_by_role("group", name="Content from Tube, not loaded")).to_have_count(0)
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")


def test_it_is_clean_under_the_strictest_policies_and_hostile_styles(page: Page, stub: Stub) -> None:
    """No inline style, no HTML, no sink: nothing that a strict policy or Trusted Types object to; the page's styles stay outside."""
    said: list[str] = []
    page.on("console", lambda message: "Content Security Policy" in message.text and said.append(message.text))
    stub.headers = {
        "Content-Security-Policy": "default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'; frame-src 'self'; img-src 'self'; "
        f"connect-src {stub.service}; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
    }
    stub.pages["/"] = stub.pages["/"].replace("<script async", '<script nonce="abc" async')
    hostile = '<style nonce="abc">body * { color: red !important; font: 40px serif !important; visibility: visible } button { display: none !important }</style>'
    open_with(page, stub, hostile + VIDEO)
    button = page.get_by_role("button", name="Load once")
    expect(button).to_be_visible()
    assert 20 > button.evaluate("button => parseFloat(getComputedStyle(button).fontSize)")
    assert "rgb(255, 0, 0)" != button.evaluate("button => getComputedStyle(button).color")
    button.click()
    expect(page.frame_locator("iframe").get_by_text("The film")).to_be_visible()

    assert [] == said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_a_placeholder(page: Page, stub: Stub, scheme: Any) -> None:
    """axe-core finds nothing, the keyboard reaches both buttons, and they are as large as each other."""
    page.emulate_media(color_scheme=scheme)
    open_with(page, stub, VIDEO)
    page.get_by_role("button", name="Reject", exact=True).click()
    once, always = page.get_by_role("button", name="Load once"), page.get_by_role("button", name="Always allow")
    once.focus()
    page.keyboard.press("Tab")

    expect(always).to_be_focused()
    assert [44, 44] == [round(button.bounding_box()["height"]) for button in (once, always)]
    assert [] == problems(page)
