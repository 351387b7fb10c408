"""Legal holds: what they keep, from whom, until when; and how long each site keeps decisions."""

from typing import Any

import pytest

from askfirst.usecases.retain import days_kept, retain
from askfirst.usecases.set_up import change_retention
from askfirst.usecases.tokens import issue_token
from askfirst.usecases.verify_ledger import verify_ledger
from support.places import publish
from support.running_service import RunningService
from support.staff import entries
from support.table_rows import more_rows

pytestmark = pytest.mark.each_database

DAY = 86_400_000


def bearer(service: RunningService, sites: tuple[str, ...] | None = None, role: str = "owner") -> dict[str, str]:
    place = service.home.place
    secret = issue_token(place.staff, 1, name="holds", role=role, sites=sites, days=300, by=place.by)
    return {"authorization": f"Bearer {secret}"}


def send(service: RunningService, path: str, body: Any, header: dict[str, str]) -> Any:
    return service.request("POST", path, json=body, headers=header)


def erase(service: RunningService, header: dict[str, str], **whom: str) -> Any:
    return send(service, "/api/v1/erasures", {**whom, "reason": "Asked."}, header)


def shown_id(service: RunningService, record: str, header: dict[str, str]) -> str:
    found = service.get(f"/api/v1/records/{record}", **header).json()["consent_id"]
    return str(found)


def test_a_held_person_is_not_erased_until_the_hold_is_lifted(service: RunningService) -> None:
    """409 that names the hold and forgets nothing; afterwards it is erased, and all proofs hold."""
    header = bearer(service)
    record, other = service.accept()["record"], service.accept()["record"]
    person = shown_id(service, record, header)
    held = send(service, "/api/v1/holds", {"consent_id": person, "reason": "A court asked."}, header)
    before = service.rows()
    refused = erase(service, header, consent_id=person)
    by_record = erase(service, header, record=record)
    others = erase(service, header, record=other)

    assert (201, 409, 409, 200) == (held.status_code, refused.status_code, by_record.status_code, others.status_code)
    assert [held.json()["hold"]] == refused.json()["holds"] == by_record.json()["holds"]
    assert {"record": -1, "tombstone": 1} == {
        name: count for name, count in more_rows(before, service.rows()).items() if name in ("record", "tombstone")
    }
    lifted = send(service, f"/api/v1/holds/{held.json()['hold']}/lift", {"reason": "It is over."}, header)
    assert (200, False) == (lifted.status_code, lifted.json()["holds"])
    assert [record] == erase(service, header, consent_id=person).json()["erased"]
    service.settle()
    place = service.home.place
    assert verify_ledger(place.directory, place.ledger, 1).holds


def test_the_entries_of_a_hold_name_a_record_and_not_the_person(service: RunningService) -> None:
    """Entries stay for ever: what was erased must not be named in them."""
    header = bearer(service)
    record = service.accept()["record"]
    person = shown_id(service, record, header)
    hold = send(service, "/api/v1/holds", {"consent_id": person, "reason": "A court asked."}, header).json()["hold"]
    send(service, f"/api/v1/holds/{hold}/lift", {"reason": "Over."}, header)
    placed, lifted = entries(service.home, "hold:placed")[-1], entries(service.home, "hold:lifted")[-1]

    assert ({"subject_of": record}, "A court asked.", None) == (placed["scope"], placed["reason"], placed["until"])
    assert (hold, hold, "Over.", "token:holds") == (placed["hold"], lifted["hold"], lifted["reason"], lifted["by"])
    assert person.replace("-", "") not in str(service.home.place.forgetting.holds(1))


