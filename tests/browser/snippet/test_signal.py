"""Global Privacy Control (GPC): a refusal that needs no click, shown, recorded once, and never turned into anything else (SG-1, SG-6, SG-7)."""

import dataclasses
import time
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from askfirst.texts import script_words
from browser.snippet.receipts import receipt
from browser.snippet.stub import Stub

ON = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
MARKETING = {"id": "marketing", "name": "Marketing", "description": "Shows advertisements."}
WORDS = list(script_words("en").signal.model_dump().values())
LABEL = "Global Privacy Control: opted out"
BOTH = {"marketing": True, "measurement": True}


def tie(stub: Stub, *purposes: str) -> None:
    """Tie these purposes to the signal, as a policy does with its `gpc`; `marketing` is the second purpose."""
    stub.config["gpc"] = list(purposes)
    if "marketing" in purposes:
        stub.config["purposes"].append(MARKETING)
    stub.use("gpc", WORDS)


def give(page: Page, stub: Stub, purposes: dict[str, bool], **other: Any) -> None:
    """Give the browser an answer from before."""
    value = receipt("demo", purposes, now=time.time(), **other)
    page.context.add_cookies([{"name": "askfirst-demo", "value": value, "url": stub.site}])


def allowed(page: Page) -> Any:
    """Return whether measurement and marketing may act."""
    page.wait_for_function("() => window.askfirst")
    return page.evaluate("[askfirst.allows('measurement'), askfirst.allows('marketing')]")


def wait_for_answers(page: Page, stub: Stub, count: int) -> list[Any]:
    """Wait until so many answers have arrived, and a moment for one too many; return method, purposes and signal of each."""
    for _ in range(200):
        if len(stub.decisions) >= count:
            break
        page.wait_for_timeout(25)
    page.wait_for_timeout(150)
    return [(one["method"], one["purposes"], one["gpc"]) for one in stub.decisions]


def test_a_signal_that_covers_everything_is_recorded_once(page: Page, stub: Stub) -> None:
    """Where every optional purpose is tied to it there is no question, one record for all pages, and words on each of them."""
    tie(stub, "measurement")
    page.add_init_script(ON)
    page.goto(stub.site)
    assert [("signal", {"measurement": False}, True)] == wait_for_answers(page, stub, 1)
    expect(page.get_by_text(LABEL)).to_be_visible()
    page.goto(f"{stub.site}/next")
    expect(page.get_by_text(LABEL)).to_be_visible()

    assert 1 == len(wait_for_answers(page, stub, 1))
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)


def test_it_is_shown_without_a_click_and_explained_in_the_settings(page: Page, stub: Stub) -> None:
    """The status beside the question, the sentence and the switch behind it (SG-6)."""
    tie(stub, "marketing")
    page.add_init_script(ON)
    page.goto(stub.site)
    expect(page.get_by_text(LABEL)).to_be_visible()
    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_visible()
    page.get_by_role("button", name="Information and Settings").first.click()

    expect(page.get_by_text("We treat it as your refusal of: Marketing.")).to_be_visible()
    expect(page.get_by_role("switch", name="Marketing")).not_to_be_checked()


def test_a_signal_that_covers_a_part_answers_nothing_for_the_rest(page: Page, stub: Stub) -> None:
    """Where only some purposes are tied to it the visitor is asked, and what they answer after the notice is theirs."""
    tie(stub, "marketing")
    page.add_init_script(ON)
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_visible()
    assert [] == wait_for_answers(page, stub, 0)
    page.get_by_role("button", name="Accept", exact=True).click()

    assert [("accept_all", BOTH, True)] == wait_for_answers(page, stub, 1)
    assert [True, True] == allowed(page)
    expect(page.get_by_text(LABEL)).to_have_count(0)


def test_a_signal_beats_a_grant_from_before_it_and_is_recorded_once(page: Page, stub: Stub) -> None:
    """What is tied to it is off, the rest stays, the conflict is told, and one record says so for all pages (SG-7)."""
    tie(stub, "marketing")
    give(page, stub, BOTH)
    page.add_init_script(ON)
    page.goto(stub.site)
    assert [True, False] == allowed(page)
    assert [("signal", {"marketing": False, "measurement": True}, True)] == wait_for_answers(page, stub, 1)
    assert "receipt" in stub.decisions[0]
    expect(page.get_by_text(LABEL)).to_be_visible()
    page.get_by_role("button", name="Privacy settings").click()
    expect(page.get_by_text("You once accepted: Marketing.")).to_be_visible()

    page.goto(f"{stub.site}/next")
    assert [True, False] == allowed(page)
    assert 1 == len(wait_for_answers(page, stub, 1))


def test_a_signal_that_takes_back_everything_is_a_refusal(page: Page, stub: Stub) -> None:
    """Where all that was granted is tied to it nothing is left standing."""
    tie(stub, "measurement")
    give(page, stub, {"measurement": True})
    page.add_init_script(ON)
    page.goto(stub.site)

    assert [("signal", {"measurement": False}, True)] == wait_for_answers(page, stub, 1)
    expect(page.get_by_role("button", name="Withdraw consent")).to_have_count(0)


