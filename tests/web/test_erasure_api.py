"""Forgetting over the API, and what staff see of it afterwards."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from askfirst.usecases.tokens import issue_token
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.subject import consent_id
from askfirst_sdk.token import claimed_payload
from support.running_service import RunningService
from support.staff import desk
from support.table_rows import more_rows

pytestmark = pytest.mark.each_database
WHY = "The visitor asked."


def bearer(
    service: RunningService, role: str = "owner", sites: tuple[str, ...] | None = None, slug: str = "example"
) -> str:
    place = service.home.place
    log_id = place.organisation(slug).log_id
    return "Bearer " + issue_token(place.staff, log_id, name="t", role=role, sites=sites, days=1, by=place.by)


def post(service: RunningService, body: Any, authorization: str, kind: str = "application/json") -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"authorization": authorization, "content-type": kind}
    return service.request("POST", "/api/v1/erasures", content=content, headers=headers)


def consent_of(answer: dict[str, Any]) -> str:
    subject = parse_receipt(claimed_payload(answer["receipt"])).subject
    assert subject is not None
    return consent_id(subject)


@pytest.mark.parametrize("by", ["consent_id", "record", "receipt"])
def test_an_owner_erases_and_everybody_sees_the_tombstone(service: RunningService, by: str) -> None:
    """By what the visitor can quote; afterwards lists, pages and the subject's download have nothing more."""
    answer = service.accept()
    name = {"consent_id": consent_of(answer).lower(), "record": answer["record"], "receipt": answer["receipt"]}[by]
    owner = bearer(service)
    held = service.get(f"/api/v1/subjects/{consent_of(answer)}", authorization=owner).json()
    done = post(service, {by: name, "reason": WHY}, owner)
    service.settle()
    shown = service.get(f"/api/v1/records/{answer['record']}", authorization=owner).json()
    followed = service.get("/api/v1/erasures", authorization=owner).json()
    entry = followed["erasures"][0]["entry"]

    assert [answer["record"]] == [one["record"] for one in held["records"]]
    assert (200, {"erased": [answer["record"]]}) == (done.status_code, done.json())
    assert ("record:erased", WHY, "token:t", True) == (shown["forgotten"], shown["why"], shown["by"], shown["genuine"])
    assert [answer["record"]] == [one["record"] for one in followed["erasures"]]
    assert [] == service.get(f"/api/v1/erasures?after={entry}", authorization=owner).json()["erasures"]
    assert [] == service.get("/api/v1/records", authorization=owner).json()["records"]
    assert 404 == service.get(f"/api/v1/subjects/{consent_of(answer)}", authorization=owner).status_code
    assert 404 == post(service, {by: name, "reason": WHY}, owner).status_code


def test_only_those_who_may_erase_can(service: RunningService) -> None:
    """An auditor can not; another organisation and an owner of another site get what nobody's id gets."""
    answer = service.accept()
    body = {"record": answer["record"], "reason": WHY}
    tokens = [
        bearer(service, "auditor"),
        bearer(service, "editor"),
        bearer(service, sites=("shop0001",)),
        bearer(service, slug="other"),
    ]
    before = service.rows()
    answers = [post(service, body, token) for token in tokens]
    nobody = post(service, {**body, "record": str(UUID(int=9))}, tokens[0].replace(tokens[0], bearer(service)))

    assert [403, 403, 404, 404, 404] == [one.status_code for one in (*answers, nobody)]
    assert answers[2].json() == answers[3].json() == nobody.json()
    assert {"record", "tombstone"}.isdisjoint(more_rows(before, service.rows()))


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"", 400, None),
        (b"[]", 400, "body"),
        (b'{"reason":"x"}', 400, "erasure"),
        (b'{"record":"x","receipt":"y","reason":"x"}', 400, "erasure"),
        (b'{"record":1,"reason":"x"}', 400, "record"),
        (b'{"record":"x"}', 400, "reason"),
        (b'{"record":"x","reason":" "}', 400, "reason"),
        (b'{"record":"x","reason":"a\\u0000b"}', 400, "reason"),
        (b'{"consent_id":"nonsense","reason":"x"}', 400, "consent_id"),
        (b'{"record":"x","reason":"x","everybody":true}', 400, "everybody"),
        (b'{"record":"x","record":"y","reason":"x"}', 400, None),
        (b'{"record":"no id","reason":"x"}', 404, None),
        (b'{"receipt":"no receipt","reason":"x"}', 404, None),
        (b'{"record":"' + b"x" * 9000 + b'","reason":"x"}', 413, None),
    ],
)
def test_nonsense_erases_nothing(service: RunningService, body: bytes, status: int, named: str | None) -> None:
    """Each with a clear problem; nothing is stored."""
    service.accept()
    owner = bearer(service)
    before = service.rows()
    answer = post(service, body, owner)

    assert status == answer.status_code, answer.text
    assert "application/problem+json" == answer.headers["content-type"]
    if named:
        assert named in {one["member"] for one in answer.json()["errors"]}
    assert {} == more_rows(before, service.rows())