def test_a_hold_over_a_range_stops_retention_of_that_range_alone(service: RunningService) -> None:
    """What is older or newer goes, what is held stays, and goes when the hold has ended by itself."""
    header, place = bearer(service), service.home.place
    made = []
    for _ in range(3):
        made.append(service.accept()["record"])
        service.home.clock.forward(DAY)
    shop = service.accept("shop0001")["record"]
    body = {"site": "demo0001", "from": "2026-06-16", "to": "2026-06-17", "reason": "An audit.", "until": "2026-07-01"}
    # Both ends and an end in time are more than the document promises, and work all the same.
    assert 201 == send(service, "/api/v1/holds", body, header).status_code
    service.home.clock.forward(5 * DAY)

    assert 2 == retain(place.forgetting, 1, "demo0001", days=1, by=place.by)
    left = [one["record"] for one in service.get("/api/v1/records", **header).json()["records"]]
    assert [shop, made[1]] == left
    service.home.clock.forward(30 * DAY)
    assert 1 == retain(place.forgetting, 1, "demo0001", days=1, by=place.by)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "x"},
        {"reason": " ", "site": "demo0001"},
        {"reason": "x", "site": "demo0001", "until": "2020-01-01"},
        {"reason": "x", "from": "2026-02-02", "to": "2026-01-01"},
        {"reason": "x", "consent_id": "123"},
        {"reason": "x", "consent_id": "01K9X7Q-M3D4F8H-TZB2NC5", "site": "demo0001"},
        {"reason": "x", "site": 5},
        {"reason": "x", "site": "demo0001", "more": "y"},
        {"reason": "x", "record": "nothing"},
    ],
)
def test_a_bad_hold_is_refused_and_leaves_nothing(service: RunningService, body: dict[str, Any]) -> None:
    """A problem document that names the fault."""
    header = bearer(service)
    before = service.rows()
    answer = send(service, "/api/v1/holds", body, header)

    assert (400, "/problems/invalid-query") == (answer.status_code, answer.json()["type"])
    assert before == service.rows()


def test_holds_of_other_sites_and_organisations_are_as_good_as_none(service: RunningService) -> None:
    """Whoever is for one site holds and lifts there alone, and nobody lifts another organisation's."""
    header, shop = bearer(service), bearer(service, ("shop0001",))
    record = service.accept()["record"]
    hold = send(service, "/api/v1/holds", {"site": "demo0001", "reason": "An audit."}, header).json()["hold"]

    assert 404 == send(service, f"/api/v1/holds/{hold}/lift", {"reason": "x"}, shop).status_code
    assert 404 == send(service, "/api/v1/holds", {"site": "demo0001", "reason": "x"}, shop).status_code
    assert 400 == send(service, "/api/v1/holds", {"from": "2026-01-01", "reason": "x"}, shop).status_code
    assert 404 == send(service, "/api/v1/holds", {"record": record, "reason": "x"}, shop).status_code
    assert [] == service.get("/api/v1/holds", **shop).json()["holds"]
    assert [hold] == [one["hold"] for one in service.get("/api/v1/holds", **header).json()["holds"]]
    assert 404 == send(service, "/api/v1/holds/x/lift", {"reason": "x"}, header).status_code
    # A hold on a site that is not there would keep nothing, and whoever placed it would believe that it does.
    for strange in ("other0001", "none0001"):
        answer = send(service, "/api/v1/holds", {"site": strange, "reason": "x"}, header)
        assert (404, True) == (answer.status_code, "No site with this key" in answer.text)


@pytest.mark.each_database
def test_an_owner_of_some_sites_sees_the_hold_of_who_answered_there(service: RunningService) -> None:
    """And of nobody else; lifting it is for the whole organisation, since it keeps what is on other sites too."""
    record = service.accept()["record"]
    service.settle()
    whole, mine = bearer(service), bearer(service, ("demo0001",))
    placed = send(service, "/api/v1/holds", {"record": record, "reason": "A lawsuit."}, mine).json()["hold"]

    def seen(header: dict[str, str]) -> list[str]:
        return [one["hold"] for one in service.request("GET", "/api/v1/holds", headers=header).json()["holds"]]

    assert [placed] == seen(mine) == seen(whole)
    assert [] == seen(bearer(service, ("shop0001",)))
    lift = f"/api/v1/holds/{placed}/lift"
    assert 404 == send(service, lift, {"reason": "Over."}, mine).status_code
    assert 200 == send(service, lift, {"reason": "Over."}, whole).status_code
    assert ([], [placed]) == (seen(mine), seen(whole))


