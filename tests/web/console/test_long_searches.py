"""A search that ends before it has looked through all: the page says so, and goes on."""

import re
from html import unescape

import pytest

from askfirst.usecases import search
from support.running_service import RunningService
from support.staff import desk


def test_a_search_that_found_nothing_so_far_does_not_say_that_there_is_nothing(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page leads on to what was not looked through yet, until the record is there."""
    monkeypatch.setattr(search, "_STRETCH", 2)
    monkeypatch.setattr(search, "_PATIENCE_MS", 0)
    record = service.accept(method="custom")["record"]
    for _ in range(6):
        service.home.clock.forward(1)
        service.accept()
    who, pages = desk(service), []
    place: str | None = "/console/records?method=custom"
    while place:
        pages.append(unescape(who.get(place).text))
        more = re.search(r'<a href="([^"]+)" rel="next"', pages[-1])
        place = more and more[1]

    assert "No record fits so far" in pages[0]
    assert not any("<h2>No record fits</h2>" in one for one in pages[:-1])
    assert [1] == [one.count(f'<a href="/console/records/{record}"') for one in pages if record in one]
