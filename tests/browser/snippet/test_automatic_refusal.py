"""Tools that refuse for the visitor find Reject: by the published rules, and without any rule by looking at the page."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.snippet.stub import Stub

ROOT = Path(__file__).parents[3]
RULES = json.loads((ROOT / "service/docs/automatic-refusal.json").read_text(encoding="utf-8"))
ENGINE = ROOT / "snippet/node_modules/@duckduckgo/autoconsent/dist/autoconsent.playwright.js"
OTHER = "<section role='region'><button class='answer'>Reject this offer</button></section>"


def run(page: Page, stub: Stub, rules: dict[str, Any], **config: Any) -> list[dict[str, Any]]:
    """Open a page, let DuckDuckGo's own engine look at it with these rules, and return what it reported."""
    told: list[dict[str, Any]] = []
    settings = {
        "enabled": True,
        "autoAction": "optOut",
        "disabledCmps": [],
        "enablePrehide": False,
        "enableCosmeticRules": True,
        "detectRetries": 20,
        **config,
    }

    def heard(source: Any, message: dict[str, Any]) -> None:
        told.append(message)
        if message["type"] == "init":
            answer = {"type": "initResp", "config": settings, "rules": rules}
            source["frame"].evaluate("answer => void autoconsentReceiveMessage(answer)", answer)

    page.expose_binding("autoconsentSendMessage", heard)
    stub.pages["/"] = stub.pages["/"].replace("</main>", f"</main>{OTHER}")
    page.goto(stub.site)
    page.evaluate(ENGINE.read_text(encoding="utf-8"))
    for _ in range(200):
        if any(message["type"] in ("autoconsentDone", "autoconsentError") for message in told):
            break
        page.wait_for_timeout(50)
    return told


@pytest.mark.parametrize("layout", ["bar", "box", "dialog"])
def test_the_rule_for_duckduckgo_refuses(page: Page, stub: Stub, layout: str) -> None:
    """Its own engine finds the banner by the rule and leaves a full refusal behind, in every layout."""
    stub.config["layout"] = layout
    told = run(page, stub, {"autoconsent": [RULES["autoconsent"]]})
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert [True] == [message["result"] for message in told if message["type"] == "optOutResult"], told
    assert "Askfirst" == next(message["cmp"] for message in told if message["type"] == "popupFound")
    assert ["reject_all"] == [decision["method"] for decision in stub.decisions]


def test_the_rule_for_consent_o_matic_refuses(page: Page, stub: Stub) -> None:
    """What its detectors look for is there while the question is, and what its one action clicks is Reject."""
    rule = RULES["consentomatic"]["askfirst"]
    (detector,) = rule["detectors"]
    steps = {method["name"]: method.get("action") for method in rule["methods"]}
    looked_for = [matcher[0]["target"]["selector"] for matcher in detector.values()]
    clicked = page.locator(steps["DO_CONSENT"]["target"]["selector"])
    stub.pages["/"] = stub.pages["/"].replace("</main>", f"</main>{OTHER}")
    page.goto(stub.site)
    expect(clicked).to_have_text(["Reject"])
    assert [True, True] == [page.locator(selector).count() > 0 for selector in looked_for]
    assert 1 == page.locator(steps["HIDE_CMP"]["target"]["selector"]).count()
    assert {"HIDE_CMP", "OPEN_OPTIONS", "DO_CONSENT", "SAVE_CONSENT"} == set(steps)
    clicked.evaluate("button => button.click()")
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["reject_all"] == [decision["method"] for decision in stub.decisions]
    assert [False, False] == [page.locator(selector).count() > 0 for selector in looked_for]


def test_reject_is_found_without_any_rule(page: Page, stub: Stub) -> None:
    """Its words and its buttons are plain elements of the document, so what looks for a popup with a Reject button finds one."""
    told = run(
        page,
        stub,
        {"autoconsent": []},
        enableHeuristicDetection=True,
        heuristicMode="reject",
        heuristicPopupSearchTimeout=500,
    )
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")

    assert ["reject_all"] == [decision["method"] for decision in stub.decisions], told


def test_a_banner_of_the_websites_server_is_found_by_the_same_rules(page: Page, stub: Stub) -> None:
    """What the SDK writes into the page before any script runs has a Reject button under the same selectors."""
    stub.pages["/"] = """<!doctype html><title>Plain</title><section data-askfirst="banner" role="region">
        <form method="post" action="/answer"><button name="answer" value="accept_all">Accept</button>
        <button name="answer" value="reject_all">Reject</button></form></section>"""
    page.goto(stub.site)
    (step,) = RULES["autoconsent"]["optOut"]

    assert ["Reject"] == page.locator(step["waitForThenClick"]).all_inner_texts()
    assert step["waitForThenClick"] == RULES["consentomatic"]["askfirst"]["methods"][2]["action"]["target"]["selector"]
