"""What compliance staff do all day, in a real browser: count, export, look after webhooks, and trust no server's word."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from browser.axe import problems
from browser.console.conftest import Console
from browser.console.test_the_day import press
from support.places import publish
from support.staff import member

Sit = Callable[..., Page]
LOOKS = ((360, "light"), (768, "dark"), (1280, "light"), (1280, "dark"))
NEW = {
    "/console/statistics": ("of 3 decisions accepted all", "von 3 Entscheidungen nahmen alles an"),
    "/console/alerts": ("Alerts", "Warnungen"),
    "/console/exports": ("Exports", "Ausfuhren"),
    "/console/holds": ("Legal holds", "Aufbewahrungs\u00adsperren"),
    "/console/retention": ("Retention", "Aufbewahrung"),
    "/console/people": ("One person", "Eine Person"),
    "/console/entries": ("What was done", "Was getan wurde"),
    "/console/webhooks": ("Webhooks", "Webhooks"),
    "/console/staff/sign-ins": ("Log of sign-ins", "Anmeldungen"),
}


def answered(console: Console) -> str:
    """Record three decisions, and return the first one's record."""
    record = str(console.service.accept()["record"])
    console.service.accept(purposes={"measurement": True, "embeds": False}, method="custom", language="de")
    console.service.refuse("shop0001")
    console.service.settle()
    console.home.clock.forward(1_000)
    return record


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_fits_and_can_be_used_by_everybody(console: Console, desk: Sit, language: str) -> None:
    """At each width, in both schemes and both languages: nothing scrolls sideways, and axe-core finds nothing."""
    answered(console)
    page = desk(locale={"en": "en-GB", "de": "de-DE"}[language])
    console.sign_in(page.context, member(console.home))
    wrong = {}
    for path, headings in NEW.items():
        page.goto(console.url + path)
        expect(page.get_by_role("heading", level=1)).to_contain_text(headings[language == "de"])
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            sideways = page.evaluate("document.documentElement.scrollWidth") > width
            if found := [*problems(page), *(["scrolls"] if sideways else [])]:
                wrong[path, width, scheme] = found
    assert {} == wrong


def test_a_month_is_exported_with_the_keyboard_and_found_again(console: Console, desk: Sit, tmp_path: Path) -> None:
    """From the rail to the file in its folder, and to the manifest that says its digest; without a script as well."""
    answered(console)
    for number, script in enumerate((True, False)):
        page = desk(java_script_enabled=script, reduced_motion="reduce", viewport={"width": 1280, "height": 900})
        console.sign_in(page.context, member(console.home, f"ann{number}@example.org", "auditor"))
        page.goto(f"{console.url}/console")
        if script:
            press(page, "Records")
            expect(page.get_by_role("heading", level=1)).to_have_text("Records")
            press(page, "Exports")
        else:
            page.get_by_role("link", name="Records", exact=True).click()
            page.get_by_role("link", name="Exports", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Exports")
        page.get_by_label("from").fill("2026-06-01")
        page.get_by_label("to, that day included").fill("2026-06-30")
        with page.expect_download() as taken:
            press(page, "Download") if script else page.get_by_role("button", name="Download").click()
        file = tmp_path / f"{number}.csv"
        taken.value.save_as(file)
        assert ("records.csv", 4) == (
            taken.value.suggested_filename,
            len(list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))),
        )
        console.service.settle()
        page.goto(f"{console.url}/console/exports")
        row = page.get_by_role("row").nth(1)
        expect(row).to_contain_text("CSV, all sites")
        with page.expect_download() as told:
            row.get_by_role("link", name="Download").click()
        beside = tmp_path / f"{number}.json"
        told.value.save_as(beside)
        assert 3 == json.loads(beside.read_bytes())["rows"]
        assert [] == (problems(page) if script else [])


def test_a_webhook_is_added_and_its_key_is_seen_once(console: Console, desk: Sit) -> None:
    """What is wrong is said at its field; an address that is not allowed is told after a try."""
    page = desk(reduced_motion="reduce")
    console.sign_in(page.context, member(console.home))
    page.goto(f"{console.url}/console/webhooks")
    expect(page.get_by_role("heading", name="No program is told of anything")).to_be_visible()
    page.get_by_label("Address").fill("https://user:word@example.org/")
    page.get_by_role("button", name="Add the webhook").click()
    expect(page.get_by_text("must be an address like https://example.org/hook")).to_be_visible()
    assert [] == problems(page)
    page.get_by_label("Address").fill("https://127.0.0.1/hook")
    page.get_by_role("button", name="Add the webhook").click()
    expect(page.get_by_role("status")).to_contain_text("The webhook is made")
    expect(page.locator("#once")).to_contain_text("whsec_")
    assert [] == problems(page)
    page.goto(f"{console.url}/console/webhooks")
    expect(page.get_by_text("whsec_")).to_have_count(0)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status")).to_contain_text("The message did not arrive at https://127.0.0.1/hook")
    assert [] == problems(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="No program is told of anything")).to_be_visible()