def test_a_receipt_of_a_signal_leaves_the_rest_standing_on_every_page(page: Page, stub: Stub) -> None:
    """The second version of the receipt (formats.md, 2) is read, nothing is recorded again, and the conflict is told still."""
    tie(stub, "marketing")
    give(page, stub, {"marketing": False, "measurement": True}, v=2, m="signal", gpc=True)
    page.add_init_script(ON)
    page.goto(stub.site)
    assert [True, False] == allowed(page)
    assert [] == wait_for_answers(page, stub, 0)
    page.get_by_role("button", name="Privacy settings").click()

    expect(page.get_by_text("You once accepted: Marketing.")).to_be_visible()


def test_only_a_choice_made_after_the_notice_wins_over_it(page: Page, stub: Stub) -> None:
    """Switched on in the settings it stays on, on later pages too, and no notice claims anything else."""
    tie(stub, "marketing")
    give(page, stub, BOTH)
    page.add_init_script(ON)
    page.goto(stub.site)
    wait_for_answers(page, stub, 1)
    page.get_by_role("button", name="Privacy settings").click()
    page.get_by_role("switch", name="Marketing").click()
    page.get_by_role("button", name="Save", exact=True).click()
    assert ("custom", BOTH, True) == wait_for_answers(page, stub, 2)[1]
    page.context.clear_cookies()
    give(page, stub, BOTH, gpc=True)
    page.goto(f"{stub.site}/next")

    assert [True, True] == allowed(page)
    expect(page.get_by_text(LABEL)).to_have_count(0)
    assert 2 == len(wait_for_answers(page, stub, 2))


def test_what_an_overruled_answer_leaves_standing_starts_on_that_very_page(page: Page, stub: Stub) -> None:
    """While the signal is recorded, and whatever the page brings meanwhile; what is overruled stays held."""
    tie(stub, "marketing")
    give(page, stub, BOTH)
    held = "".join(
        f'<script type="text/plain" data-purpose="{purpose}">ran.push("{purpose}")</script>' for purpose in BOTH
    )
    stub.pages["/"] = stub.pages["/"].replace("</body>", f"<script>window.ran = []</script>{held}</body>")
    page.add_init_script(ON)
    page.goto(stub.site)
    assert 1 == len(wait_for_answers(page, stub, 1))
    page.wait_for_timeout(200)

    assert ["measurement"] == page.evaluate("ran")


CALIFORNIA = {"default": {"measurement": "opt_in"}, "us-ca": {"measurement": "opt_out"}}


@pytest.mark.parametrize("answered", [False, True])
def test_a_signal_is_recorded_under_the_rule_of_its_region(page: Page, stub: Stub, answered: bool) -> None:
    """The record waits until the service has said which that is, asks where nobody else does, and nothing acts meanwhile."""
    stub.config["rules"] = CALIFORNIA
    tie(stub, "measurement")
    if answered:
        give(page, stub, {"measurement": True})
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route("**/r/demo", hold)
    page.add_init_script(ON)
    page.goto(stub.site)
    page.wait_for_timeout(300)
    assert ([], False) == (stub.decisions, page.evaluate("askfirst.allows('measurement')"))
    (route,) = asked
    route.fulfill(json={"rule": "us-ca"}, headers={"access-control-allow-origin": "*"})

    assert [("signal", {"measurement": False}, True)] == wait_for_answers(page, stub, 1)
    assert "us-ca" == stub.decisions[0]["rule"]
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)


def test_a_region_that_nobody_names_holds_no_signal_up(page: Page, stub: Stub) -> None:
    """After three seconds it is recorded under the rule that holds where none is known, and no question is asked."""
    stub.config["rules"] = CALIFORNIA
    tie(stub, "measurement")
    page.route("**/r/demo", lambda _: None)
    page.add_init_script(ON)
    page.goto(stub.site)

    assert 1 == len(wait_for_answers(page, stub, 1))
    assert ("signal", "default") == (stub.decisions[0]["method"], stub.decisions[0]["rule"])
    expect(page.get_by_role("button", name="Privacy settings")).to_be_visible()
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)


def test_without_the_signal_nothing_is_answered_or_said(page: Page, stub: Stub) -> None:
    """The same policy without the signal asks; a site can see the signal's value only as the browser sends it."""
    tie(stub, "measurement")
    page.goto(stub.site)

    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_visible()
    expect(page.get_by_text(LABEL)).to_have_count(0)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(script_words("en"))])
def test_every_word_beside_the_policy_is_there(field: str) -> None:
    """The order of the lists is that of the models, which is what the fragments count by."""
    words = getattr(script_words("en"), field)
    expected = {
        "embed": "name would_do unanswered refused load_once load_always means_once means_always open_there failed",
        "signal": "label honoured conflict",
    }

    assert expected[field].split() == list(words.model_dump())
