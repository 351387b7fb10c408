"""The statement: every field that ISO/IEC TS 27560 asks for, in terms that the vocabulary really has (PR-4)."""

from typing import Any
from uuid import UUID

import pytest

from askfirst.core.errors import NotFound
from askfirst.usecases.erase import erase_record
from askfirst.usecases.rows import RecordQuery
from askfirst.usecases.statements import make_statement
from support.places import publish
from support.running_service import RunningService
from support.time_and_ids import DAY
from support.vocabulary import DPV, expanded, named, terms

DCT, SCHEMA = "http://purl.org/dc/terms/", "https://schema.org/"
# What the guide states as mandatory, by the node that has it; the party's contact is not for subjects.
OF_RECORD = (f"{DCT}conformsTo", f"{DCT}identifier", f"{DPV}#hasIdentifier", f"{DPV}#hasDataSubject")
OF_RECORD += (f"{DPV}#hasNotice", f"{DCT}language", f"{DPV}#hasProcess")
OF_PROCESS = tuple(
    f"{DPV}#has{name}"
    for name in (
        *("Purpose", "PersonalData", "DataController", "StorageCondition", "Jurisdiction", "Recipient"),
        *("ConsentControl", "ConsentStatus"),
    )
)
OF_EVENT = tuple(f"{DPV}#{name}" for name in ("isIndicatedAtTime", "hasDuration", "isIndicatedBy"))
OF_PARTY = (f"{DPV}#hasIdentifier", f"{DPV}#hasName", f"{SCHEMA}contactPoint", f"{SCHEMA}address")
NOT_OF_THE_VOCABULARY = (DCT, SCHEMA, "http://www.w3.org/")


def stated(service: RunningService, record: str, form: str = "record") -> dict[str, Any]:
    place = service.home.place
    return make_statement(
        service.node.live.directory,
        place.ledger,
        place.records,
        place.forgetting,
        1,
        record,
        public_url="https://consent.example.net",
        now=service.home.clock(),
        form=form,
    )


def states(statement: dict[str, Any]) -> dict[str, list[str]]:
    """Return the states of each process, by its purpose."""
    return {
        process["id"].rpartition("#")[2]: [event["type"][0] for event in process["hasConsentStatus"]]
        for process in statement["hasProcess"]
    }


def is_whole(statement: dict[str, Any]) -> None:
    """Every mandatory field is there and says something, and every term is one of the vocabulary."""
    node = expanded(statement)
    if f"{DPV}#ConsentReceipt" in node["@type"]:
        assert [f"{DPV}/schema/dpv-27560#receipt"] == [one["@id"] for one in node[f"{DCT}conformsTo"]]
        assert node[f"{DCT}created"]
        [record] = node[f"{DPV}#hasRecordOfActivity"]
    else:
        record = node
    assert [f"{DPV}/schema/dpv-27560#record"] == [one["@id"] for one in record[f"{DCT}conformsTo"]]
    assert [f"{DPV}#ConsentRecord"] == record["@type"]
    assert {f"{DPV}#ConsentNotice", f"{DPV}#PrivacyNotice"} == set(record[f"{DPV}#hasNotice"][0]["@type"])
    assert [] == [name for name in OF_RECORD if not record.get(name)]
    assert record[f"{DPV}#hasDataSubject"][0][f"{DPV}#hasIdentifier"]
    for process in record[f"{DPV}#hasProcess"]:
        assert [] == [name for name in OF_PROCESS if not process.get(name)]
        assert [] == [name for name in OF_PARTY if not process[f"{DPV}#hasDataController"][0].get(name)]
        conditions = {one["@type"][0] for one in process[f"{DPV}#hasStorageCondition"]}
        assert {f"{DPV}#StorageLocation", f"{DPV}#StorageDuration"} == conditions
        for event in process[f"{DPV}#hasConsentStatus"]:
            assert f"{DPV}#ExpressedConsent" in event["@type"]
            assert [] == [name for name in OF_EVENT if not event.get(name)]
    unknown = {iri for iri in named(node) if not iri.startswith(NOT_OF_THE_VOCABULARY)} - terms()
    assert {iri for iri in unknown if iri.startswith(DPV)} <= {
        f"{DPV}/schema/dpv-27560#{one}" for one in ("record", "receipt")
    }
    assert {iri for iri in unknown if not iri.startswith(DPV)} == set()


def test_the_vocabularys_files_are_the_vocabulary() -> None:
    """Known terms are in them, and names that only the guide has are not."""
    assert {
        f"{DPV}#ConsentRecord",
        f"{DPV}/pd#BrowsingBehaviour",
        f"{DPV}/loc#US-CA",
        f"{DPV}/legal/eu/gdpr#A6-1-a",
    } <= terms()
    for name in ("Analytics", "hasDataStorageCondition", "hasLegalName", "isImplementedBy", "ConsentTerminated"):
        assert f"{DPV}#{name}" not in terms()


def test_a_granted_and_a_refused_purpose_are_stated_each(service: RunningService) -> None:
    """One process a purpose, with its own state; the words are those that were read, in their language."""
    record = service.accept(purposes={"measurement": True, "embeds": False}, method="custom", language="de")["record"]
    statement = stated(service, record)

    is_whole(statement)
    assert {"measurement": ["dpv:ConsentGiven"], "embeds": ["dpv:ConsentRefused"]} == states(statement)
    assert ["de"] == statement["language"]
    assert "Example Ltd asks: measurement für Leser" in statement["hasNotice"][0]["description"][0]
    assert ["dpv:Purpose", "dpv:ServiceUsageAnalytics"] == statement["hasProcess"][0]["hasPurpose"][0]["type"]


