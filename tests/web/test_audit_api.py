"""The audit API: by token, role and site, and every look is an entry."""

import pytest

from askfirst.usecases.tokens import issue_token
from support.running_service import RunningService
from support.table_rows import more_rows

pytestmark = pytest.mark.each_database

DAY_MS = 86_400_000


def token(
    service: RunningService, role: str = "auditor", sites: tuple[str, ...] | None = None, slug: str = "example"
) -> str:
    place = service.home.place
    return issue_token(
        place.staff,
        place.organisation(slug).log_id,
        name="a test",
        role=role,
        sites=sites,
        days=1,
        by=place.by,
    )


def test_an_auditor_finds_a_decision_by_consent_id_and_sees_it_whole(service: RunningService) -> None:
    """What was shown, what was chosen, and whether it is genuine."""
    answer = service.accept()
    service.refuse()
    service.settle()
    bearer = f"Bearer {token(service)}"
    listed = service.get("/api/v1/records", authorization=bearer).json()["records"]
    wanted = next(one for one in listed if one["record"] == answer["record"])
    found = service.get(f"/api/v1/records?consent_id={wanted['consent_id'].lower()}", authorization=bearer).json()
    shown = service.get(f"/api/v1/records/{answer['record']}", authorization=bearer).json()

    assert [answer["record"]] == [one["record"] for one in found["records"]]
    assert answer["receipt"] == shown["receipt"]
    assert shown["genuine"]
    assert ("en", "text in English") == (shown["asked"]["language"], shown["asked"]["texts"]["text"])
    assert "https://www.example.org" == shown["what"]["origin"]


def test_every_look_leaves_one_entry(service: RunningService) -> None:
    """A search and a record page are entries; a refused request is none."""
    bearer = f"Bearer {token(service)}"
    before = service.rows()
    service.get("/api/v1/records", authorization=bearer)
    service.get("/api/v1/records?limit=0", authorization=bearer)

    assert {"entry": 1, "pending": 1, "deed": 1} == more_rows(before, service.rows())


def test_nobody_sees_whether_another_organisations_record_exists(service: RunningService) -> None:
    """A foreign record, a record of another site and no record at all get the very same answer."""
    answer = service.accept()
    path = f"/api/v1/records/{answer['record']}"
    nothing = service.get(
        "/api/v1/records/01a20aef-e208-7929-b951-6e85f1df37f6", authorization=f"Bearer {token(service)}"
    )
    foreign = service.get(path, authorization=f"Bearer {token(service, slug='other')}")
    elsewhere = service.get(path, authorization=f"Bearer {token(service, sites=('shop0001',))}")

    assert 404 == nothing.status_code
    assert nothing.content == foreign.content == elsewhere.content


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer askfirst_nothing", "Basic eDp5", "Bearer ü"])
def test_without_a_good_token_nothing_is_told(service: RunningService, header: str) -> None:
    """401 with a challenge."""
    answer = service.request("GET", "/api/v1/records", headers={"authorization": header.encode()})

    assert (401, "/problems/unauthorized") == (answer.status_code, answer.json()["type"])
    assert "www-authenticate" in answer.headers


def test_an_expired_token_is_no_token(service: RunningService) -> None:
    """Tokens end by themselves."""
    bearer = f"Bearer {token(service)}"
    service.home.clock.forward(DAY_MS)

    assert 401 == service.get("/api/v1/records", authorization=bearer).status_code


def test_an_editor_is_no_auditor(service: RunningService) -> None:
    """Who publishes policies does not thereby see visitors' records."""
    assert 403 == service.get("/api/v1/records", authorization=f"Bearer {token(service, 'editor')}").status_code


def test_a_bad_query_names_every_fault(service: RunningService) -> None:
    """All that is wrong at once, so that one round is enough."""
    query = "limit=0&from=x&unknown=1&granted=UPPER&consent_id=123&cursor=y&method=z&method=z"
    answer = service.get(f"/api/v1/records?{query}", authorization=f"Bearer {token(service)}")

    told = {fault["member"] for fault in answer.json()["errors"]}
    assert 400 == answer.status_code
    assert {"limit", "from", "unknown", "granted", "consent_id", "cursor", "method"} == told


def test_pages_neither_repeat_nor_skip_while_new_records_arrive(service: RunningService) -> None:
    """The cursor is a key and not a count."""
    bearer = f"Bearer {token(service)}"
    made = []
    for _ in range(5):
        made.append(service.accept()["record"])
        service.home.clock.forward(1)
    first = service.get("/api/v1/records?limit=3", authorization=bearer).json()
    service.accept()
    second = service.get(f"/api/v1/records?limit=3&cursor={first['cursor']}", authorization=bearer).json()

    assert made[::-1] == [one["record"] for one in first["records"] + second["records"]]
    assert second["cursor"] is None
