"""`policy diff`, `policy show` and what `policy publish` says: what differs, and whether visitors are asked again."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from core.examples import purpose, texts
from support.command_line import CommandLine
from support.places import Home, members, publish

_BOTH = ("en", "de")
_MORE = [purpose(each, *_BOTH) for each in ("necessary", "measurement", "embeds", "marketing")]


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    """Give a site file that adds a purpose."""
    path = tmp_path / "site.json"
    path.write_text(json.dumps(members(purposes=_MORE, lifetime_days=90)))
    return path


def test_a_file_is_compared_with_the_current_policy(furnished_askfirst: CommandLine, site_file: Path) -> None:
    """A change a line, in words, then who is asked again; and the comparison stores nothing."""
    said = furnished_askfirst.does("policy", "diff", "demo0001", str(site_file))

    assert (
        f"From policy 1 to {site_file}:\n"
        "+ Purpose marketing:\n"
        "    id: marketing\n"
        "    mode: opt_in\n"
        "    name, en: marketing in English\n"
        "    name, de: marketing für Leser, „auf Deutsch“\n"
        "    description, en: marketing, described in English\n"
        "    description, de: marketing, described für Leser, „auf Deutsch“\n"
        "~ Lifetime days: “182” → “90”\n"
        "Visitors who answered are asked again:\n"
        "  The purpose marketing is new.\n"
    ) == said
    assert 2 == len(furnished_askfirst.does("policy", "list", "demo0001").splitlines())


def test_numbers_are_compared_in_the_order_they_are_given(furnished_askfirst: CommandLine, home: Home) -> None:
    """One number is compared with the current policy; a file with the number beside it."""
    publish(home.place, "demo0001", lifetime_days=90)
    publish(home.place, "demo0001", lifetime_days=60)
    path = home.settings.home.parent / "3"
    path.write_text(json.dumps(members(lifetime_days=30)))

    def values(*words: str) -> list[tuple[Any, Any]]:
        said = json.loads(furnished_askfirst.does("policy", "diff", "demo0001", *words, "--json"))
        return [(said["from"], said["to"]), *((one["before"], one["after"]) for one in said["changes"])]

    assert [("policy 1", "policy 3"), (182, 60)] == values("1")
    assert [("policy 1", "policy 2"), (182, 90)] == values("1", "2")
    assert [("policy 3", "policy 1"), (60, 182)] == values("3", "1")
    assert [("policy 1", "./3"), (182, 30)] == values("./3", "1")
    assert [("policy 3", "policy 3")] == values("3")


def test_nothing_that_differs_is_said_too(furnished_askfirst: CommandLine) -> None:
    """The same policy twice."""
    assert (
        "From policy 1 to policy 1:\nNothing differs.\nNobody who answered is asked again.\n"
        == furnished_askfirst.does("policy", "diff", "demo0001", "1")
    )


def test_publishing_says_what_changed_and_who_is_asked_again(furnished_askfirst: CommandLine, site_file: Path) -> None:
    """The same words as the comparison before."""
    said = furnished_askfirst.does("policy", "publish", "demo0001", str(site_file), "--reason", "R.", "--expect", "1")

    assert said.startswith("Policy 2 of demo0001 is published, revision 2, digest ")
    assert "~ Lifetime days: “182” → “90”\n" in said
    assert said.endswith("Visitors who answered are asked again:\n  The purpose marketing is new.\n")


def test_an_overtaken_editor_is_told_which_policy_is_the_newest(
    furnished_askfirst: CommandLine, site_file: Path, home: Home
) -> None:
    """And nothing is published."""
    publish(home.place, "demo0001", lifetime_days=60)
    words = ("policy", "publish", "demo0001", str(site_file), "--reason", "R.", "--expect")

    assert "policy 2 is the newest" in furnished_askfirst.refuses(*words, "1")
    assert 3 == len(furnished_askfirst.does("policy", "list", "demo0001").splitlines())
    assert furnished_askfirst.does(*words, "2").startswith("Policy 3 ")


class _Page(HTMLParser):
    """Every element with its attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_shows_both_layers_in_the_language(furnished_askfirst: CommandLine) -> None:
    """Words of both layers, filled in, and the facts that name the version."""
    raw = furnished_askfirst.does("policy", "show", "demo0001", "1", "--lang", "de", "--as-page")
    page = _Page(raw)

    assert raw.startswith("<!doctype html>")
    assert ("html", {"lang": "de", "dir": "ltr"}) in page.elements
    asked = "Example Ltd asks: measurement für Leser, „auf Deutsch“, embeds für Leser, „auf Deutsch“"
    words = texts("de")
    for wanted in (
        asked,
        *(words[name] for name in ("text", "accept", "reject", "settings", "title", "intro", "save")),
    ):
        assert wanted in page.text, wanted
    assert "Policy 1 of demo0001, revision 1" in page.text
    assert re.search(r"Digest [0-9a-f]{64}", page.text)


