"""One person in the console: found by what they quote, handed over, held and erased; and holds for a range of days."""

from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.subject import consent_id
from askfirst_sdk.token import claimed_payload
from support.refused_pages import refused
from support.running_service import RunningService
from support.staff import Desk, desk, entries
from support.table_rows import more_rows

PLACE = "/console/people"


def quoted(answer: dict[str, Any]) -> str:
    """Return the consent id that a visitor would quote."""
    subject = parse_receipt(claimed_payload(answer["receipt"])).subject
    assert subject is not None
    return consent_id(subject)


def person(who: Desk, whom: str) -> str:
    """Find a person and return the address of their page."""
    answer = who.post(PLACE, {"whom": whom})
    assert 303 == answer.status_code, answer.text
    return answer.headers["location"]


def test_a_person_is_found_by_consent_id_and_by_receipt(service: RunningService) -> None:
    """Both lead to one page with all of theirs; neither is in its address, nor in an entry."""
    first = service.accept()
    service.accept("shop0001")
    service.home.clock.forward(60_000)
    nothing = {"measurement": False, "embeds": False}
    service.accept(receipt=first["receipt"], purposes=nothing, method="withdraw")
    service.settle()
    second = entries(service.home, "decision:recorded")[-1]
    who = desk(service, "auditor")
    given = quoted(first)

    for whom in (given, given.lower(), f"  {given} ", first["receipt"]):
        assert f"{PLACE}/{second['record']}" == person(who, whom)
    page = unescape(who.get(person(who, given)).text)
    assert "<h1>2 decisions of one person</h1>" in page
    for wanted in (given, f'href="/console/records/{first["record"]}"', "Withdrew", "genuine", "Not held"):
        assert wanted in page, wanted
    assert "A record was looked at" not in page
    who.get(f"/console/records/{first['record']}")
    assert "A record was looked at, Ann Example" in unescape(who.get(f"{PLACE}/{second['record']}").text)
    told = entries(service.home, "records:searched")
    assert {"person_by": "receipt", "subject_of": second["record"]} in [one["filters"] for one in told]
    assert given not in str(told)
    assert first["receipt"] not in str(told)


def test_everything_is_handed_over_as_one_file(service: RunningService) -> None:
    """The very answer of the API; its entry has the digest and names a record."""
    first = service.accept()
    who = desk(service, "auditor")
    file = who.get(f"{PLACE}/{first['record']}/file")

    assert f'attachment; filename="{quoted(first)}.json"' == file.headers["content-disposition"]
    assert [first["record"]] == [one["record"] for one in file.json()["records"]]
    told = entries(service.home, "records:exported")[-1]
    assert ({"subject_of": first["record"]}, 1, "console") == (told["filters"], told["rows"], told["via"])


def test_a_person_is_erased_only_after_a_reason_and_a_check(service: RunningService) -> None:
    """Neither alone is enough, and the form keeps what was written; then everything goes, with the reason."""
    first = service.accept()
    second = service.accept(receipt=first["receipt"], purposes={"measurement": True, "embeds": False}, method="custom")
    service.settle()
    who = desk(service)
    address = f"{person(who, quoted(first))}/erase"
    assert "Erase 2 decisions of one person?" in unescape(who.get(address).text)
    before = service.rows()
    for fields, said in (
        ({"reason": "She asked."}, "has to be checked"),
        ({"reason": " ", "sure": "yes"}, "must have 1 to 1000 printable characters"),
        ({"reason": "x" * 1001, "sure": "yes"}, "must have 1 to 1000 printable characters"),
        ({"sure": "no", "reason": "She asked."}, "has to be checked"),
    ):
        answer = who.post(address, fields)
        assert (422, True) == (answer.status_code, said in answer.text), fields
    assert {} == more_rows(before, service.rows())
    assert 'value="She asked."' in who.post(address, {"reason": "She asked."}).text

    assert f"{PLACE}?done=erased" == who.post(address, {"reason": "She asked.", "sure": "yes"}).headers["location"]
    gone = entries(service.home, "record:erased")
    assert {first["record"], second["record"]} == {one["record"] for one in gone}
    assert {"She asked."} == {one["reason"] for one in gone}
    assert "was erased" in who.get(f"{PLACE}?done=erased").text
    missing = who.post(PLACE, {"whom": quoted(first)})
    assert (404, True) == (missing.status_code, "Nothing is kept about this person" in missing.text)
    assert 404 == who.get(f"{PLACE}/{second['record']}").status_code


def test_a_hold_on_a_person_stops_erasing_until_it_is_lifted(service: RunningService) -> None:
    """With a reason and an end, in the organisation's time zone; its page leads back to the person's."""
    first = service.accept()
    service.settle()
    who = desk(service)
    address = person(who, quoted(first))
    held = who.post(f"{address}/hold", {"reason": "A lawsuit.", "until": "2026-07-01"})

    assert f"{address}?done=held" == held.headers["location"]
    hold = entries(service.home, "hold:placed")[-1]
    assert {"subject_of": first["record"]} == hold["scope"]
    assert datetime(2026, 7, 2, tzinfo=UTC).timestamp() * 1000 == hold["until"]
    assert "A lawsuit." in who.get(address).text
    assert "This can not be erased now" in who.get(f"{address}/erase").text
    assert 409 == who.post(f"{address}/erase", {"reason": "x", "sure": "yes"}).status_code
    for fields in ({"reason": ""}, {"reason": "x", "until": "2020-01-01"}, {"reason": "x", "until": "soon"}):
        assert 422 == who.post(f"{address}/hold", fields).status_code, fields
    lifted = who.post(f"/console/holds/{hold['hold']}/lift", {"reason": "It is over.", "next": address})
    assert address == lifted.headers["location"]
    assert "Not held" in who.get(address).text
    assert 303 == who.post(f"{address}/erase", {"reason": "x", "sure": "yes"}).status_code