@pytest.mark.parametrize("altered", ["key", "policy", "proof", "receipt", "receipt_keys", "signature", "statement"])
def test_the_readers_own_browser_finds_what_a_server_altered(console: Console, desk: Sit, altered: str) -> None:
    """A page that calls a record genuine comes with a proof of which a member was altered on its way: the browser's
    own check contradicts the page.
    """
    record = answered(console)
    page = desk()
    console.sign_in(page.context, member(console.home))

    def alter(route: Route) -> None:
        answer = route.fetch()
        head, mark, rest = answer.text().partition('id="bundle">')
        bundle, end, rest = rest.partition("</script>")
        members = json.loads(bundle)
        was = members[altered]
        text = was if isinstance(was, str) else json.dumps(was)
        middle = len(text) // 2
        is_now = text[:middle] + ("B" if text[middle] == "A" else "A") + text[middle + 1 :]
        members[altered] = is_now if isinstance(was, str) else [is_now]
        told = json.dumps(members, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
        route.fulfill(response=answer, body=head + mark + told + end + rest)

    page.route(f"**/console/records/{record}", alter)
    page.goto(f"{console.url}/console/records/{record}")

    expect(page.get_by_text("Genuine: this record is entry")).to_be_visible()
    own = page.locator("#own-check")
    expect(own.get_by_role("alert")).to_contain_text("Not genuine: ")
    expect(own.get_by_role("listitem").filter(has_text="does not hold")).to_have_count(1)
    expect(own.get_by_role("status")).to_have_count(0)


WHOLE = json.loads((Path(__file__).parents[3] / "bench" / "policy.json").read_bytes())


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_words_on_the_page_are_held_against_the_signed_policy(console: Console, desk: Sit, language: str) -> None:
    """Purposes, services and cookies with their durations; the reader's browser finds each the same."""
    publish(console.home.place, "demo0001", **WHOLE)
    console.service.settle()
    asked = {one["id"]: number == 1 for number, one in enumerate(WHOLE["purposes"]) if one["id"] != "necessary"}
    record = console.service.accept(purposes=asked, method="custom", language=language)["record"]
    console.service.settle()
    console.node.refresh()
    page = desk(locale=language)
    console.sign_in(page.context, member(console.home))
    page.goto(f"{console.url}/console/records/{record}")
    own = page.locator("#own-check")

    expect(own.get_by_role("status")).to_contain_text({"en": "Genuine: ", "de": "Echt: "}[language])
    said = {"en": "words on this page are those that were signed", "de": "Worte auf dieser Seite sind die"}[language]
    expect(own.get_by_role("listitem").last).to_contain_text(said)
    assert 60 < page.locator("[data-signed]").count()
    assert [] == problems(page)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            "text in English",
            "text in Englisch",
            "this page shows “text in Englisch” where “text in English” was signed",
        ),
        (">measurement in English<", ">marketing in English<", "shows “marketing in English” where"),
        ("data-signed>✗", "data-signed>✓", "shows “✓” where “✗” was signed"),
        ("Example Ltd</span></strong>", "Another Ltd</span></strong>", "“Another Ltd” where “Example Ltd” was signed"),
        ("<span data-signed>reject in English</span>", "reject in English", "where “reject in English” was signed"),
    ],
)
def test_a_changed_word_on_the_page_is_found_by_the_readers_browser(
    console: Console, desk: Sit, was: str, now: str, said: str
) -> None:
    """The proof is whole, and the page shows something else than it proves."""
    record = str(console.service.accept(purposes={"measurement": True, "embeds": False}, method="custom")["record"])
    console.service.settle()
    page = desk()
    console.sign_in(page.context, member(console.home))

    def alter(route: Route) -> None:
        answer = route.fetch()
        head, mark, rest = answer.text().partition('id="bundle">')
        assert was in head
        route.fulfill(response=answer, body=head.replace(was, now, 1) + mark + rest)

    page.route(f"**/console/records/{record}", alter)
    page.goto(f"{console.url}/console/records/{record}")
    own = page.locator("#own-check")

    expect(own.get_by_role("alert")).to_contain_text("Not genuine: this page shows “")
    expect(own.get_by_role("alert")).to_contain_text(said)
    expect(own.get_by_role("listitem").filter(has_text="does not hold")).to_have_count(1)
    expect(own.get_by_role("listitem").filter(has_text=": holds")).to_have_count(6)