def test_a_full_refusal_is_stated_without_an_identifier(service: RunningService) -> None:
    """Its subject is known by the record alone."""
    service.refuse()
    [(raw, _row)] = service.home.place.records.search(1, RecordQuery())
    record = str(UUID(bytes=raw))
    statement = stated(service, record)

    is_whole(statement)
    assert {"measurement": ["dpv:ConsentRefused"], "embeds": ["dpv:ConsentRefused"]} == states(statement)
    assert [f"{record}#subject"] == statement["hasDataSubject"][0]["hasIdentifier"]


def test_what_was_granted_before_is_renewed_withdrawn_and_expires(service: RunningService) -> None:
    """The state depends on the answer before, and on the day."""
    first = service.accept()
    again = service.accept(receipt=first["receipt"], purposes={"measurement": True, "embeds": False}, method="custom")
    nothing = {"measurement": False, "embeds": False}
    service.accept(receipt=again["receipt"], purposes=nothing, method="withdraw")
    [(raw, _row)] = service.home.place.records.search(1, RecordQuery(method="withdraw"))
    assert {"measurement": ["dpv:RenewedConsentGiven"], "embeds": ["dpv:ConsentWithdrawn"]} == states(
        stated(service, again["record"])
    )
    withdrawn = stated(service, str(UUID(bytes=raw)))
    is_whole(withdrawn)
    # Embeds were taken back before: there was nothing left of them to withdraw.
    assert {"measurement": ["dpv:ConsentWithdrawn"], "embeds": ["dpv:ConsentRefused"]} == states(withdrawn)
    service.home.clock.forward(183 * DAY)
    late = stated(service, first["record"])
    is_whole(late)
    assert ["dpv:ConsentGiven", "dpv:ConsentExpired"] == states(late)["measurement"]


def test_what_was_never_given_is_not_withdrawn(service: RunningService) -> None:
    """Taking all back withdraws what was granted; where nothing is left that says what that was, everything."""
    first = service.accept(purposes={"measurement": True, "embeds": False}, method="custom")
    service.accept(receipt=first["receipt"], purposes={"measurement": False, "embeds": False}, method="withdraw")
    place = service.home.place
    [(raw, _row)] = place.records.search(1, RecordQuery(method="withdraw"))
    withdrawn = str(UUID(bytes=raw))
    assert {"measurement": ["dpv:ConsentWithdrawn"], "embeds": ["dpv:ConsentRefused"]} == states(
        stated(service, withdrawn)
    )
    erase_record(place.forgetting, 1, first["record"], reason="The visitor asked.", by=place.by)
    assert {"measurement": ["dpv:ConsentWithdrawn"], "embeds": ["dpv:ConsentWithdrawn"]} == states(
        stated(service, withdrawn)
    )


def test_an_erased_record_states_that_it_is_gone(service: RunningService) -> None:
    """Every field is there, and none says anything about anybody."""
    answer = service.accept()
    place = service.home.place
    erase_record(place.forgetting, 1, answer["record"], reason="The visitor asked.", by=place.by)
    statement = stated(service, answer["record"])

    is_whole(statement)
    assert {"process": ["dpv:ConsentUnknown"]} == states(statement)
    assert ["und"] == statement["language"]
    assert "measurement" not in str(statement)


def test_a_receipt_wraps_the_record(service: RunningService) -> None:
    """The other form: made now, holding the record whole."""
    record = service.accept()["record"]
    receipt, inner = stated(service, record, "receipt"), stated(service, record)

    is_whole(receipt)
    assert ["dpv:ConsentReceipt"] == receipt["type"]
    assert [{name: value for name, value in inner.items() if name != "@context"}] == receipt["hasRecordOfActivity"]


def test_a_regions_rule_is_the_jurisdiction(service: RunningService) -> None:
    """Its places, with what it rests on; where consent is not asked, consent is not the basis."""
    rule = {
        "id": "us-ca",
        "places": ["US-CA"],
        "modes": {"measurement": "opt_out"},
        "lifetime_days": 365,
        "since": "2020-01-01",
        "source": "Cal. Civ. Code 1798.120",
    }
    publish(
        service.home.place,
        "demo0001",
        regions={"default": "default", "rules": [rule]},
        opt_out_link={"en": "Do not sell or share", "de": "Nicht verkaufen"},
        gpc=["measurement"],
    )
    service.settle()
    statement = stated(service, service.accept(rule="us-ca")["record"])

    is_whole(statement)
    measurement, embeds = statement["hasProcess"]
    assert ["loc:US-CA"] == [one["id"] for one in measurement["hasJurisdiction"]]
    assert ("hasLegalBasis" in measurement, "hasLegalBasis" in embeds) == (False, True)
    assert "P365D" == measurement["hasConsentStatus"][0]["hasDuration"][0]["value"][0]


def test_nothing_is_stated_of_what_is_not_there(service: RunningService) -> None:
    """The words of the record's page, for a record of others and for nonsense alike."""
    foreign = service.accept("other0001")["record"]
    for record in (foreign, "nonsense", "00000000-0000-0000-0000-000000000001"):
        with pytest.raises(NotFound, match="No record with this id is among those that you may see"):
            stated(service, record)