def test_an_erasure_is_json(service: RunningService) -> None:
    """A form that a foreign page could send is refused before it is read."""
    assert 415 == post(service, b"{}", bearer(service), "text/plain").status_code


@pytest.mark.parametrize("query", ["after=x", "after=1&after=2", "before=1", f"after={UUID(int=1)}&x=1"])
def test_nonsense_about_erasures_is_refused(service: RunningService, query: str) -> None:
    """A cursor is an entry's id; anything else is named."""
    assert 400 == service.get(f"/api/v1/erasures?{query}", authorization=bearer(service)).status_code


def test_erasures_are_followed_in_pages(service: RunningService) -> None:
    """In the order in which they were said, none twice, none left out."""
    for _ in range(3):
        service.accept()
        service.home.clock.forward(1)
    owner = bearer(service)
    records = [one["record"] for one in service.get("/api/v1/records", authorization=owner).json()["records"]]
    for record in records:
        post(service, {"record": record, "reason": WHY}, owner)
        service.home.clock.forward(1)
    service.settle()
    seen: list[str] = []
    after = str(UUID(int=0))
    while page := service.get(f"/api/v1/erasures?after={after}", authorization=owner).json()["erasures"][:2]:
        seen += [one["record"] for one in page]
        after = page[-1]["entry"]

    assert records == seen
    scoped = bearer(service, "auditor", ("shop0001",))
    assert [] == service.get("/api/v1/erasures", authorization=scoped).json()["erasures"]


def test_an_erasure_whose_id_is_older_is_followed_too(service: RunningService) -> None:
    """Ids are given before the commit, and by clocks that differ; who follows the ledger misses nothing."""
    first, second = service.accept()["record"], service.accept()["record"]
    owner = bearer(service)
    post(service, {"record": first, "reason": WHY}, owner)
    waiting = service.get("/api/v1/erasures", authorization=owner).json()["erasures"]
    service.settle()
    known = service.get("/api/v1/erasures", authorization=owner).json()["erasures"]
    service.home.clock.back(500)
    post(service, {"record": second, "reason": WHY}, owner)
    service.settle()
    news = service.get(f"/api/v1/erasures?after={known[-1]['entry']}", authorization=owner).json()["erasures"]
    whole = service.get("/api/v1/erasures", authorization=owner).json()["erasures"]

    assert [] == waiting
    assert ([first], [second]) == ([one["record"] for one in known], [one["record"] for one in news])
    assert news[0]["entry"] < known[0]["entry"]
    assert known + news == whole


def test_nothing_comes_after_an_erasure_that_waits_for_its_place(service: RunningService) -> None:
    """Its record's page tells its entry at once; an entry that is none of this log is refused."""
    first, second = service.accept()["record"], service.accept()["record"]
    owner = bearer(service)
    post(service, {"record": first, "reason": WHY}, owner)
    service.settle()
    post(service, {"record": second, "reason": WHY}, owner)
    entry = service.get(f"/api/v1/records/{second}", authorization=owner).json()["entry"]
    after = service.get(f"/api/v1/erasures?after={entry}", authorization=owner)
    unknown = service.get(f"/api/v1/erasures?after={UUID(int=5)}", authorization=owner)

    assert (200, []) == (after.status_code, after.json()["erasures"])
    assert (404, "/problems/not-found") == (unknown.status_code, unknown.json()["type"])


def test_the_console_shows_what_is_left(service: RunningService) -> None:
    """In plain words, with the checks; altered again it says so in red words and does not crash."""
    answer = service.accept()
    service.settle()
    post(service, {"record": answer["record"], "reason": WHY}, bearer(service))
    service.settle()
    page = desk(service).get(f"/console/records/{answer['record']}").text

    assert "There was a decision here, and its content is gone" in page
    assert WHY in page
    assert "An entry of the ledger says so, and names this very record by its hash." in page
