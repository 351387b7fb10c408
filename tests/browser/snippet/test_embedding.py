"""Ways into a page: the stub before it, code and policy pinned by digests, the site's own mount, and a banner that is there already."""

import base64
import hashlib
import json
import time

import pytest
from playwright.sync_api import Page, expect

from browser.snippet.receipts import receipt
from browser.snippet.stub import STATIC, Stub

WRITTEN = (
    '<section data-askfirst="banner" role="region" aria-label="Privacy"><form method="post" action="/askfirst/answer">'
    '<button name="answer" value="accept_all">Yes</button><button name="answer" value="reject_all">No</button></form></section>'
)


def answered(page: Page, stub: Stub) -> None:
    """Give the browser an answer from before."""
    value = receipt("demo", {"measurement": True}, now=time.time())
    page.context.add_cookies([{"name": "askfirst-demo", "value": value, "url": stub.site}])


def test_what_was_asked_of_the_stub_is_answered_by_the_banner(page: Page, stub: Stub) -> None:
    """Calls before the script wait in a list, nothing is allowed before, and each is made once."""
    inline = (STATIC / "snippet" / "stub.js").read_text(encoding="ascii")
    early = """<script>window.heard = [askfirst.allows('necessary'), typeof askfirst.q];
        askfirst.on('decision', ({ purposes }) => heard.push(purposes.measurement));
        askfirst.when('measurement').then(() => heard.push('may'));</script>"""
    stub.pages["/"] = stub.pages["/"].replace("<script async", f"<script>{inline}</script>{early}<script async")
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").click()
    page.wait_for_function("() => heard.length === 4")

    assert [False, "object", True, "may"] == page.evaluate("heard")
    assert page.evaluate("askfirst.q === undefined && askfirst.allows('measurement')")
    assert len(inline) <= 614


def test_the_stub_denies_before_any_tag_where_it_is_told_to(page: Page, stub: Stub) -> None:
    """Google's default is the first entry, in the form that its tags know."""
    inline = (STATIC / "snippet" / "stub.js").read_text(encoding="ascii")
    told = json.dumps({"ad_storage": "denied"}).replace('"', "&quot;")
    stub.pages["/"] = stub.pages["/"].replace(
        "<script async", f'<script data-google="{told}">{inline}</script><script async'
    )
    page.goto(stub.site)

    assert ["consent", "default", {"ad_storage": "denied"}] == page.evaluate("[...dataLayer[0]]")


@pytest.mark.parametrize("honest", [True, False], ids=["as pinned", "altered"])
def test_a_pinned_policy_is_checked_by_its_digest(page: Page, stub: Stub, honest: bool) -> None:
    """The code has no policy in it; one that has another digest is not used, and one line says so."""
    boot, pinned = ((STATIC / "snippet" / f"{name}.js").read_text(encoding="ascii") for name in ("boot", "pinned"))
    told = json.dumps(stub.whole())
    check = base64.b64encode(hashlib.sha256(told.encode()).digest()).decode()
    stub.pages["/b.js"] = f"({boot})(null,[{pinned}]);"
    stub.pages["/c.json"] = told if honest else told.replace("Accept", "Agree")
    stub.pages["/"] = stub.pages["/"].replace(
        'src="{service}/s/demo.js"', f'src="/b.js" data-config="/c.json" data-check="sha256-{check}"'
    )
    lines: list[str] = []
    page.on("console", lambda message: message.text.startswith("askfirst") and lines.append(message.text))
    page.goto(stub.site)

    if honest:
        expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.wait_for_timeout(300)
    assert ([] if honest else ["askfirst: TypeError: Failed to fetch"]) == lines
    assert (3 if honest else 0) == page.get_by_role("button").count()


def test_a_banner_that_is_in_the_page_is_taken_over(page: Page, stub: Stub) -> None:
    """Never two questions: the server's goes as the script's comes, and also where there is an answer already."""
    stub.pages["/"] = stub.pages["/"].replace("<body>", f"<body>{WRITTEN}")
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    assert 0 == page.get_by_role("button", name="Yes").count()
    answered(page, stub)
    page.goto(stub.site)

    expect(page.get_by_role("button", name="Withdraw consent")).to_be_visible()
    assert 0 == page.get_by_role("button", name="Yes").count()


def test_with_a_mount_everything_goes_to_the_site_itself(page: Page, stub: Stub) -> None:
    """Answers are sent to the mount, and a receipt from before is written anew once in a visit."""
    stub.config["mount"] = "/askfirst"
    posts: list[str] = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    page.goto(stub.site)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("button", name="Withdraw consent")).to_be_visible()
    page.goto("about:blank")
    page.goto(f"{stub.site}/next")
    expect(page.get_by_role("button", name="Withdraw consent")).to_be_visible()
    page.wait_for_timeout(200)

    assert [f"{stub.site}/askfirst/d", f"{stub.site}/askfirst/renew"] == posts
