"""What other tools are told, in which order: on a first visit, after an answer, on the next page, after a withdrawal."""

import json
import time
from typing import Any

from playwright.sync_api import Page, expect

from browser.snippet.receipts import receipt
from browser.snippet.stub import Stub

MARKETING = {"id": "marketing", "name": "Marketing", "description": "Shows advertisements."}
TYPES = {
    "ad_storage": "marketing",
    "ad_user_data": "marketing",
    "ad_personalization": "marketing",
    "analytics_storage": "measurement",
    "functionality_storage": "preferences",
    "personalization_storage": "preferences",
    "security_storage": "necessary",
}
GOOGLE: dict[str, Any] = {
    "types": TYPES,
    "wait": 500,
    "event": "askfirst_decision",
    "set": {"ads_data_redaction": True},
}
# The queues as a tag would read them. Google's commands are `arguments` objects, everything else is plain.
READ = """name => (window[name]?.q ?? window[name] ?? []).map(entry =>
    Object.prototype.toString.call(entry) === '[object Arguments]' ? ['command', ...entry] : entry)"""
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"


def told(*granted: str) -> dict[str, str]:
    """Return every type of Consent Mode, granted where its purpose is among these."""
    return {name: "granted" if purpose in (*granted, "necessary") else "denied" for name, purpose in TYPES.items()}


def event(measurement: bool, marketing: bool) -> dict[str, Any]:
    return {
        "event": "askfirst_decision",
        "askfirst": {"measurement": measurement, "marketing": marketing},
    }


DEFAULT: list[Any] = [
    ["command", "consent", "default", {**told(), "wait_for_update": 500}],
    ["command", "set", "ads_data_redaction", True],
]


def open_with(page: Page, stub: Stub, part: str, settings: object, head: str = "") -> None:
    """Open a page with two optional purposes whose script has this part."""
    stub.config["purposes"].append(MARKETING)
    stub.use(part, settings)
    stub.pages["/"] = stub.pages["/"].replace("<script async", f"{head}<script async")
    page.goto(stub.site)
    page.wait_for_function("() => window.askfirst")


def press(page: Page, stub: Stub, name: str) -> None:
    """Press a button and wait until the answer has arrived, which is after everything was told."""
    before = len(stub.decisions)
    page.get_by_role("button", name=name, exact=True).click()
    while len(stub.decisions) == before:
        page.wait_for_timeout(20)


def grant(page: Page, stub: Stub, **purposes: bool) -> None:
    """Give the browser an answer from before."""
    answers = {"marketing": False, "measurement": False} | purposes
    value = receipt("demo", answers, now=time.time())
    page.context.add_cookies([{"name": "askfirst-demo", "value": value, "url": stub.site}])


def test_google_is_denied_first_and_told_of_the_answer_before_any_tag(page: Page, stub: Stub) -> None:
    """Default, then the update, then the event, then what a released tag pushes."""
    held = (
        '<script type="text/plain" data-purpose="measurement">dataLayer.push({ event: "tag" })</script>'
        '<script type="text/plain" data-purpose="marketing">dataLayer.push({ event: "tag" })</script>'
    )
    open_with(page, stub, "google", GOOGLE, held)
    assert DEFAULT == page.evaluate(READ, "dataLayer")
    press(page, stub, "Accept")
    page.wait_for_function("() => dataLayer.filter(entry => entry.event === 'tag').length === 2")

    update = ["command", "consent", "update", told("measurement", "marketing")]
    assert [*DEFAULT, update, event(True, True), {"event": "tag"}, {"event": "tag"}] == page.evaluate(READ, "dataLayer")


def test_google_hears_of_a_refusal(page: Page, stub: Stub) -> None:
    """An update that denies ends the waiting of a tag that was live from the first."""
    open_with(page, stub, "google", GOOGLE)
    press(page, stub, "Reject")

    expected = [*DEFAULT, ["command", "consent", "update", told()], event(False, False)]
    assert expected == page.evaluate(READ, "dataLayer")


