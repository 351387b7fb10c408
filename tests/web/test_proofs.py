"""Statements and proof bundles over the API and in the console: files that prove themselves, and what is refused."""

import json
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from askfirst.core.proof_document import check_document, read_document
from askfirst.usecases.erase import erase_record
from askfirst.usecases.proof_documents import document_in
from askfirst.usecases.rows import RecordQuery
from askfirst.usecases.tokens import issue_token
from core.independent_checker import check
from support.running_service import RunningService
from support.staff import desk, entries
from support.vocabulary import context, expanded


def asked(service: RunningService, path: str) -> Any:
    place = service.home.place
    secret = issue_token(place.staff, 1, name="x", role="auditor", sites=None, days=1, by=place.by)
    return service.get(path, authorization=f"Bearer {secret}")


def test_a_record_leaves_the_service_in_every_form(service: RunningService) -> None:
    """The page holds the JSON's very bytes but for the moment they were made; both prove the record by themselves."""
    record = service.accept()["record"]
    service.settle()
    path = f"/api/v1/records/{record}/proof"
    document, page = asked(service, f"{path}?format=json"), asked(service, f"{path}?format=html&language=de")

    assert document.content == document_in(page.content)
    assert (
        record
        == check(document.content)["record"]
        == check_document(read_document(document.content)).entry.what["record"]
    )
    assert asked(service, path).text.startswith("c2sp.org/tlog-proof@v1\n")
    assert f'attachment; filename="{record}.proof.html"' == page.headers["content-disposition"]
    assert '<html lang="de">' in page.text
    assert "default-src 'none'; script-src 'sha256-" in unescape(page.text)
    assert "unsafe" not in page.text.partition("</head>")[0]
    assert "http" not in page.text.partition('id="bundle">')[0].replace("http-equiv", "")
    assert ["record:viewed"] * 3 == [one["kind"] for one in entries(service.home, "record:viewed")]


def test_a_statement_is_read_by_others(service: RunningService) -> None:
    """JSON-LD whose context the service serves."""
    record = service.accept()["record"]
    answer = asked(service, f"/api/v1/records/{record}/statement")
    served = service.get("/schema/statement/1")

    assert "application/ld+json" == answer.headers["content-type"]
    assert [f"urn:uuid:{record}"] == [expanded(answer.json())["@id"]]
    assert context() == served.json()
    assert ["https://consent.example.net/schema/statement/1"] == answer.json()["@context"]
    receipt = asked(service, f"/api/v1/records/{record}/statement?form=receipt").json()
    assert ["dpv:ConsentReceipt"] == receipt["type"]


def test_a_full_refusal_is_proven_without_anybodys_name(service: RunningService) -> None:
    """The bundle says what was refused, and nothing that tells who."""
    service.refuse()
    service.settle()
    [(raw, _row)] = service.home.place.records.search(1, RecordQuery())
    answer = asked(service, f"/api/v1/records/{UUID(bytes=raw)}/proof?format=json")

    assert {"measurement": False, "embeds": False} == check(answer.content)["purposes"]
    assert "urn:askfirst:subject" not in answer.text


def test_an_erased_record_has_a_statement_and_no_bundle(service: RunningService) -> None:
    """What is left is stated; its content can not be proven any more."""
    record = service.accept()["record"]
    service.settle()
    erase_record(service.home.place.forgetting, 1, record, reason="It was asked for.", by=service.home.place.by)
    service.settle()

    statement = asked(service, f"/api/v1/records/{record}/statement").json()
    assert ["dpv:ConsentUnknown", "dpv:ExpressedConsent"] == statement["hasProcess"][0]["hasConsentStatus"][0]["type"]
    for form in ("text", "json", "html"):
        assert 404 == asked(service, f"/api/v1/records/{record}/proof?format={form}").status_code


@pytest.mark.parametrize(
    "query",
    ["proof?format=pdf", "proof?format=json&format=json", "proof?x=1", "statement?form=x", "proof?language=tlh"],
)
def test_nonsense_is_refused_with_a_sentence(service: RunningService, query: str) -> None:
    """And leaves no entry."""
    record = service.accept()["record"]
    service.settle()
    answer = asked(service, f"/api/v1/records/{record}/{query}")

    assert (400, "/problems/invalid-query") == (answer.status_code, answer.json()["type"])
    assert [] == entries(service.home, "record:viewed")


def test_others_records_are_not_there(service: RunningService) -> None:
    """Another organisation's, another site's and nobody's alike, in either form."""
    foreign, theirs = service.accept("other0001")["record"], service.accept("shop0001")["record"]
    service.settle()
    who = desk(service, "auditor", ("demo0001",))
    for record in (foreign, theirs, str(UUID(int=1)), "nonsense"):
        for path in (f"/console/records/{record}/proof", f"/console/records/{record}/statement"):
            assert 404 == who.get(path).status_code


def test_the_records_page_carries_its_own_proof(service: RunningService) -> None:
    """What the reader's browser checks is a whole document; before a checkpoint there is none."""
    record = service.accept()["record"]
    who = desk(service)
    assert 'id="bundle"' not in who.get(f"/console/records/{record}").text
    service.settle()
    page = who.get(f"/console/records/{record}").text

    assert record == check(document_in(page.encode()))["record"]
    assert json.loads(document_in(page.encode()))["key"].startswith("consent.example.net/log/example+")