def test_a_lifted_hold_leads_to_no_other_website(service: RunningService) -> None:
    """Whatever the form says."""
    who = desk(service)
    who.post("/console/holds", {"site": "demo0001", "reason": "x"})
    hold = entries(service.home, "hold:placed")[-1]["hold"]
    answer = who.post(f"/console/holds/{hold}/lift", {"reason": "x", "next": "https://evil.example/console"})

    assert "/console" == answer.headers["location"]


@pytest.mark.parametrize("whom", ["", "nonsense", "a.b", "x" * 5000, "<script>", "AAAAAAA-AAAAAAA-AAAAAAB"])
def test_what_names_nobody_is_told_and_leaves_nothing(shared_service: RunningService, whom: str) -> None:
    """A slip of the pen, nonsense, and a receipt of somebody else's service."""
    assert 'aria-invalid="true"' in refused(shared_service, PLACE, {"whom": whom}, status=(404, 422))


def test_a_full_refusal_is_nobodys(service: RunningService) -> None:
    """Its receipt finds nothing, and says why; its record has no page of a person."""
    refused = service.refuse()
    record = entries(service.home, "decision:recorded")[-1]["record"]
    who = desk(service)
    answer = who.post(PLACE, {"whom": refused["receipt"]})

    assert (404, True) == (answer.status_code, "A full refusal leaves no identifier" in answer.text)
    for deed in ("", "/file", "/erase"):
        assert 404 == who.get(f"{PLACE}/{record}{deed}").status_code


def test_others_people_are_neither_seen_nor_touched(service: RunningService) -> None:
    """Another organisation's, another site's, nobody's and nonsense, in the same words."""
    foreign, theirs = service.accept("other0001"), service.accept("shop0001")
    who = desk(service, "owner", ("demo0001",))
    before = service.rows()
    pages = set()
    for record in (foreign["record"], theirs["record"], str(UUID(int=1)), "nonsense"):
        for deed in ("", "/file", "/erase"):
            answer = who.get(f"{PLACE}/{record}{deed}")
            pages.add(answer.text.partition("<main")[2])
            assert 404 == answer.status_code
        for deed in ("hold", "erase"):
            assert 404 == who.post(f"{PLACE}/{record}/{deed}", {"reason": "x", "sure": "yes"}).status_code
    assert 1 == len(pages)
    assert {} == more_rows(before, service.rows())
    assert 404 == who.post(PLACE, {"whom": quoted(theirs)}).status_code
    assert 404 == who.post(PLACE, {"whom": foreign["receipt"]}).status_code


def test_who_has_one_site_sees_and_erases_what_is_there(service: RunningService) -> None:
    """The same person's decisions elsewhere stay."""
    first = service.accept()
    who = desk(service, "owner", ("demo0001",))
    page = unescape(who.get(person(who, quoted(first))).text)

    assert "<h1>1 decision of one person</h1>" in page
    assert "Erase everything" in page
    assert "Erase everything" not in desk(service, "auditor").get(f"{PLACE}/{first['record']}").text


def test_a_range_is_held_by_site_and_days(service: RunningService) -> None:
    """Whole days of the organisation's time zone; the list says which, and retention and erasure keep off."""
    record = service.accept()["record"]
    service.settle()
    who = desk(service)
    placed = who.post(
        "/console/holds",
        {"site": "demo0001", "from": "2026-06-15", "to": "2026-06-15", "reason": "An inquiry.", "until": "2026-12-31"},
    )

    assert "/console/holds?done=held" == placed.headers["location"]
    scope = entries(service.home, "hold:placed")[-1]["scope"]
    day = datetime(2026, 6, 15, tzinfo=UTC).timestamp() * 1000
    assert {"site": "demo0001", "from": day, "to": day + 86_400_000} == scope
    page = who.get("/console/holds?done=held").text
    assert ("The hold is placed" in page, "An inquiry." in page) == (True, True)
    assert 409 == who.post(f"/console/records/{record}/erase", {"reason": "x", "sure": "yes"}).status_code


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"site": "demo0001"}, "must be 1 to 1000 printable characters"),
        ({"reason": "x"}, "must say what is held"),
        ({"reason": "x", "from": "soon"}, "must be a date or time"),
        ({"reason": "x", "from": "2026-06-03", "to": "2026-06-01"}, "must be later than from"),
        ({"reason": "x", "site": "other0001"}, "must be one of those that you may see"),
        ({"reason": "x", "site": "<b>"}, "must be one of those that you may see"),
        ({"reason": "x", "site": "demo0001", "until": "2020-01-01"}, "must be in the future"),
    ],
)
def test_what_can_not_be_held_is_told_and_leaves_nothing(
    shared_service: RunningService, fields: dict[str, str], said: str
) -> None:
    """The form is there again with what was written."""
    assert said in refused(shared_service, "/console/holds", fields, role="owner", status=(422,))


def test_with_named_sites_a_range_is_one_of_them(service: RunningService) -> None:
    """All sites at once are for whoever sees all."""
    who = desk(service, "owner", ("shop0001",))

    assert 422 == who.post("/console/holds", {"from": "2026-06-01", "reason": "x"}).status_code
    assert 303 == who.post("/console/holds", {"site": "shop0001", "reason": "x"}).status_code
