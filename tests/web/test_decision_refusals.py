"""What POST /d/KEY refuses: a problem document that says what is wrong, and nothing stored."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.running_service import RunningService
from support.table_rows import more_rows

UNKNOWN = "0" * 64
OTHERS_ID = "CYSCKJ4-004HMAS-W9NF6Y9"
Request = Callable[[RunningService], httpx.Response]

REFUSED: dict[str, tuple[int, str, Request]] = {
    "unknown site": (404, "unknown-site", lambda s: s.post(s.decision(), "nobody01")),
    "no site key": (404, "unknown-site", lambda s: s.post(s.decision(), "UPPER")),
    "foreign origin": (403, "origin-not-allowed", lambda s: s.post(s.decision(), origin="https://evil.example")),
    "origin of another scheme": (
        403,
        "origin-not-allowed",
        lambda s: s.post(s.decision(), origin="http://www.example.org"),
    ),
    "missing origin": (403, "origin-missing", lambda s: s.post(s.decision(), origin=None)),
    "null origin": (403, "origin-missing", lambda s: s.post(s.decision(), origin="null")),
    "form": (
        415,
        "unsupported-content-type",
        lambda s: s.post(s.decision(), content_type="application/x-www-form-urlencoded"),
    ),
    "no type": (415, "unsupported-content-type", lambda s: s.post(s.decision(), content_type=None)),
    "oversized": (413, "body-too-large", lambda s: s.post(b" " * 8193)),
    "empty": (400, "malformed-body", lambda s: s.post(b"")),
    "no JSON": (400, "malformed-body", lambda s: s.post(b"{")),
    "no UTF-8": (400, "malformed-body", lambda s: s.post(b'{"v":"\xff"}')),
    "repeated member": (400, "malformed-body", lambda s: s.post(b'{"v":1,"v":1}')),
    "a list": (422, "invalid-decision", lambda s: s.post(b"[]")),
    "unknown member": (422, "invalid-decision", lambda s: s.post(s.decision(subject="X"))),
    "wrong type": (422, "invalid-decision", lambda s: s.post(s.decision(gpc=0))),
    "unknown policy": (422, "unknown-policy", lambda s: s.post(s.decision(policy=UNKNOWN))),
    "unknown build": (422, "unknown-build", lambda s: s.post(s.decision(build=UNKNOWN))),
    "unknown language": (422, "unknown-language", lambda s: s.post(s.decision(language="fr"))),
    "unknown rule": (422, "unknown-rule", lambda s: s.post(s.decision(rule="mars"))),
    "unknown purpose": (
        422,
        "unknown-purpose",
        lambda s: s.post(s.decision(purposes={"measurement": True, "embeds": True, "marketing": True})),
    ),
    "missing purpose": (422, "missing-purpose", lambda s: s.post(s.decision(purposes={"measurement": True}))),
    "method mismatch": (422, "method-mismatch", lambda s: s.post(s.decision(method="reject_all"))),
    "consent id without its receipt": (403, "receipt-required", lambda s: s.post(s.decision(consent_id=OTHERS_ID))),
    "wrong HTTP method": (
        405,
        "method-not-allowed",
        lambda s: s.request("GET", "/d/demo0001", headers={"origin": "https://www.example.org"}),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_decision_gets_a_clear_sentence_and_stores_nothing(service: RunningService, name: str) -> None:
    """Status, code, a sentence, and not one row more in any table; the same after a good decision was taken."""
    status, code, request = REFUSED[name]
    before = service.rows()

    answer = request(service)

    told = answer.json()
    assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert {"type": f"/problems/{code}", "status": status} == {key: told[key] for key in ("type", "status")}
    assert told["title"]
    assert told["detail"].endswith(".")
    assert {} == more_rows(before, service.rows())

    service.accept()
    before = service.rows()
    again = request(service)

    assert (status, told) == (again.status_code, again.json())
    assert {} == more_rows(before, service.rows())


def test_a_refusal_can_be_read_by_the_page_only_where_its_origin_is_listed(service: RunningService) -> None:
    """CORS lets the site's own pages read what was wrong, and nobody else."""
    listed = service.post(service.decision(policy=UNKNOWN))
    foreign = service.post(service.decision(), origin="https://evil.example")

    assert "https://www.example.org" == listed.headers["access-control-allow-origin"]
    assert "access-control-allow-origin" not in foreign.headers


@settings(max_examples=40)
@given(body=st.binary(max_size=400))
def test_no_bytes_whatever_break_the_door(body: bytes, shared: RunningService) -> None:
    """Arbitrary bytes are refused with a 4xx and store nothing."""
    answer = shared.post(body)

    assert 400 <= answer.status_code < 500
    assert 0 == shared.rows()["decision_seen"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One service for all generated bodies."""
    from support.places import furnish, open_home, settings_of
    from support.running_service import run_service
    from support.time_and_ids import CountedRandomness, HandClock

    home = open_home(settings_of(tmp_path_factory.mktemp("shared") / "home"), HandClock(), CountedRandomness("shared"))
    furnish(home.place)
    with run_service(home) as running:
        yield running
    home.close()
