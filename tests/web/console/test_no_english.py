"""No page of the console in German says anything in English that the language files have words for."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser

import pytest

from askfirst.usecases.holds import place_hold
from askfirst.usecases.tokens import issue_token
from askfirst.usecases.webhooks import add_webhook
from askfirst.web.console.language import languages
from support.running_service import RunningService
from support.staff import desk

_SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-label", "data-busy")
_OTHERS = {"Deutsch", "English"}
PAGES = (
    "",
    "/statistics",
    "/statistics?from=x&to=y&site=z&q=1",
    "/statistics?from=2026-01-01&to=2026-01-02",
    "/alerts",
    "/records",
    "/records?id=x&method=y&from=z&policy=0&origin=x&rule=-&language=!",
    "/records?refused=measurement&granted=measurement",
    "/records/RECORD",
    "/records/00000000-0000-0000-0000-000000000001",
    "/exports",
    "/exports/file?from=x&format=y&service=z",
    "/holds",
    "/retention",
    "/people",
    "/people?done=erased",
    "/people/RECORD",
    "/people/RECORD/erase",
    "/ledger",
    "/ledger?kind=log:closed",
    "/entries",
    "/entries?kind=page:viewed",
    "/entries?kind=x&staff=%07&site=-&from=z",
    "/entries?to=2026-01-01",
    "/webhooks",
    "/policies",
    "/policies/demo0001/1",
    "/policies/demo0001/1/pictures",
    "/policies/demo0001/draft",
    "/policies/demo0001/draft/publish",
    "/staff",
    "/staff/add",
    "/staff/tokens/add",
    "/staff/sign-ins",
    "/account",
    "/nothing",
)


class _Texts(HTMLParser):
    """Collects what a page says, text by text; what an element marks as another language or as code is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        foreign = tag != "html" and given.get("lang") not in (None, "de")
        if self._skipped or tag in ("script", "style", "code", "pre", "textarea") or foreign:
            if tag not in ("br", "hr", "input", "img", "link", "meta", "path", "rect"):
                self._skipped.append(tag)
            return
        self.found += [value for name in _SPOKEN if (value := given.get(name))]

    def handle_endtag(self, tag: str) -> None:
        if self._skipped and tag == self._skipped[-1]:
            self._skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self._skipped and data.strip():
            self.found.append(" ".join(data.split()))


def _forms(tag: str) -> Iterator[tuple[str, str]]:
    for section, named in languages()[tag].messages.items():
        for name, message in named.items():
            for form in [message] if isinstance(message, str) else message.values():
                yield f"{section}.{name}", form


@cache
def _english() -> list[tuple[str, re.Pattern[str]]]:
    """Return every text of the English file that German has another for, with anything where a value stands."""
    german = {form for _key, form in _forms("de")}
    found = []
    for key, form in _forms("en"):
        for part in re.split(r"<[^>]*>|\{link\}|\{keys\}|\{jwks\}", form):
            plain = re.sub(r"\{\w*\}", "\x00", part.replace("{{", "{").replace("}}", "}")).strip()
            # What is hardly more than its values fits anything; what both languages say is no leak.
            if form not in german and len(re.findall(r"[A-Za-z]{2,}", plain)) >= 2:
                found.append((key, re.compile(".*".join(map(re.escape, plain.split("\x00"))), re.DOTALL)))
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_german_page_has_no_english_text(service: RunningService, path: str) -> None:
    """Each text of the page is held against everything that the English file says."""
    place = service.home.place
    record = service.accept()["record"]
    service.refuse("shop0001")
    place_hold(place.forgetting, 1, site="shop0001", known_sites=["shop0001"], reason="Ein Verfahren.", by=place.by)
    issue_token(place.staff, 1, name="Bericht", role="auditor", sites=None, days=1, by=place.by)
    add_webhook(
        service.node.live.webhooks,
        place.ledger,
        1,
        url="https://hook.example.org/x",
        events=("decision.recorded",),
        sites=None,
        known_sites=("demo0001",),
        by=place.by,
    )
    service.settle()
    answer = desk(service).get(f"/console{path.replace('RECORD', record)}", accept_language="de")
    said = _Texts()
    said.feed(answer.text)
    leaks = [
        (text, key)
        for text in said.found
        if text not in _OTHERS
        for key, english in _english()
        if english.fullmatch(text)
    ]

    assert '<html lang="de">' in answer.text
    assert [] == leaks


def test_an_english_page_is_full_of_what_would_be_a_leak(service: RunningService) -> None:
    """The look for leaks finds them where they are."""
    said = _Texts()
    said.feed(desk(service).get("/console/statistics").text)

    assert any(english.fullmatch(text) for text in said.found for _key, english in _english())
