"""Every page of the console in every state: it fits, axe-core finds nothing, and it says what to do."""

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy import update

from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.usecases.erase import erase_record
from askfirst.usecases.set_up import add_site
from askfirst.usecases.staff import disable_member, invite_again
from askfirst.usecases.tokens import issue_token
from askfirst.usecases.verify_ledger import verify_ledger
from browser.axe import problems
from browser.console.conftest import Console
from support.altered_log import change
from support.places import PAGE, Home, found, publish
from support.staff import PASSWORD, member

LOOKS = ((360, "light"), (768, "dark"), (1280, "light"), (1280, "dark"))
Sit = Callable[..., Page]


def checked(page: Page) -> None:
    """At each width, in both schemes: nothing scrolls sideways, and axe-core finds nothing."""
    found_wrong = {}
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found_wrong[width, scheme, "scrolls"] = [str(width)]
        if wrong := problems(page):
            found_wrong[width, scheme, "axe"] = wrong
    assert {} == found_wrong, page.url


def opened(page: Page, console: Console, path: str, heading: str) -> None:
    """Open a page, see its heading, and check it."""
    page.goto(console.url + path)
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    checked(page)


def test_the_doors(console: Console, desk: Sit) -> None:
    """Signing in, what is wrong with it, a link and a spent one."""
    ann = member(console.home)
    page = desk()
    opened(page, console, "/console/sign-in", "Sign in")
    page.get_by_label("Name").fill("ann@example.org")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This name and this password do not fit together.")
    expect(page.get_by_label("Name")).to_have_value("ann@example.org")
    checked(page)
    secret = invite_again(console.home.place.staff, 1, ann.staff_id, by=console.home.place.by).secret
    opened(page, console, f"/console/link/{secret}", "Sign in")
    opened(page, console, "/console/link/" + "0" * 64, "This link lets nobody in")
    page.goto(console.url + "/console/sign-in")
    for _ in range(6):
        page.get_by_label("Name").fill("ann@example.org")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()
        if page.get_by_role("heading", level=1).inner_text() != "Sign in":
            break
    expect(page.get_by_role("heading", level=1)).to_have_text("Too many attempts")
    checked(page)


def test_the_first_run(console_of: Callable[[Callable[[Home], None]], Console], desk: Sit) -> None:
    """Without a site, without a policy, without an answer: each page says the next step."""
    steps = []

    def furnish(home: Home) -> None:
        steps.append(found(home.place))

    console = console_of(furnish)
    home = console.home
    page = desk()
    console.sign_in(page.context, member(home))
    opened(page, console, "/console", "No decision yet today")
    expect(page.get_by_role("heading", name="There is no site yet")).to_be_visible()
    opened(page, console, "/console/policies", "Policies")
    opened(page, console, "/console/records", "Records")
    expect(page.get_by_role("heading", name="There is no record yet")).to_be_visible()
    opened(page, console, "/console/ledger", "Ledger")
    expect(page.get_by_text("Never yet.")).to_be_visible()
    opened(page, console, "/console/staff", "Staff")
    add_site(home.place.catalogue, steps[0], site_key="demo0001", name="A site", origins=(PAGE,), by=home.place.by)
    console.node.refresh()
    opened(page, console, "/console", "No decision yet today")
    expect(page.get_by_role("heading", name="No site has a policy yet")).to_be_visible()
    opened(page, console, "/console/policies", "Policies")
    expect(page.get_by_text("Nothing is asked here yet")).to_be_visible()
    publish(home.place, "demo0001")
    console.node.refresh()
    opened(page, console, "/console", "No decision yet today")
    expect(page.get_by_role("heading", name="Nobody has answered yet")).to_be_visible()
    expect(page.get_by_text(f'<script async src="{console.url}/s/demo0001.js"></script>')).to_be_visible()


