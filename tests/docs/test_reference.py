"""The reference pages are what the code says, whole."""

import re

import pytest

from askfirst.app import build_app
from askfirst.core.kinds import EntryKind
from askfirst.core.rules import RULES
from askfirst.node import Node
from askfirst.settings import PREFIX, Settings
from askfirst.usecases.record_filters import PARAMETERS
from askfirst.web.problems import STATUS
from docs.pages import DOCS, pages, reference
from support.places import Home

REFERENCE = reference()


@pytest.mark.parametrize("name", REFERENCE.PAGES)
def test_a_committed_page_is_what_the_code_gives(name: str) -> None:
    """Who changes a setting, a command, an entry or a problem runs `make docs`."""
    assert REFERENCE.PAGES[name]() == (DOCS / name).read_text(encoding="utf-8")


def test_nothing_is_left_out() -> None:
    """Every setting, entry kind, problem and rule has its line."""
    listed = {
        "settings.md": {f"| `{PREFIX}{name.upper()}` |" for name in Settings.model_fields},
        "entries.md": {f"## `{kind}`" for kind in EntryKind},
        "problems.md": {f"| `{code}` |" for code in STATUS},
        "rules.md": {f"| `{rule.id}` | {rule.severity} |" for rule in RULES},
    }

    missing = {(page, line) for page, lines in listed.items() for line in lines if line not in REFERENCE.PAGES[page]()}

    assert set() == missing


def test_every_command_is_listed_with_its_options() -> None:
    """Commands below commands too."""
    page = REFERENCE.cli_page()

    assert "## `askfirst ledger verify`" in page
    assert "| `--consent-id` | text |  | Consent id that the visitor quotes. |" in page
    assert "    askfirst audit show RECORD [OPTIONS]" in page


def test_every_setting_has_a_meaning() -> None:
    """A setting without a description is not documented, whatever page it is on."""
    assert [] == [name for name, field in Settings.model_fields.items() if not field.description]


def test_every_address_is_in_the_docs(home: Home) -> None:
    """What the application answers is named on some page; the console's addresses all stand under one."""
    written = "\n".join(page.read_text(encoding="utf-8") for page in pages())
    app = build_app(Node(home.settings, clock=home.clock, random=home.random))
    addresses = {str(getattr(route, "path", "")) for route in app.routes}
    addresses = {"/console" if path.startswith("/console") else path for path in addresses}

    unnamed = {path for path in addresses if not re.search(_as_written(path), written)}

    assert len(addresses) > 10
    assert set() == unnamed


def test_every_parameter_of_the_search_is_in_the_docs() -> None:
    """The table of addresses.md is complete."""
    table = (
        (DOCS / "addresses.md").read_text(encoding="utf-8").partition("| parameter | finds |")[2].partition("\n\n")[0]
    )

    assert sorted(PARAMETERS) == sorted(
        name
        for line in table.splitlines()
        for name in re.findall(r"`(\w+)`", line.split("|")[1] if "|" in line else "")
    )


def _as_written(path: str) -> str:
    """Return a pattern: pages write `KEY` or `{site}` where a path has a parameter, and any rest for `{x:path}`."""
    parts = re.split(r"(\{[^}]+\})", path)
    return "".join(_parameter(part) if part.startswith("{") else re.escape(part) for part in parts) + r"(?![\w/])"


def _parameter(part: str) -> str:
    return r"[^\s`]+" if part.endswith(":path}") else r"([A-Z]+|\{\w+\})"
