"""The embed line with integrity values: as the service prints it, in the page's language, with the page's nonce."""

import base64
import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from askfirst.pinned_line import pinned_line
from askfirst.snippet_files import read_snippet
from askfirst_sdk import Askfirst
from askfirst_sdk.errors import ConfigurationError
from askfirst_sdk.page import Page
from askfirst_sdk.pins import Pins
from askfirst_sdk.testing import no_answer
from sdk.mounted import SITE
from sdk.test_tags import Parsed
from support.served import Served


@pytest.fixture(scope="module")
def lines(web_service: Served) -> list[str]:
    """Give what the service prints for two languages."""
    live = web_service.home.place.directory().sites[SITE].current
    assert live is not None
    url = web_service.home.settings.public_url
    return [pinned_line(live.policy, live.digest, one, read_snippet(), url) for one in ("en", "de")]


@pytest.mark.parametrize(("wanted", "number"), [("de", 1), ("de-AT", 1), ("en", 0), ("fr", 0), (None, 0)])
def test_the_line_is_the_pinned_one_in_the_nearest_language(
    reader: Askfirst, lines: list[str], wanted: str | None, number: int
) -> None:
    """To the letter, and with the page's nonce."""
    pins = Pins("\n".join(lines) + "\n", site=SITE)
    plain = Page(reader, no_answer(), language=wanted).embed(pins)
    with_nonce = Page(reader, no_answer(), language=wanted, nonce='"><').embed(pins)

    assert Parsed(lines[number]).elements == Parsed(plain).elements
    assert Parsed(lines[number]).elements[0][1] | {"nonce": '"><'} == Parsed(with_nonce).elements[0][1]


def test_the_values_are_those_of_what_is_served(web_service: Served, lines: list[str]) -> None:
    """A browser that checks them runs what the service has."""
    (_, attributes), *_ = Parsed(Pins(lines[0], site=SITE).tag()).elements

    def served(address: str | None) -> bytes:
        path = urlsplit(address or "").path
        return httpx.get(f"{web_service.url}{path}", headers={"accept-encoding": "identity"}).content

    code, config = served(attributes["src"]), served(attributes["data-config"])

    assert "sha384-" + base64.b64encode(hashlib.sha384(code).digest()).decode() == attributes["integrity"]
    assert "sha256-" + base64.b64encode(hashlib.sha256(config).digest()).decode() == attributes["data-check"]


def test_a_file_of_lines_is_read(lines: list[str], tmp_path: Path) -> None:
    """As `askfirst site embed` was redirected into it."""
    (tmp_path / "pins.txt").write_text("\n".join(lines), encoding="utf-8")

    assert Parsed(lines[1]).elements == Parsed(Pins.read(tmp_path / "pins.txt", site=SITE).tag("de")).elements


def test_what_is_no_pinned_line_is_told_at_start(lines: list[str]) -> None:
    """With the number of the line and the command that prints one; nothing of it can reach a page."""
    first = lines[0]
    for text, said in (
        ("", "line|none"),
        ("<script>alert(1)</script>", "line 1"),
        (first + "\n<script async src='x'></script>", "line 2"),
        (first.replace("sha384-", 'sha384-"onload="x'), "line 1"),
        (first.replace("/b/", "/b/../"), "line 1"),
        (first.replace("http", "javascript", 1), "line 1"),
        (first + "x", "line 1"),
        ("\n" * 70_000, "line 1"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            Pins(text, site=SITE)
    with pytest.raises(ConfigurationError, match="of the site"):
        Pins(first, site="other001")
    with pytest.raises(ConfigurationError):
        Pins(first, site="../x")


def test_a_mount_serves_its_own_script(reader: Askfirst, lines: list[str]) -> None:
    """Two ways at once would load two banners."""
    with pytest.raises(ConfigurationError, match="mount"):
        Page(reader, no_answer(), mount="/askfirst").embed(Pins(lines[0], site=SITE))
