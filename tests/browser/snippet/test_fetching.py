"""What few visitors need is fetched when it is wanted: the second layer with its words, placeholders, and nothing before."""

import base64
import hashlib
import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from askfirst.core.declaration import declaration
from askfirst.core.site_script import configured_script
from askfirst.texts import declaration_texts
from browser.snippet.stub import FAILED, STATIC, Stub
from core.examples import policy, whole

VECTORS = Path(__file__).parents[2] / "vectors"
FRAME = '<iframe title="A video" data-purpose="measurement" data-src="/film" width="560" height="315"></iframe>'


def fetched(stub: Stub) -> list[str]:
    """Return what was asked for beside pages and the site's script, without the digests in it."""
    parts = [path for path in stub.requests if "/f/" in path or "/c/" in path]
    return sorted("words" if "/c/" in path else path.rpartition("/")[2].partition("-")[0] for path in parts)


def test_a_first_visit_is_one_request(page: Page, stub: Stub) -> None:
    """And an answer on the first layer fetches nothing more; of the services the script knows only what they store."""
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.wait_for_timeout(200)
    page.keyboard.press("Tab")
    assert ["/", "/s/demo.js"] == stub.requests[:2]
    assert [] == [text for text in ("Plausible", "Estonia", "without building", "1 year") if text in stub.script()]

    assert "_measure_*" in stub.script()


@pytest.mark.parametrize("way", ["pointer", "keyboard"])
def test_the_second_layer_is_on_its_way_before_the_click(page: Page, stub: Stub, way: str) -> None:
    """A hand or the focus on what opens it is enough, and what came once is not asked for again. On the way to an answer
    nothing is fetched, which would take from the click's own frame."""
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    assert [] == fetched(stub)
    settings = page.get_by_role("button", name="Information and Settings")
    for answer in ("Accept", "Reject"):
        button = page.get_by_role("button", name=answer, exact=True)
        button.hover() if way == "pointer" else button.focus()
    page.wait_for_timeout(200)
    assert [] == fetched(stub)
    settings.hover() if way == "pointer" else page.keyboard.press("Tab")
    end = time.monotonic() + 10
    while fetched(stub) != ["settings", "words"]:
        assert time.monotonic() < end, fetched(stub)
        page.wait_for_timeout(50)
    for _ in range(2):
        settings.click()
        expect(page.get_by_text("Services (1), Cookies (4)")).to_be_visible()
        page.keyboard.press("Escape")

    assert ["settings", "words"] == fetched(stub)


@pytest.mark.parametrize("missing", ["code", "words"])
def test_where_it_can_not_be_fetched_a_sentence_says_so_and_the_choice_works(
    page: Page, stub: Stub, missing: str
) -> None:
    """Nothing is thrown, both answers are still there, and the next click tries again."""
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    pattern = "**/f/*" if missing == "code" else "**/c/**"
    page.route(pattern, lambda route: route.fulfill(status=503, body="not now"))
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_role("status")).to_have_text(FAILED)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.unroute(pattern)
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["reject_all"] == [decision["method"] for decision in stub.decisions]


def test_at_the_sites_own_mount_all_of_it_is_first_party(page: Page, stub: Stub) -> None:
    """Code and words come from where the mount says that it has them."""
    stub.config |= {"mount": "/askfirst", "files": "/askfirst"}
    stub.pages["/"] = stub.pages["/"].replace("{service}/s/demo.js", "/s/demo.js")
    hosts: list[str] = []
    page.on("request", lambda request: hosts.append(request.url.removeprefix(stub.site)))
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_text("Services (1), Cookies (4)")).to_be_visible()

    assert ["settings", "words"] == fetched(stub)
    assert 2 == sum(path.startswith(("/askfirst/f/", "/askfirst/c/")) for path in hosts)


def test_a_mount_of_before_has_no_such_files_and_the_service_is_asked(page: Page, stub: Stub) -> None:
    """A service is newer than the website's SDK, and the second layer opens all the same."""
    stub.config["mount"] = "/askfirst"
    page.goto(stub.site)
    page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_text("Services (1), Cookies (4)")).to_be_visible()

    assert ["settings", "words"] == fetched(stub)
    assert [] == [path for path in stub.requests if path.startswith("/askfirst/")]


@pytest.mark.parametrize("early", [False, True], ids=["by a click", "by the stub"])
def test_pinned_code_has_everything_in_it(page: Page, stub: Stub, early: bool) -> None:
    """What the browser checked by its digest needs no file that nobody checks, also where it was asked for before it was there."""
    parts = ("boot", "settings", "pinned")
    boot, settings, pinned = ((STATIC / "snippet" / f"{name}.js").read_text(encoding="ascii") for name in parts)
    told = json.dumps(stub.whole())
    check = base64.b64encode(hashlib.sha256(told.encode()).digest()).decode()
    stub.pages["/b.js"] = f"({boot})(null,[{settings},{pinned}]);"
    stub.pages["/told.json"] = told
    stub.pages["/"] = stub.pages["/"].replace(
        'src="{service}/s/demo.js"', f'src="/b.js" data-config="/told.json" data-check="sha256-{check}"'
    )
    if early:
        inline = (STATIC / "snippet" / "stub.js").read_text(encoding="ascii")
        asked = f"<script>{inline}</script><script>askfirst.open()</script>"
        stub.pages["/"] = stub.pages["/"].replace("<script async", f"{asked}<script async")
    page.goto(stub.site)
    if not early:
        page.get_by_role("button", name="Information and Settings").click()
    expect(page.get_by_text("Services (1), Cookies (4)")).to_be_visible()

    assert [] == fetched(stub)


def test_placeholders_come_only_where_something_is_held(page: Page, stub: Stub) -> None:
    """Neither on a page without any nor where the answer lets it load."""
    words = ["{service}", "{provider}", "why", "why", "once", "always", "", "{purpose}", "", ""]
    stub.use("embeds", [words, {"measurement": "Measurement"}, {}])
    stub.pages |= {"/film": "<!doctype html><title>Film</title>", "/next": stub.pages["/"].replace("</main>", FRAME)}
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.wait_for_timeout(200)
    assert [] == fetched(stub)
    page.goto(f"{stub.site}/next")
    expect(page.get_by_role("button", name="once")).to_be_visible()
    assert ["embeds", "words"] == fetched(stub)
    page.get_by_role("button", name="always").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.reload()
    page.wait_for_function("() => document.querySelector('iframe').src")

    assert ["embeds", "words"] == fetched(stub)


def test_a_build_of_before_works_with_the_files_of_today(page: Page, stub: Stub) -> None:
    """It hands them what they build on under the names that it knows."""
    listed = declaration(policy(whole()), "en", declaration_texts("en"))
    stub.pages["/declaration/demo/en.json"] = json.dumps(listed)
    build = (VECTORS / "build-2.js").read_bytes()
    stub.pages["/before.js"] = configured_script(build, stub.whole()).decode()
    place = '<div data-askfirst="declaration"></div></main>'
    stub.pages["/"] = stub.pages["/"].replace("{service}/s/demo.js", "/before.js").replace("</main>", place)
    page.goto(f"{stub.site}/?askfirst=debug")
    expect(page.get_by_role("heading", name="Cookies and services on this website")).to_be_visible()
    expect(page.get_by_role("heading", name="Askfirst", exact=True)).to_be_visible()
    page.get_by_role("button", name="Information and Settings").first.click()

    expect(page.get_by_text("Services (1), Cookies (4)")).to_be_visible()