def test_the_reading_pages(console: Console, desk: Sit) -> None:
    """Overview, records, a record, the ledger and the policies, full and empty, faulty and filtered."""
    home, service = console.home, console.service
    first = service.accept()["record"]
    service.accept(purposes={"measurement": True, "embeds": False}, method="custom", language="de")
    service.refuse("shop0001")
    verified = verify_ledger(home.place.directory, home.place.ledger, 1)
    said = {"holds": False, "signatures": True, "faults": ["Entry 1: x"]}
    told = {"size": verified.size, "root": verified.root.hex(), **said}
    home.place.leave(1, EntryKind.LEDGER_VERIFIED, told)
    service.settle()
    page = desk()
    console.sign_in(page.context, member(home))
    opened(page, console, "/console", "3 decisions today, 33 % accepted all")
    expect(page.get_by_role("img", name="Stacked bars, one for each of the last 30 days")).to_be_visible()
    expect(page.get_by_text("The last verification found something wrong")).to_be_visible()
    opened(page, console, "/console/records", "Records")
    opened(page, console, "/console/records?method=custom&limit=1", "Records")
    opened(page, console, "/console/records?limit=1", "Records")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    checked(page)
    opened(page, console, "/console/records?id=D21D55K-M6F5ZWD-44BNJ6V&site=demo0001", "Records")
    opened(page, console, "/console/records?refused=measurement&granted=measurement", "Records")
    expect(page.get_by_role("heading", name="No record fits")).to_be_visible()
    opened(page, console, "/console/records?id=x&method=y&from=z&to=1&site=%3Cb%3E&policy=0&nothing=1", "Records")
    assert 6 == page.locator("[aria-invalid]").count()
    opened(page, console, f"/console/records/{first}", "Accepted all")
    for fold in page.locator("details").all():
        fold.evaluate("fold => fold.open = true")
    checked(page)
    opened(page, console, "/console/ledger", "Ledger")
    opened(page, console, "/console/ledger?kind=log:closed", "Ledger")
    expect(page.get_by_role("heading", name="No entry of this kind")).to_be_visible()
    opened(page, console, "/console/ledger?kind=nonsense&before=x", "This can not be searched for")
    opened(page, console, "/console/policies", "Policies")
    opened(page, console, "/console/nothing", "Nothing is here")
    opened(page, console, f"/console/records/{UUID(int=1)}", "Nothing is here")


def test_an_altered_record_and_one_without_a_checkpoint(console: Console, desk: Sit) -> None:
    """Red words that name what is wrong, and a calm state for what is only young."""
    home, service = console.home, console.service
    record = service.accept()["record"]
    page = desk()
    console.sign_in(page.context, member(home))
    opened(page, console, f"/console/records/{record}", "Accepted all")
    expect(page.get_by_text("Stored, and not under a signed checkpoint yet.")).to_be_visible()
    service.settle()
    where = t.record.c.record_id == UUID(record).bytes
    change(home, update(t.record).where(where).values(granted="", refused=",embeds,measurement,"))
    opened(page, console, f"/console/records/{record}", "Accepted all")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Not genuine")
    expect(alert).to_contain_text("The search table says something else than the entry: granted, refused.")
    red = alert.evaluate("alert => getComputedStyle(alert).color")
    assert red != page.locator("main").evaluate("main => getComputedStyle(main).color")
    where = t.entry.c.entry_id == UUID(record).bytes
    change(home, update(t.entry).where(where).values(what=b"\xff\x00 nothing that can be read"))
    opened(page, console, f"/console/records/{record}", "Accepted all")
    expect(alert).to_contain_text("The stored content is not what was committed to")


def test_a_record_that_was_forgotten(console: Console, desk: Sit) -> None:
    """A calm page that says what is left; red words where it was not forgotten as the ledger says."""
    home, service = console.home, console.service
    record = service.accept()["record"]
    reason = "The visitor asked by letter, and named every page on which the banner had been seen."
    erase_record(home.place.forgetting, 1, record, reason=reason, by=home.place.by)
    service.settle()
    page = desk()
    console.sign_in(page.context, member(home))
    opened(page, console, f"/console/records/{record}", "Erased")
    expect(page.get_by_text("There was a decision here, and its content is gone")).to_be_visible()
    expect(page.get_by_text("test, on the command line")).to_be_visible()
    change(home, update(t.entry).where(t.entry.c.entry_id == UUID(record).bytes).values(what=b"some of it"))
    opened(page, console, f"/console/records/{record}", "Erased")
    expect(page.get_by_role("alert")).to_contain_text("this record was not forgotten as the ledger says")


