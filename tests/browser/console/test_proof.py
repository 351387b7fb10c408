"""From the record to the proof: checked in the auditor's own browser, taken along, and opened from a file without a network."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.axe import problems
from browser.console.conftest import Console
from browser.pictures import picture
from core.make_vectors import FOLDER
from support.staff import member

Sit = Callable[..., Page]
VECTORS = json.loads((FOLDER / "document.json").read_bytes())
SAID = {
    "form": "this file is no proof bundle",
    "proof": "the proof in this file can not be read",
    "place": "is not the entry that stands at this place in the log",
    "signature": "the checkpoint in this file is not signed with the log's key",
    "keys": "the keys in this file are not the ones that log, receipt and statement need",
    "receipt": "the receipt's signature does not hold",
    "receipt-other": "it says something else than the record",
    "policy": "the policy in this file is not the one that was shown",
    "statement": "the statement is not the one that the service signed",
}


def test_an_auditor_takes_a_proof_along(console: Console, desk: Sit, tmp_path: Path) -> None:
    """The record's page checks itself; the page that is downloaded does so again, offline, in both languages, on paper."""
    record = console.service.accept(purposes={"measurement": True, "embeds": False}, method="custom")["record"]
    console.service.settle()
    page = desk(viewport={"width": 1280, "height": 900})
    console.sign_in(page.context, member(console.home))
    page.goto(f"{console.url}/console/records/{record}")
    own = page.locator("#own-check")
    expect(own.get_by_role("status")).to_contain_text("Genuine: this record stands in the log")
    assert 7 == own.get_by_text(": holds").count()
    # A step is a line to be read, not a column of letters.
    assert 32 >= max(step.bounding_box()["height"] for step in own.get_by_role("listitem").all())  # type: ignore[index]
    assert [] == problems(page)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Proof as a page").click()
    file = tmp_path / taken.value.suggested_filename
    taken.value.save_as(file)
    assert f"{record}.proof.html" == file.name

    offline = desk(viewport={"width": 1280, "height": 900}, offline=True)
    asked: list[str] = []
    offline.on("request", lambda request: asked.append(request.url))
    offline.goto(file.as_uri())
    verdict = offline.locator("#verdict")
    expect(verdict).to_contain_text("Genuine: this record stands in the log as it is shown here")
    expect(offline.get_by_role("row", name="measurement in English")).to_contain_text("granted")
    expect(offline.get_by_role("row", name="embeds in English")).to_contain_text("refused")
    expect(offline.locator(".asked")).to_contain_text("text in English Example Ltd asks: measurement in English")
    expect(offline.get_by_role("heading", name="What it does not prove")).to_be_visible()
    expect(offline.get_by_text("Who clicked. Outside a browser")).to_be_visible()
    assert [file.as_uri()] == asked
    keys = console.service.get("/log/example/keys").text.split()
    assert 2 == len(keys)
    for key in keys:
        expect(offline.get_by_role("definition").filter(has_text=key)).to_be_visible()
    expect(offline.get_by_text("Compare each of them with those that the service publishes")).to_be_visible()
    for width, scheme in ((360, "light"), (1280, "dark")):
        offline.set_viewport_size({"width": width, "height": 900})
        offline.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert offline.evaluate("document.documentElement.scrollWidth") <= width
    picture(offline, "proof-page.png")
    offline.get_by_role("button", name="Deutsch").click()
    expect(verdict).to_contain_text("Echt: Dieser Nachweis steht so im Protokoll")
    expect(offline.get_by_role("heading", name="Was es nicht beweist")).to_be_visible()
    assert "de" == offline.locator("html").get_attribute("lang")
    assert offline.pdf(prefer_css_page_size=True).startswith(b"%PDF")

    altered = tmp_path / "altered.html"
    altered.write_bytes(file.read_bytes().replace(b"Example Ltd", b"Example Inc"))
    offline.goto(altered.as_uri())
    expect(offline.get_by_role("alert")).to_contain_text("the policy in this file is not the one that was shown")
    expect(offline.get_by_text("Example Inc")).to_have_count(0)


def test_each_altered_member_is_told_in_the_browser(console: Console, desk: Sit, tmp_path: Path) -> None:
    """Every example that must not hold, in one page after the other: the right sentence, and nothing else is shown."""
    record = console.service.accept()["record"]
    console.service.settle()
    page = desk()
    console.sign_in(page.context, member(console.home))
    frame = page.request.get(f"{console.url}/console/records/{record}/proof").text()
    head, _, rest = frame.partition('id="bundle">')
    tail = rest.partition("</script>")[2]
    for number, example in enumerate(VECTORS["rejects"]):
        file = tmp_path / f"{number}.html"
        shown = example["document"].replace("<", "\\u003c") if example["step"] == "form" else example["document"]
        file.write_text(f'{head}id="bundle">{shown}</script>{tail}', encoding="utf-8")
        page.goto(file.as_uri())
        expect(page.get_by_role("alert")).to_contain_text(SAID[example["step"]])
        expect(page.get_by_role("heading", name="What was answered")).to_have_count(0)


def test_a_browser_that_can_not_check_says_so(console: Console, desk: Sit, tmp_path: Path) -> None:
    """Without Ed25519 nothing was checked, so nothing is shown."""
    record = console.service.accept()["record"]
    console.service.settle()
    page = desk()
    console.sign_in(page.context, member(console.home))
    file = tmp_path / "proof.html"
    file.write_bytes(page.request.get(f"{console.url}/console/records/{record}/proof").body())
    page.add_init_script("crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))")
    page.goto(file.as_uri())

    expect(page.get_by_role("alert")).to_contain_text("This browser can not check Ed25519 signatures")
    expect(page.get_by_role("heading", name="What was answered")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_console_in_german(console: Console, desk: Sit, scripts: bool) -> None:
    """Every page says it in German, with a script or without, and the switch leads back."""
    record = console.service.accept()["record"]
    console.service.settle()
    page = desk(locale="de-DE", java_script_enabled=scripts)
    console.sign_in(page.context, member(console.home))
    for path, said in (
        ("", "1 Entscheidung heute"),
        ("/records", "Nachweise"),
        (f"/records/{record}", "Alles angenommen"),
        ("/ledger", "Protokoll"),
        ("/policies", "Richtlinien"),
        ("/staff", "Personal"),
        ("/account", "Ihr Konto"),
    ):
        page.goto(f"{console.url}/console{path}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(said)
        if scripts:
            assert [] == problems(page), path
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
