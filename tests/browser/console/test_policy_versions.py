"""Versions of a policy side by side in a browser: every state fits, axe-core finds nothing, the form compares."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from askfirst.usecases.directory import index
from askfirst.usecases.policy_page import policy_page
from browser.console.conftest import Console
from browser.console.test_states import checked, opened
from core.examples import purpose, texts, whole
from support.places import publish
from support.staff import member

_BOTH = ("en", "de")


def _service(name: str, *durations: str) -> dict[str, object]:
    return {
        "id": name.lower(),
        "name": name,
        "purpose": "embeds",
        "provider": {"name": f"{name} Operations International Limited", "country": "US"},
        "description": dict.fromkeys(_BOTH, "Plays films in the page and counts how often they were played."),
        "cookies": [
            {"name": f"{name}_{each}", "duration": each, "description": dict.fromkeys(_BOTH, "Tells browsers apart.")}
            for each in durations
        ],
        "transfers": [{"country": "US", "basis": "adequacy"}],
    }


def test_two_versions_side_by_side(console: Console, desk: Callable[..., Page]) -> None:
    """The first one alone, a version with causes, one against a later one, and the same twice."""
    home = console.home
    told = {
        language: texts(language) | {"text": f"We count visits ({language}). " * 40 + "May we?"} for language in _BOTH
    }
    home.clock.forward(60_000)
    publish(
        home.place,
        "demo0001",
        purposes=[purpose(each, *_BOTH) for each in ("necessary", "measurement", "embeds", "marketing")],
        services=[_service("Films", "P1Y", "P13M")],
        texts=told,
        lifetime_days=90,
    )
    home.clock.forward(60_000)
    arabic = ("en", "ar")
    publish(
        home.place,
        "demo0001",
        languages=arabic,
        privacy_policy=dict.fromkeys(arabic, "https://www.example.org/" + "very-long-address-" * 12),
        purposes=[purpose(each, *arabic) for each in ("necessary", "measurement", "embeds")],
        texts={language: texts(language) for language in arabic},
    )
    console.node.refresh()
    page = desk()
    console.sign_in(page.context, member(home))
    page.goto(f"{console.url}/console/policies")
    page.get_by_role("link", name="Policy 2 of Site demo0001").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Policy 2 of Site demo0001")
    checked(page)
    for fold in page.locator("main details").all():
        fold.evaluate("fold => fold.open = true")
    checked(page)
    expect(page.get_by_text("The purpose marketing is new.").first).to_be_visible()
    page.get_by_label("Compare policy 2 with").select_option("3")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Policy 3 and policy 2")).to_be_visible()
    checked(page)
    opened(page, console, "/console/policies/demo0001/3", "Policy 3")
    opened(page, console, "/console/policies/demo0001/3?against=3", "Policy 3")
    expect(page.get_by_role("heading", name="Nothing differs")).to_be_visible()
    opened(page, console, "/console/policies/demo0001/1", "Policy 1")
    expect(page.get_by_role("heading", name="This was the first policy")).to_be_visible()
    opened(page, console, "/console/policies/demo0001/9", "Nothing is here")


def test_a_policy_as_a_page_fits_in_each_direction(console: Console, desk: Callable[..., Page], tmp_path: Path) -> None:
    """The file that `policy show --as-page` writes: no script, nothing loaded, both layers readable."""
    publish(console.home.place, "demo0001", override=["RG-2.duration", "SG-8.control"], **whole())
    live = index(console.home.place.catalogue.snapshot()).sites["demo0001"].current
    assert live is not None
    page = desk()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for language in ("ar", "de"):
        path = tmp_path / f"{language}.html"
        path.write_text(policy_page(live, language, published="today"), encoding="utf-8")
        page.goto(path.as_uri())
        checked(page)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        assert ("rtl" if language == "ar" else "ltr") == page.evaluate("getComputedStyle(document.body).direction")

    assert all(url.startswith("file:") for url in asked)
    assert 2 == len(asked)