def test_the_pages_about_staff(console: Console, desk: Sit) -> None:
    """People and tokens: lists, forms, what is wrong in them, and what is shown once."""
    home = console.home
    ann = member(home)
    bob = member(home, "bob@example.org", "auditor", ("demo0001",))
    page = desk()
    console.sign_in(page.context, ann)
    opened(page, console, "/console/account", "Your account")
    page.get_by_label("Your password now").fill("wrong")
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    checked(page)
    opened(page, console, "/console/staff", "Staff")
    page.get_by_role("link", name="Add a member").click()
    page.get_by_label("Name", exact=True).fill("Eve")
    page.get_by_label("Signs in as").fill("ann@example.org")
    page.get_by_role("button", name="Add and make a link").click()
    expect(page.get_by_text("This is taken.")).to_be_visible()
    checked(page)
    page.get_by_label("Signs in as").fill("eve@example.org")
    page.get_by_label("Site shop0001").check()
    page.get_by_role("button", name="Add and make a link").click()
    expect(page.get_by_role("heading", name="A link for Eve")).to_be_visible()
    checked(page)
    link = page.locator("#once").inner_text()
    opened(page, console, f"/console/staff/{UUID(bytes=ann.staff_id)}", "Ann Example")
    page.get_by_role("button", name="Disable the account").click()
    expect(page.get_by_role("alert")).to_contain_text("This is the last owner of the whole organisation")
    checked(page)
    disable_member(home.place.staff, 1, bob.staff_id, reason=None, by=home.place.by)
    opened(page, console, f"/console/staff/{UUID(bytes=bob.staff_id)}", "Ann Example")
    opened(page, console, "/console/staff/tokens/add", "Make a token")
    page.get_by_label("What it is for").fill("A nightly report")
    page.get_by_label("Days until it ends").fill("0")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_text("This must be 1 to 365.")).to_be_visible()
    checked(page)
    page.get_by_label("Days until it ends").fill("7")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("“A nightly report” is made")
    checked(page)
    issue_token(home.place.staff, 1, name="old", role="auditor", sites=("shop0001",), days=1, by=home.place.by)
    page.goto(console.url + "/console/staff")
    page.get_by_role("button", name="Revoke the token A nightly report").click()
    expect(page.get_by_text("revoked")).to_be_visible()
    checked(page)
    eve = desk()
    eve.goto(link)
    eve.get_by_role("button", name="Sign in").click()
    expect(eve.get_by_text("Eve, auditor for shop0001")).to_be_visible()
    opened(eve, console, "/console/staff", "This is not yours to open")
    opened(eve, console, "/console/ledger", "Ledger")
    expect(eve.get_by_text("The list of entries names all sites")).to_be_visible()


def test_a_lost_database_is_a_page(console: Console, desk: Sit, tmp_path: Path) -> None:
    """In the console and at its door, without a traceback; when it is back, so is everything."""
    page = desk()
    ann = member(console.home)
    console.sign_in(page.context, ann)
    opened(page, console, "/console/policies", "Policies")
    console.node.engine.dispose()
    data = console.home.settings.home / "data"
    shutil.move(data, tmp_path / "away")
    page.goto(console.url + "/console")
    expect(page.get_by_role("heading", level=1)).to_have_text("The database can not be reached")
    checked(page)
    page.goto(console.url + "/console/link/" + "0" * 64)
    expect(page.get_by_role("heading", level=1)).to_have_text("The database can not be reached")
    answer = page.request.get(console.url + "/api/v1/records", headers={"Authorization": "Bearer askfirst_" + "0" * 64})
    assert (503, "/problems/unavailable") == (answer.status, answer.json()["type"])
    shutil.move(tmp_path / "away", data)
    opened(page, console, "/console/policies", "Policies")


def test_the_console_can_be_read_without_a_script(console: Console, desk: Sit) -> None:
    """Signing in, searching, reading and proving need none; only what a script does is not offered."""
    record = console.service.accept()["record"]
    console.service.settle()
    member(console.home)
    page = desk(java_script_enabled=False)
    page.goto(f"{console.url}/console/records/{record}")
    page.get_by_label("Name").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Genuine: this record is entry")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 decision today, 100 % accepted all")
    expect(page.get_by_role("img", name="Stacked bars, one for each of the last 30 days")).to_be_visible()
    expect(page.locator("#days tbody tr")).to_have_count(30)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
