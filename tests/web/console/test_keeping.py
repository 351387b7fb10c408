"""What owners do about keeping records in the console: hold, erase, let go; and the log of sign-ins."""

from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import update

from askfirst.storage import tables as t
from askfirst.usecases.rows import RecordQuery
from support.running_service import RunningService
from support.staff import PASSWORD, desk, entries, member
from support.table_rows import more_rows


def test_a_record_is_held_and_then_erased(service: RunningService) -> None:
    """While it is held nothing is forgotten; the page says why, and each step is an entry."""
    record = service.accept()["record"]
    service.settle()
    who = desk(service)
    place = f"/console/records/{record}"
    held = who.post(f"{place}/hold", {"reason": "A lawsuit."})
    refused = who.post(f"{place}/erase", {"reason": "The visitor asked.", "sure": "yes"})

    assert (303, f"{place}?done=held") == (held.status_code, held.headers["location"])
    assert "Everything of this person is held from now on." in who.get(f"{place}?done=held").text
    assert (409, True) == (refused.status_code, "since a legal hold keeps some of it" in refused.text)
    assert "A lawsuit." in who.get("/console/holds").text
    hold = entries(service.home, "hold:placed")[-1]["hold"]
    assert 303 == who.post(f"/console/holds/{hold}/lift", {"reason": "It is over."}).status_code
    assert 303 == who.post(f"{place}/erase", {"reason": "The visitor asked.", "sure": "yes"}).status_code
    page = who.get(place).text
    assert "The visitor asked." in page
    assert 'id="bundle"' not in page
    assert ["The visitor asked."] == [one["reason"] for one in entries(service.home, "record:erased")]
    assert "Lifted" in who.get("/console/holds").text


def test_who_is_known_by_an_account_alone_is_held_too(service: RunningService) -> None:
    """A signed-in visitor who only ever refused has no consent id; who refused without an account is nobody."""
    service.refuse()
    [(raw, _row)] = service.home.place.records.search(1, RecordQuery())
    place = f"/console/records/{UUID(bytes=raw)}"
    who = desk(service)
    assert "Place a hold" not in who.get(place).text
    with service.home.place.engine.begin() as connection:
        connection.execute(update(t.record).values(account="A" * 43))

    assert "Place a hold" in who.get(place).text
    assert 303 == who.post(f"{place}/hold", {"reason": "A lawsuit."}).status_code
    assert 409 == who.post(f"{place}/erase", {"reason": "The visitor asked.", "sure": "yes"}).status_code


def test_everything_of_a_person_goes_where_that_is_asked_for(service: RunningService) -> None:
    """One answer alone, or all of theirs; somebody for one site reaches that site's only."""
    first = service.accept()
    second = service.accept(receipt=first["receipt"], purposes={"measurement": True, "embeds": False}, method="custom")
    who = desk(service)
    who.post(
        f"/console/records/{second['record']}/erase", {"reason": "The visitor asked.", "sure": "yes", "all": "yes"}
    )

    gone = {one["record"] for one in entries(service.home, "record:erased")}
    assert {first["record"], second["record"]} == gone


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, "a\x07b"])
def test_without_a_reason_nothing_happens(service: RunningService, reason: str) -> None:
    """A sentence, and no row is changed."""
    record = service.accept()["record"]
    who = desk(service)
    before = service.rows()
    for deed in ("erase", "hold"):
        answer = who.post(f"/console/records/{record}/{deed}", {"reason": reason, "sure": "yes"})
        assert answer.status_code in (400, 404, 422), answer.text
    assert {} == more_rows(before, service.rows())


def test_nothing_is_erased_that_was_not_confirmed(service: RunningService) -> None:
    """A press of the wrong button is not enough for what can not be undone."""
    record = service.accept()["record"]
    who = desk(service)
    before = service.rows()
    for given in ({}, {"sure": ""}, {"sure": "no"}, {"all": "yes"}):
        answer = who.post(f"/console/records/{record}/erase", {"reason": "She asked.", **given})
        assert (400, True) == (answer.status_code, "has to be checked" in answer.text)
    assert {} == more_rows(before, service.rows())


def test_others_records_are_neither_held_nor_erased(service: RunningService) -> None:
    """Another organisation's, another site's, nobody's and nonsense."""
    foreign, theirs = service.accept("other0001")["record"], service.accept("shop0001")["record"]
    who = desk(service, "owner", ("demo0001",))
    before = service.rows()
    for record in (foreign, theirs, str(UUID(int=1)), "nonsense"):
        for given in ({"reason": "x", "sure": "yes"}, {"reason": "x", "sure": "yes", "all": "yes"}):
            assert 404 == who.post(f"/console/records/{record}/erase", given).status_code
        assert 404 == who.post(f"/console/records/{record}/hold", {"reason": "x"}).status_code
    assert 404 == who.post("/console/holds/nonsense/lift", {"reason": "x"}).status_code
    assert {} == more_rows(before, service.rows())


def test_only_owners_are_offered_it(service: RunningService) -> None:
    """An auditor's page has no such form."""
    record = service.accept()["record"]
    service.settle()

    assert "Erase for good" in desk(service).get(f"/console/records/{record}").text
    assert "Erase for good" not in desk(service, "auditor").get(f"/console/records/{record}").text


def test_the_log_of_sign_ins_says_who_came_how_and_what_was_tried(service: RunningService) -> None:
    """Good and bad ones, in words, and no kind of entry that is none."""
    member(service.home)
    for password in ("wrong", PASSWORD):
        service.request(
            "POST",
            "/console/sign-in",
            data={"login": "ann@example.org", "password": password},
            headers={"sec-fetch-site": "same-origin"},
        )
    who = desk(service)
    page = unescape(who.get("/console/staff/sign-ins").text)

    assert page.index("Somebody signed in") < page.index("An attempt to sign in failed")
    assert "the password is wrong" in page
    assert "by password" in page
    assert "Ann Example" in page
    assert "A page was opened" not in page
    assert 400 == who.get("/console/staff/sign-ins?x=1").status_code
    assert 400 == who.get("/console/staff/sign-ins?before=x").status_code
    assert 403 == desk(service, "auditor").get("/console/staff/sign-ins").status_code