def test_google_hears_of_an_earlier_answer_at_once(page: Page, stub: Stub) -> None:
    """On a later page the update follows the default without a question."""
    grant(page, stub, measurement=True)
    open_with(page, stub, "google", GOOGLE)

    expected = [*DEFAULT, ["command", "consent", "update", told("measurement")], event(True, False)]
    assert expected == page.evaluate(READ, "dataLayer")


def test_google_hears_of_a_withdrawal(page: Page, stub: Stub) -> None:
    """Denied again, in the page in which it was granted: a live tag stops without a reload."""
    grant(page, stub, measurement=True, marketing=True)
    open_with(page, stub, "google", GOOGLE)
    press(page, stub, "Withdraw consent")

    last = [["command", "consent", "update", told()], event(False, False)]
    assert last == page.evaluate(READ, "dataLayer")[-2:]


def test_a_tag_that_is_live_from_the_first_hears_of_a_withdrawal_before_the_page_ends(page: Page, stub: Stub) -> None:
    """Advanced mode beside a held tag that had run: denied at once, then the page loads again and begins denied."""
    grant(page, stub, measurement=True, marketing=True)
    page.add_init_script(
        "addEventListener('pagehide', () => sessionStorage.setItem('left', JSON.stringify(("
        + READ
        + ")('dataLayer'))))"
    )
    held = '<script type="text/plain" data-purpose="measurement">window.ran = true</script>'
    open_with(page, stub, "google", GOOGLE, held)
    page.wait_for_function("() => window.ran")
    press(page, stub, "Withdraw consent")
    page.wait_for_function("() => !window.ran && window.askfirst?.decision")

    last = [["command", "consent", "update", told()], event(False, False)]
    assert last == json.loads(page.evaluate("sessionStorage.left"))[-2:]
    assert [*DEFAULT, *last] == page.evaluate(READ, "dataLayer")


def test_global_privacy_control_keeps_google_denied(page: Page, stub: Stub) -> None:
    """A grant from before the signal is not told for what is tied to the signal, and no region begins granted."""
    grant(page, stub, measurement=True, marketing=True)
    page.add_init_script(GPC)
    stub.config["gpc"] = ["marketing"]
    regions = [{"region": ["US-CA"], "purposes": ["marketing"], "since": "2023-01-01", "until": None}]
    open_with(page, stub, "google", {**GOOGLE, "regions": regions})

    entries = page.evaluate(READ, "dataLayer")
    assert [*DEFAULT, ["command", "consent", "update", told("measurement")]] == entries[:3]


def test_google_knows_regions_where_a_rule_in_force_says_so(page: Page, stub: Stub) -> None:
    """A rule of tomorrow, or of yesterday, is none."""
    region = {"region": ["US-CA"], "purposes": ["marketing"], "since": "2023-01-01", "until": None}
    past = {**region, "region": ["US-TX"], "until": "2024-01-01"}
    future = {**region, "region": ["US-VA"], "since": "2999-01-01"}
    open_with(page, stub, "google", {**GOOGLE, "set": {}, "regions": [region, past, future]})

    california = {**told("marketing"), "region": ["US-CA"], "wait_for_update": 500}
    assert [["command", "consent", "default", california], DEFAULT[0]] == page.evaluate(READ, "dataLayer")


def test_a_default_that_stands_already_is_not_said_twice(page: Page, stub: Stub) -> None:
    """An inline default before the tag, as advanced mode needs it, stays the only one."""
    inline = "<script>dataLayer = []; (function () { dataLayer.push(arguments) })('consent', 'default', { ad_storage: 'denied' })</script>"
    open_with(page, stub, "google", GOOGLE, inline)
    press(page, stub, "Reject")

    commands = [entry[1:3] for entry in page.evaluate(READ, "dataLayer") if isinstance(entry, list)]
    # What the inline default can not say is said all the same.
    assert [["consent", "default"], ["set", "ads_data_redaction"], ["consent", "update"]] == commands


def test_microsoft_advertising_is_denied_until_it_is_granted(page: Page, stub: Stub) -> None:
    """Default, update, and another update after the withdrawal, in the spelling of its documentation."""
    open_with(page, stub, "microsoft_uet", "marketing")
    press(page, stub, "Accept")
    press(page, stub, "Withdraw consent")

    denied, granted = {"ad_storage": "denied"}, {"ad_storage": "granted"}
    expected = ["consent", "default", denied, "consent", "update", granted, "consent", "update", denied]
    assert expected == page.evaluate(READ, "uetq")


