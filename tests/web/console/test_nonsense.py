"""Whatever an address asks for, the console answers with a page."""

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.running_service import RunningService
from support.staff import Desk, desk

PATHS = ("", "/records", "/ledger", "/policies", "/account", "/sign-in", "/staff")
NAMES = ("id", "site", "from", "to", "method", "granted", "refused", "policy", "language", "cursor", "limit", "kind")
OTHERS = ("before", "next", "done", "consent_id", "record")
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["0001-01-01", "9999-12-31T23:59:59.999999Z", "2026-W01", "2026-01-01T00:00:00+99:99", "9" * 30, "1_0", "١"]
    ),
    st.uuids().map(str),
    st.integers().map(str),
)


@pytest.fixture(scope="module")
def who(shared_service: RunningService) -> Desk:
    """Give one owner to all examples."""
    return desk(shared_service, login="nonsense@example.org")


@settings(max_examples=200)
@given(path=st.sampled_from(PATHS), query=st.lists(st.tuples(st.sampled_from(NAMES + OTHERS), VALUES), max_size=5))
def test_no_query_brings_a_page_down(who: Desk, path: str, query: list[tuple[str, str]]) -> None:
    """200 or 400, 404 where a cursor is none that a search gave, and nothing of the inside is told."""
    answer = who.get(f"/console{path}?{urlencode(query, errors='surrogatepass')}")

    named = [name for name, _value in query]
    assert answer.status_code in ((200, 400, 404) if "cursor" in named else (200, 400))
    assert "Traceback" not in answer.text
    assert answer.text.startswith("<!doctype html>")