def test_a_page_is_written_from_right_to_left_where_its_language_is(
    furnished_askfirst: CommandLine, home: Home
) -> None:
    """And without a language it is in the policy's first."""
    arabic = {"languages": ["ar"], "privacy_policy": {"ar": "https://example.org/"}, "texts": {"ar": texts("ar")}}
    publish(home.place, "demo0001", purposes=[purpose(each, "ar") for each in ("necessary", "measurement")], **arabic)
    page = _Page(furnished_askfirst.does("policy", "show", "demo0001", "--as-page"))

    assert ("html", {"lang": "ar", "dir": "rtl"}) in page.elements


def test_a_page_runs_and_loads_nothing(furnished_askfirst: CommandLine, home: Home) -> None:
    """What is markup elsewhere is text here, and attributes end where they should."""
    hostile = "“&quot; onclick=x' {{ 7*7 }} javascript:alert(1)"
    service = {
        "id": "x",
        "name": hostile,
        "purpose": "embeds",
        "provider": {"name": hostile, "privacy_policy": "https://example.org/?a=1&b=%22onload=x"},
        "description": {language: f"{hostile} plays films ({language})." for language in _BOTH},
        "cookies": [
            {"name": "'&quot;", "kind": "local", "duration": "P1D", "description": dict.fromkeys(_BOTH, hostile)}
        ],
    }
    publish(home.place, "demo0001", services=[service])
    raw = furnished_askfirst.does("policy", "show", "demo0001", "--lang", "en", "--as-page")
    page = _Page(raw)

    assert page.text.count(hostile) >= 4
    assert "49" not in page.text.partition("Digest")[2].partition("\n")[2]
    assert not {"script", "img", "iframe", "link", "form", "button", "input"} & {tag for tag, _ in page.elements}
    names = {name for _tag, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on") or name in ("src", "style")}
    links = {attributes["href"] for tag, attributes in page.elements if tag == "a"}
    assert {"https://www.example.org/privacy", "https://example.org/?a=1&b=%22onload=x"} == links
    assert "default-src 'none'" in raw


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "diff of no site": (("diff", "nobody01", "1"), "No site has the key “nobody01”."),
    "diff of no policy": (("diff", "demo0001", "7"), "This site has no such policy."),
    "diff with no policy": (("diff", "demo0001", "1", "7"), "This site has no such policy."),
    "diff with a word": (("diff", "demo0001", "1", "new"), "This site has no such policy."),
    "diff of no file": (("diff", "demo0001", "nothing.json"), "nothing.json can not be read: No such file"),
    "zero": (("show", "demo0001", "0"), "This site has no such policy."),
    "another spelling": (("show", "demo0001", "01"), "This site has no such policy."),
    "another digit": (("show", "demo0001", "١"), "This site has no such policy."),
    "no such language": (("show", "demo0001", "--lang", "fr", "--as-page"), "no texts in the language “fr”"),
    "a language without a page": (("show", "demo0001", "--lang", "de"), "--lang is for a page only; add --as-page"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_there_is_told_in_a_sentence(furnished_askfirst: CommandLine, name: str) -> None:
    """Exit code 1 and nothing on standard output."""
    words, wanted = REFUSED[name]

    assert wanted in furnished_askfirst.refuses("policy", *words)
