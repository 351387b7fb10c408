"""The editor in a browser: somebody writes a policy, looks at it, mends it, publishes it, and visitors are asked again."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.console.conftest import Console
from browser.console.test_banner_frames import framed
from browser.console.test_states import checked, opened
from support.staff import member

_DRAFT = "/console/policies/demo0001/draft"


def parts(page: Page, name: str) -> None:
    page.get_by_label("Parts of the draft").get_by_role("link", name=name).click()


def save(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


def test_writing_looking_mending_and_publishing(console: Console, desk: Callable[..., Page]) -> None:
    """Each page fits and axe-core finds nothing; the preview follows what is written, and pages what is published."""
    page = desk()
    console.sign_in(page.context, member(console.home, role="editor"))
    opened(page, console, "/console/policies", "Policies")
    page.get_by_role("link", name="Write the next policy").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Next policy of Site demo0001")
    checked(page)
    page.set_viewport_size({"width": 1280, "height": 900})

    # What is written is seen at once, before it is saved.
    parts(page, "Words")
    framed(page, "try")
    page.get_by_label("The question").fill("May we count visits?")
    page.get_by_label("The line that names").focus()
    frame = framed(page, "try", "/words/try")
    expect(frame.get_by_text("May we count visits?")).to_be_visible()
    page.get_by_label("Reject", exact=True).fill("Maybe later")
    save(page)
    beside = page.locator(".field", has=page.get_by_label("Reject", exact=True))
    expect(beside.locator(".finding.error").first).to_contain_text("ASK-")
    expect(page.get_by_label("Parts of the draft")).to_contain_text("to mend")
    checked(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    parts(page, "Publish")
    expect(page.get_by_text("ask an owner")).to_be_visible()
    page.get_by_role("link", name="texts.en.reject").first.click()
    page.get_by_label("Reject", exact=True).fill("reject in English")
    page.get_by_label("Reject", exact=True).press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Saved.")

    # Another purpose, a known service under it, its colours.
    parts(page, "Purposes")
    page.get_by_label("Purpose", exact=True).select_option(label="Marketing")
    page.get_by_role("button", name="Add the purpose").click()
    expect(page.get_by_role("heading", name="Marketing marketing")).to_be_visible()
    parts(page, "Services")
    page.get_by_label("Service", exact=True).select_option(label="Matomo")
    page.get_by_role("button", name="Add the service").click()
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Matomo")
    checked(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    for country in page.get_by_label("What it rests on").all():
        country.select_option(label="standard contractual clauses")
    save(page)
    parts(page, "Looks")
    page.get_by_label("Accept and Reject").first.fill("#0b5a6f")
    page.get_by_label("First layer").select_option(label="a box in the corner")
    checked(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    save(page)

    # The whole banner in every look; answering in it records nothing and says what it would.
    parts(page, "Preview")
    frame = framed(page, "preview")
    expect(frame.get_by_text("May we count visits?")).to_be_visible()
    page.locator("#look-language").select_option("de")
    frame = framed(page, "preview", "language=de")
    frame.get_by_role("button", name="accept für Leser").press("Enter")
    expect(page.locator("[data-answers]")).to_contain_text("✓ marketing")
    page.get_by_label("Phone, 360").check()
    assert 360 == frame.evaluate("innerWidth")
    checked(page)
    page.set_viewport_size({"width": 1280, "height": 900})

    parts(page, "Publish")
    expect(page.get_by_text("The purpose marketing is new.").first).to_be_visible()
    checked(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_label("Why it is published").fill("We begin to advertise.")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Policy 2 of Site demo0001")
    script = page.request.get(f"{console.url}/s/demo0001.js").text()
    assert "May we count visits?" in script
    assert 2 == page.request.get(f"{console.url}/p/demo0001.json").json()["revision"]
    opened(page, console, "/console/policies/demo0001/2/preview", "Policy 2 of demo0001 as visitors see it")
    opened(page, console, "/console/policies/demo0001/2/pictures", "Pictures of policy 2")
    opened(page, console, f"{_DRAFT}/answers", "Next policy")
    opened(page, console, f"{_DRAFT}/regions", "Next policy")
    opened(page, console, f"{_DRAFT}/languages", "Next policy")
    opened(page, console, f"{_DRAFT}/file", "Next policy")


def test_two_editors_and_none_with_a_script(console: Console, desk: Callable[..., Page]) -> None:
    """Everything essential works without one; the second editor finds what both wrote."""
    ann, bob = desk(java_script_enabled=False), desk()
    for page, login in ((ann, "ann@example.org"), (bob, "bob@example.org")):
        console.sign_in(page.context, member(console.home, login, role="editor"))
        page.goto(f"{console.url}{_DRAFT}/who")
    ann.get_by_label("Name", exact=True).fill("Ann's Ltd")
    ann.get_by_role("button", name="Show in the preview").click()
    expect(ann.frame_locator("iframe[name=try]").get_by_text("Ann's Ltd")).to_have_count(0)  # no script there either
    save(ann)
    bob.get_by_label("Name", exact=True).fill("Bob's Ltd")
    bob.get_by_role("button", name="Save").last.click()
    expect(bob.get_by_role("alert")).to_contain_text("Somebody else changed this draft meanwhile")
    expect(bob.get_by_label("Name", exact=True)).to_have_value("Bob's Ltd")
    expect(bob.locator(".theirs")).to_contain_text("Ann's Ltd")
    checked(bob)
    save(bob)
    ann.reload()
    expect(ann.get_by_label("Name", exact=True)).to_have_value("Bob's Ltd")