def test_everything_about_a_person_is_one_file_also_by_their_receipt(service: RunningService) -> None:
    """Each decision whole, who looked at it, and what keeps it; the entry names a record and not the person."""
    header = bearer(service)
    answer = service.accept()
    person = shown_id(service, answer["record"], header)
    send(service, "/api/v1/holds", {"consent_id": person, "reason": "A court asked."}, header)
    by_id = service.get(f"/api/v1/subjects/{person}", **header)
    by_receipt = send(service, "/api/v1/subjects", {"receipt": answer["receipt"]}, header)
    whole = by_receipt.json()

    assert person == whole["consent_id"] == by_id.json()["consent_id"]
    assert f'attachment; filename="{person}.json"' == by_receipt.headers["content-disposition"]
    assert {"record:viewed"} == {one["kind"] for one in whole["records"][0]["done"]}
    assert ["A court asked."] == [one["reason"] for one in whole["holds"]]
    assert {"subject_of": answer["record"]} == entries(service.home, "records:exported")[-1]["filters"]
    assert 404 == send(service, "/api/v1/subjects", {"receipt": "nothing"}, header).status_code


def test_everything_about_a_person_has_every_look_that_was_taken(service: RunningService) -> None:
    """However many there were: a page of a search is no end of them."""
    header = bearer(service)
    answer = service.accept()
    person = shown_id(service, answer["record"], header)
    for _ in range(200):
        service.get(f"/api/v1/records/{answer['record']}", **header)
    (record,) = service.get(f"/api/v1/subjects/{person}", **header).json()["records"]

    assert 201 == len(record["done"])


def test_each_site_keeps_decisions_as_long_as_it_says(service: RunningService) -> None:
    """What was set for the site comes before its policy, and that before the setting for all."""
    place = service.home.place
    site = place.directory().sites["demo0001"]
    assert (0, 9) == (days_kept(site, 0), days_kept(site, 9))
    publish(place, "demo0001", retention_days=30)
    assert 30 == days_kept(place.directory().sites["demo0001"], 9)
    change_retention(place.catalogue, site.site, 0, by=place.by)
    assert 0 == days_kept(place.directory().sites["demo0001"], 9)
    change_retention(place.catalogue, site.site, 2, by=place.by)
    service.settle()
    service.accept()
    service.accept("shop0001")
    service.home.clock.forward(3 * DAY)
    service.node.retain()

    assert {"site": "demo0001", "changes": {"retention_days": 2}}.items() <= entries(service.home, "site:changed")[
        -1
    ].items()
    run = entries(service.home, "retention:run")
    assert [("demo0001", "older than 2 days", 1, None)] == [
        (one["site"], one["rule"], one["forgotten"], one["by"]) for one in run
    ]


def test_the_plan_of_retention_says_what_the_next_run_forgets(service: RunningService) -> None:
    """For each site that the reader may see: the rule, what is due, what is held of it, and the last run."""
    header, shop, place = bearer(service), bearer(service, ("shop0001",), "auditor"), service.home.place
    for _ in range(3):
        record = service.accept()["record"]
    send(service, "/api/v1/holds", {"record": record, "reason": "A lawsuit."}, header)
    service.home.clock.forward(3 * DAY)
    change_retention(place.catalogue, place.directory().sites["demo0001"].site, 2, by=place.by)
    service.settle()

    def plan(who: dict[str, str]) -> dict[str, Any]:
        return {one["site"]: one for one in service.get("/api/v1/retention", **who).json()["sites"]}

    demo = plan(header)["demo0001"]
    assert (2, "site", {"count": 3, "is": "exact"}, 1) == (demo["days"], demo["said_by"], demo["due"], demo["held"])
    assert (service.home.clock() - 2 * DAY, None) == (demo["before"], demo["last"])
    assert {"shop0001"} == set(plan(shop))
    assert (0, None, 0) == tuple(plan(shop)["shop0001"][name] for name in ("days", "before", "held"))
    service.node.retain()
    service.settle()
    left = plan(header)["demo0001"]
    assert ({"count": 1, "is": "exact"}, 1) == (left["due"], left["held"])
    assert {"forgotten": 2, "rule": "older than 2 days"}.items() <= left["last"].items()
    assert 400 == service.get("/api/v1/retention?site=demo0001", **header).status_code
