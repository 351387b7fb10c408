"""What POST /d/KEY answers: once, the same again, and with nothing that a refusal should not carry."""

import json

import pytest

from askfirst.storage import tables as t
from askfirst.usecases.keys import RECEIPT, rotate_key
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst_sdk.receipt import DAY, parse_receipt
from askfirst_sdk.token import claimed_payload
from support.places import publish
from support.running_service import RunningService
from support.table_rows import more_rows

pytestmark = pytest.mark.each_database

NOTHING = {"measurement": False, "embeds": False}
DAY_MS = 86_400_000


def test_a_replay_gets_the_first_answer_byte_for_byte(service: RunningService) -> None:
    """201, then 200 with the same bytes, also on another day and under another key; one record in all."""
    decision = service.decision()
    first = service.post(decision)
    before = service.rows()
    rotate_key(
        service.home.place.catalogue,
        service.home.place.keys,
        service.home.organisation(),
        RECEIPT,
        by=service.home.place.by,
    )
    service.node.refresh()
    service.home.clock.forward(DAY_MS)
    again = service.post(decision)

    assert (201, 200) == (first.status_code, again.status_code)
    assert first.content == again.content
    assert "record" not in more_rows(before, service.rows())


def test_the_same_id_with_another_body_is_a_conflict_and_the_first_stays(service: RunningService) -> None:
    """409 `decision-conflict`; the first answer is still given for the first body."""
    decision = service.decision()
    first = service.post(decision)
    other = service.post({**decision, "purposes": NOTHING, "method": "reject_all"})

    assert (409, "/problems/decision-conflict") == (other.status_code, other.json()["type"])
    assert first.content == service.post(decision).content


def test_two_who_refuse_on_one_day_get_the_same_bytes(service: RunningService) -> None:
    """No identifier and no finer time than the day (REQUIREMENTS PR-7)."""
    first = service.refuse()
    service.home.clock.forward(3_600_000)
    second = service.refuse(method="custom")

    assert first == second
    assert {"v", "receipt", "late"} == first.keys()


def test_an_answer_lasts_as_long_as_the_rule_of_its_region_says(service: RunningService) -> None:
    """A year after an opt-out in California (REQUIREMENTS SG-9), the same after either answer (ASK-9)."""
    rule = {
        "id": "us-ca",
        "places": ["US-CA"],
        "modes": {"measurement": "opt_out"},
        "lifetime_days": 400,
        "since": "2026-01-01",
        "source": "A source.",
    }
    link = {"en": "Do not sell or share my data", "de": "Meine Daten nicht verkaufen oder weitergeben"}
    publish(service.home.place, "demo0001", regions={"rules": [rule]}, gpc=["measurement"], opt_out_link=link)
    service.node.refresh()
    answers = [
        service.post(service.decision(rule=under, purposes=purposes, method="custom")).json()["receipt"]
        for under in ("default", "us-ca")
        for purposes in ({"measurement": True, "embeds": False}, NOTHING)
    ]
    receipts = [parse_receipt(claimed_payload(token)) for token in answers]
    service.settle()
    place = service.home.place

    assert [182, 182, 400, 400] == [(one.expires_at - one.given_at) // DAY for one in receipts]
    assert [] == verify_ledger(place.directory, place.ledger, 1, anchor=service.home.anchors.read(1)).findings


def test_a_decision_joins_its_subject_only_with_the_receipt(service: RunningService) -> None:
    """With the receipt the same subject, without it a new one: a known id alone gives no power."""
    first = service.accept()
    service.accept(receipt=first["receipt"])
    service.accept()
    at = len(first["receipt"]) // 2
    service.accept(
        receipt=f"{first['receipt'][:at]}{'A' if first['receipt'][at] != 'A' else 'B'}{first['receipt'][at + 1 :]}"
    )
    service.refuse(method="withdraw", receipt=first["receipt"])
    with service.home.place.engine.connect() as connection:
        subjects = [row.subject for row in connection.execute(t.record.select().order_by(t.record.c.record_id))]

    assert subjects[0] == subjects[1] == subjects[4]
    assert 3 == len(set(subjects))


def test_a_withdrawal_leaves_the_browser_with_the_anonymous_receipt(service: RunningService) -> None:
    """What is recorded under the subject is not carried around in the cookie."""
    first = service.accept()
    withdrawn = service.refuse(method="withdraw", receipt=first["receipt"])

    assert service.refuse()["receipt"] == withdrawn["receipt"]
    assert "record" not in withdrawn


@pytest.mark.parametrize("content_type", ["application/json", "text/plain;charset=UTF-8"])
def test_both_content_types_are_accepted(service: RunningService, content_type: str) -> None:
    """JSON, and plain text that needs no preflight request."""
    body = json.dumps(service.decision()).encode()

    assert 201 == service.post(body, content_type=content_type).status_code
