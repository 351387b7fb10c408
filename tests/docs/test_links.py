"""Every link inside the repository leads somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docs.pages import ROOT, pages

_LINK = re.compile(r"!?\[(?:[^\]]|\n)*?\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def relative_links(page: Path) -> list[str]:
    """Return the links of a page that are not to other websites, without code."""
    found = _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8")))
    return [link for link in found if not urlsplit(link).scheme]


def headings(page: Path) -> set[str]:
    """Return the names that GitHub gives a page's headings."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A file that is there, inside the repository, and a heading that it has."""
    broken = []
    for link in relative_links(page):
        parts = urlsplit(link)
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        inside = target.is_relative_to(ROOT) and target.exists()
        if not inside or (parts.fragment and parts.fragment not in headings(target)):
            broken.append(link)

    assert [] == broken


def test_the_readme_links_what_a_newcomer_needs() -> None:
    """The pages that nobody finds by chance."""
    expected = {
        "SECURITY.md",
        "CHANGELOG.md",
        "LICENSE",
        "sdk/README.md",
        *(f"service/docs/{name}.md" for name in ("addresses", "cli", "embedding", "entries", "formats", "ledger")),
        *(f"service/docs/{name}.md" for name in ("problems", "settings", "decisions/README")),
    }

    assert expected <= set(relative_links(ROOT / "README.md"))


def test_every_decision_is_in_the_list() -> None:
    """A page that the list does not name is not found."""
    folder = ROOT / "service" / "docs" / "decisions"

    assert {page.name for page in folder.glob("0*.md")} == set(relative_links(folder / "README.md"))