def test_microsoft_advertising_hears_of_an_earlier_grant(page: Page, stub: Stub) -> None:
    """On a later page."""
    grant(page, stub, marketing=True)
    open_with(page, stub, "microsoft_uet", "marketing")

    assert {"ad_storage": "granted"} == page.evaluate(READ, "uetq")[5]


def test_clarity_is_told_both_types_each_time(page: Page, stub: Stub) -> None:
    """In the queue that its tag leaves until it has loaded, or in one like it."""
    open_with(page, stub, "clarity", {"ad_Storage": "marketing", "analytics_Storage": "measurement"})
    press(page, stub, "Accept")
    press(page, stub, "Withdraw consent")

    denied = {"ad_Storage": "denied", "analytics_Storage": "denied"}
    granted = {"ad_Storage": "granted", "analytics_Storage": "granted"}
    assert [["command", "consentv2", state] for state in (denied, granted, denied)] == page.evaluate(READ, "clarity")


def test_clarity_that_has_loaded_is_called(page: Page, stub: Stub) -> None:
    """What stands under its name is used, not replaced."""
    open_with(
        page,
        stub,
        "clarity",
        {"ad_Storage": "marketing", "analytics_Storage": None},
        "<script>heard = []; clarity = (...command) => heard.push(command)</script>",
    )
    press(page, stub, "Accept")

    states = [{"ad_Storage": state, "analytics_Storage": "denied"} for state in ("denied", "granted")]
    assert [["consentv2", state] for state in states] == page.evaluate("heard")


def test_matomo_asks_for_tracking_consent_and_keeps_none(page: Page, stub: Stub) -> None:
    """`requireConsent` before anything; given and forgotten with the answer; never remembered in a cookie of Matomo's."""
    open_with(page, stub, "matomo", "measurement")
    press(page, stub, "Accept")
    press(page, stub, "Withdraw consent")

    assert [["requireConsent"], ["setConsentGiven"], ["forgetConsentGiven"]] == page.evaluate(READ, "_paq")


def test_matomo_hears_of_an_earlier_answer(page: Page, stub: Stub) -> None:
    """On a later page of who granted; who refused leaves it waiting."""
    grant(page, stub, measurement=True)
    open_with(page, stub, "matomo", "measurement")
    assert [["requireConsent"], ["setConsentGiven"]] == page.evaluate(READ, "_paq")

    page.context.clear_cookies()
    page.reload()
    page.wait_for_function("() => window.askfirst")
    assert [["requireConsent"]] == page.evaluate(READ, "_paq")


def test_google_is_told_whatever_stands_in_its_list(page: Page, stub: Stub) -> None:
    """An entry that is nothing keeps neither the default nor the update out of it."""
    open_with(page, stub, "google", GOOGLE, "<script>dataLayer = [null, undefined, 7]</script>")
    assert [None, None, 7, *DEFAULT] == page.evaluate(READ, "dataLayer")
    press(page, stub, "Reject")

    update = ["command", "consent", "update", told()]
    assert [None, None, 7, *DEFAULT, update, event(False, False)] == page.evaluate(READ, "dataLayer")


def test_google_is_told_in_the_list_that_is_there(page: Page, stub: Stub) -> None:
    """A page may have put one of its own in the place of the one that has the default."""
    open_with(page, stub, "google", GOOGLE)
    page.evaluate("() => { dataLayer = [{ page: 'roses' }] }")
    press(page, stub, "Reject")

    expected = [{"page": "roses"}, ["command", "consent", "update", told()], event(False, False)]
    assert expected == page.evaluate(READ, "dataLayer")


def test_a_queue_that_is_none_breaks_nothing(page: Page, stub: Stub) -> None:
    """A page whose `dataLayer` is something else hears of it in the console; the banner asks all the same."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    open_with(page, stub, "google", GOOGLE, "<script>dataLayer = 7</script>")

    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    assert 1 == len([text for text in said if text.startswith("askfirst:")]), json.dumps(said)
