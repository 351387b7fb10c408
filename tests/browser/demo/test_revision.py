"""A policy that goes further asks those who answered once more, and nobody twice; one that is only reworded asks nobody."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from browser.demo.conftest import Demo

Visit = Callable[..., BrowserContext]
COUNTER = {
    "id": "counter",
    "name": "Counter",
    "purpose": "measurement",
    "provider": {"name": "Counter Ltd", "country": "IE", "privacy_policy": "https://counter.example/privacy"},
    "description": {"en": "Counts how often a page is read.", "de": "Zählt, wie oft eine Seite gelesen wird."},
    "cookies": [
        {"name": "counted", "duration": "P1D", "description": {"en": "Marks today.", "de": "Merkt sich heute."}}
    ],
}


def newest(demo: Demo) -> dict[str, Any]:
    shown = json.loads(demo.askfirst("policy", "show", "demo"))
    return {name: value for name, value in shown.items() if name not in ("format", "site", "number", "revision")}


def publish(demo: Demo, file: Path, members: dict[str, Any], reason: str, page: Page) -> str:
    """Publish, wait until the service hands the new policy to pages, and return what the command said."""
    file.write_text(json.dumps(members), encoding="utf-8")
    said = demo.askfirst("policy", "publish", "demo", str(file), "--reason", reason)
    digest = said.split("digest ")[1][:64]
    for _time in range(100):
        if page.request.get(f"{demo.service}/p/demo.json").json()["policy"] == digest:
            return said
        page.wait_for_timeout(100)
    raise AssertionError("the service did not take the policy up")


def visiting(context: BrowserContext, demo: Demo) -> Page:
    # A routed request is never answered from the browser's cache, which holds a script for minutes.
    context.route("**/s/**", lambda route: route.continue_())
    page = context.new_page()
    page.goto(demo.site)
    return page


def answer(page: Page, name: str) -> None:
    with page.expect_response(lambda one: "/d/demo" in one.url and one.request.method == "POST") as got:
        page.get_by_role("button", name=name, exact=True).first.click()
    assert got.value.status in {200, 201}


def is_asked(page: Page, demo: Demo, path: str) -> bool:
    """Go to a page and tell whether the banner asks there: it, or the control that a visitor has who answered."""
    page.goto(demo.site + path)
    control = page.get_by_role("button", name="Withdraw consent").or_(
        page.get_by_role("button", name="Cookie settings")
    )
    ask = page.get_by_role("button", name="Reject", exact=True)
    expect(ask.or_(control).first).to_be_visible()
    return ask.is_visible()


def test_a_new_revision_asks_old_visitors_again_and_new_ones_once(demo: Demo, visitor: Visit, tmp_path: Path) -> None:
    """Three visitors over three policies: who answered before, who refused before, and who comes after."""
    file = tmp_path / "site.json"
    accepted, refused = visiting(visitor(), demo), visiting(visitor(), demo)
    answer(accepted, "Accept")
    answer(refused, "Reject")

    members = newest(demo)
    members["texts"]["en"]["title"] = "Information and your settings"
    said = publish(demo, file, members, "Clearer words.", accepted)
    assert "revision 1" in said
    assert "Nobody who answered is asked again." in said
    assert [False, False] == [is_asked(page, demo, "/tides") for page in (accepted, refused)]

    members["services"].append(COUNTER)
    said = publish(demo, file, members, "We also count with Counter.", accepted)
    assert "revision 2" in said
    assert "The service Counter is new under the purpose measurement." in said
    assert [True, True] == [is_asked(page, demo, "/") for page in (accepted, refused)]
    answer(accepted, "Accept")
    answer(refused, "Reject")
    after = visiting(visitor(), demo)
    assert is_asked(after, demo, "/")
    answer(after, "Accept")
    for page in (accepted, refused, after):
        assert [False, False] == [is_asked(page, demo, path) for path in ("/tides", "/")]

    by_policy = [record["policy_number"] for record in demo.records()]
    assert [3, 3, 3, 1, 1] == by_policy
