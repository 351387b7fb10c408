"""Alerts: each really provoked, raised once however many look, told to webhooks, acknowledged, and over."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert

from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.storage.alerts import SqlAlerts
from askfirst.usecases.alerts import Noticed, Rule, list_alerts, settle
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.set_up import change_alerts
from askfirst.usecases.tokens import issue_token
from askfirst.usecases.webhooks import Sent
from askfirst.web.console.language import languages
from askfirst.web.limits import AddressLimit, Flood
from support.command_line import CommandLine
from support.places import Home
from support.running_service import RunningService, run_service
from support.staff import desk, entries
from support.table_rows import more_rows
from support.time_and_ids import DAY, HOUR, MINUTE
from support.webhooks import deliver_all

WEEK = 7 * DAY
FLOOD = Noticed(Rule.FLOOD, "demo0001", {"refused": 60, "addresses": 1})


class Ear:
    """A receiver of webhooks."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def send(self, _url: str, headers: dict[str, str], body: bytes) -> Sent:
        self.heard.append((headers["webhook-id"], json.loads(body)))
        return Sent(True, "It answered 204.")


def bearer(service: RunningService, role: str = "auditor", sites: tuple[str, ...] | None = None) -> dict[str, str]:
    place = service.home.place
    secret = issue_token(place.staff, 1, name="alerts", role=role, sites=sites, days=300, by=place.by)
    return {"authorization": f"Bearer {secret}"}


def listed(service: RunningService, header: dict[str, str], query: str = "") -> Any:
    answer = service.request("GET", f"/api/v1/alerts{query}", headers=header)
    assert answer.status_code == 200, answer.text
    return answer.json()["alerts"]


def look(service: RunningService) -> None:
    """Let everything be signed, and look."""
    service.settle()
    service.node.watch()


def count(home: Home, ms_ago: int, *, site: str = "demo0001", **methods: int) -> None:
    """Put decisions of an hour into the rollups, as the sequencer counts them."""
    hour = (home.clock() - ms_ago) // HOUR - 1
    rows = [
        {"log_id": 1, "site_key": site, "hour": hour, "dimension": "method", "value": method, "count": number}
        for method, number in methods.items()
    ]
    with home.place.engine.begin() as connection:
        connection.execute(insert(t.rollup), rows)


def usual_weeks(home: Home, site: str = "demo0001") -> None:
    for week in range(1, 9):
        count(home, week * WEEK, site=site, accept_all=500 + week, reject_all=480 - week, withdraw=20)


def alert_kinds(home: Home) -> list[str]:
    return [str(one["kind"]) for one in entries(home) if str(one["kind"]).startswith("alert:")]


@pytest.mark.each_database
def test_answers_that_left_their_usual_range_are_an_alert_until_they_are_back(service: RunningService) -> None:
    """Both ways at once, since what is not accepted is refused; with what was found and what would have been usual."""
    usual_weeks(service.home)
    usual_weeks(service.home, "shop0001")
    count(service.home, 0, accept_all=950, reject_all=50)
    count(service.home, 0, site="shop0001", accept_all=510, reject_all=490)
    header = bearer(service)

    look(service)
    look(service)

    found = {one["rule"]: one for one in listed(service, header, "?state=open")}
    assert {"acceptances", "refusals"} == found.keys()
    assert "demo0001" == found["acceptances"]["site"]
    facts = {"measure": "share", "found": 950, "usual": 504, "low": 404, "high": 604, "days": 8, "decisions": 1000}
    assert facts == found["acceptances"]["facts"]
    assert (
        "Acceptances were 95 % of 1000 decisions in 24 hours. Such days usually have 50 %, and 40 to 60 % would be "
        "usual." == found["acceptances"]["said"]
    )
    assert ["alert:raised", "alert:raised"] == alert_kinds(service.home)

    service.home.clock.forward(WEEK)
    count(service.home, 0, accept_all=505, reject_all=495)
    count(service.home, 0, site="shop0001", accept_all=505, reject_all=495)
    look(service)
    assert [] == listed(service, header, "?state=open")
    assert 2 == len(listed(service, header))
    assert 2 == alert_kinds(service.home).count("alert:ended")


def test_it_is_over_only_after_six_quiet_hours(service: RunningService) -> None:
    """What comes and goes about a bound is one alert."""
    usual_weeks(service.home)
    count(service.home, 0, accept_all=950, reject_all=50)
    look(service)
    with service.home.place.engine.begin() as connection:
        connection.execute(delete(t.rollup))

    service.home.clock.forward(5 * HOUR)
    look(service)
    assert 2 == len(service.node.live.alerts.open_alerts(1))
    service.home.clock.forward(HOUR)
    look(service)
    assert () == service.node.live.alerts.open_alerts(1)


def test_small_and_new_sites_raise_nothing(service: RunningService) -> None:
    """Everybody refused on a day of twenty answers; and a site of a month's age is not known yet."""
    for week in range(1, 9):
        count(service.home, week * WEEK, accept_all=18, reject_all=2)
    count(service.home, 0, reject_all=20)
    for week in range(1, 4):
        count(service.home, week * WEEK, site="shop0001", accept_all=900, reject_all=100)
    count(service.home, 0, site="shop0001", reject_all=1000)

    look(service)

    assert () == service.node.live.alerts.open_alerts(1)


def test_real_decisions_raise_it_too(service: RunningService) -> None:
    """From the answer of a page to the alert, through sequencer and rollups."""
    for week in range(1, 9):
        count(service.home, week * WEEK, accept_all=80, reject_all=20)
    for _ in range(100):
        service.refuse()
    service.settle()
    service.home.clock.forward(HOUR)
    look(service)

    rules = {one.rule: one.facts["found"] for one in service.node.live.alerts.open_alerts(1)}
    assert {Rule.ACCEPTANCES: 0, Rule.REFUSALS: 1000} == rules


def test_an_address_that_floods_is_an_alert_without_the_address(home: Home) -> None:
    """The limiter's own classes: one address, or one network of IPv6; and no more than how many there were is kept. The
    next answer is a minute away, so that a slow machine is given none meanwhile."""
    with run_service(replace_settings(home, rate_per_minute=1)) as service:
        for number in range(1 + 59):
            assert (201 if number < 1 else 429) == service.post(service.decision()).status_code
        look(service)
        assert () == service.node.live.alerts.open_alerts(1)

        service.post(service.decision())
        look(service)
        (alert,) = service.node.live.alerts.open_alerts(1)
        assert ("flood", "demo0001", {"refused": 60, "addresses": 1}) == (alert.rule, alert.site_key, alert.facts)
        with home.place.engine.connect() as connection:
            kept = "".join(str(row) for row in connection.execute(t.alert.select()))
        assert "203.0.113" not in kept
        assert "203.0.113" not in "".join(str(one) for one in entries(home))

        home.clock.forward(9 * MINUTE)
        look(service)
        assert 1 == len(service.node.live.alerts.open_alerts(1))
        home.clock.forward(MINUTE)
        look(service)
        assert () == service.node.live.alerts.open_alerts(1)


def test_floods_are_counted_by_network_and_told_once() -> None:
    """All of a /64 are one; who stays below a minute's worth of refusals is none."""
    now = 0.0
    limit = AddressLimit(10, clock=lambda: now)
    for number in range(10 + 70):
        limit.wait((f"2001:db8::{number:x}", 1), "demo0001")
    for _ in range(10 + 30):
        limit.wait(("198.51.100.1", 1), "demo0001")
    for _ in range(10 + 60):
        limit.wait(("198.51.100.2", 1), "demo0001")

    assert [Flood("demo0001", 130, 2)] == limit.take_floods()
    assert [] == limit.take_floods()

    now = 180.0
    for _ in range(10 + 59):
        limit.wait(("198.51.100.2", 1), "demo0001")
    assert [] == limit.take_floods()


@pytest.mark.each_database
def test_a_late_checkpoint_is_told_though_the_ledger_stands_still(service: RunningService) -> None:
    """The message goes out at once, and comes again with the same id when the ledger goes on."""
    ear = Ear()
    service.node.live.sender = ear
    service.settle()
    owner = bearer(service, "owner")
    made = service.request("POST", "/api/v1/webhooks", json={"url": "https://a.example.org/"}, headers=owner)
    assert 201 == made.status_code
    service.settle()
    service.accept()
    service.home.clock.forward(170_000)
    service.node.watch()
    assert [] == ear.heard

    service.home.clock.forward(20_000)
    service.node.watch()
    service.node.watch()

    (alert,) = service.node.live.alerts.open_alerts(1)
    assert (Rule.CHECKPOINT_LATE, {"seconds": 190}) == (alert.rule, alert.facts)
    assert [(str(UUID(bytes=alert.alert_id)), "alert.raised")] == [(name, body["type"]) for name, body in ear.heard]
    service.settle()
    live = service.node.live
    assert 2 == deliver_all(live, ear)
    assert [ear.heard[0]] == [one for one in ear.heard[1:] if one[1]["type"] == "alert.raised"]

    service.home.clock.forward(2 * MINUTE)
    service.settle()
    service.node.watch()
    assert () == live.alerts.open_alerts(1)


def test_a_refused_checkpoint_is_an_alert_until_one_is_signed_again(service: RunningService) -> None:
    """The head does not continue what was signed: a restored backup does this."""
    service.settle()
    with service.home.place.engine.begin() as connection:
        head = connection.execute(t.head.select().where(t.head.c.log_id == 1)).one()
        connection.execute(t.head.update().where(t.head.c.log_id == 1).values(root=b"x" * 32))
    service.node.publish()
    service.node.watch()

    (alert,) = service.node.live.alerts.open_alerts(1)
    assert (Rule.CHECKPOINT_REFUSED, "", "it is not a continuation of that one") == (
        alert.rule,
        alert.site_key,
        alert.facts["reason"],
    )

    with service.home.place.engine.begin() as connection:
        connection.execute(t.head.update().where(t.head.c.log_id == 1).values(root=head.root))
    service.settle()
    service.home.clock.forward(5 * MINUTE)
    service.settle()
    service.node.watch()
    assert () == service.node.live.alerts.open_alerts(1)


@pytest.mark.each_database
def test_several_nodes_raise_and_end_it_once(service: RunningService) -> None:
    """The database keeps one open of a rule and site, whoever comes second."""
    home = service.home
    others = [SqlAlerts(home.place.engine) for _ in range(3)]
    for room in others:
        settle(room, 1, [FLOOD], looked_for={Rule.FLOOD}, by=home.place.by)
    seen = [room.open_alerts(1)[0] for room in others]
    assert 1 == len({one.alert_id for one in seen})
    home.clock.forward(HOUR)
    for room in others:
        settle(room, 1, [], looked_for={Rule.FLOOD}, by=home.place.by)
    over = replace(seen[0], ended_at=home.clock())
    members = {"alert": str(UUID(bytes=over.alert_id)), "rule": over.rule, "site": over.site_key}
    again = staff_entry(1, EntryKind.ALERT_ENDED, members, now=home.clock(), by=home.place.by)
    assert [False] * 3 == [room.end(over, again) for room in others]
    assert ["alert:raised", "alert:ended"] == alert_kinds(home)

    settle(others[0], 1, [FLOOD], looked_for={Rule.FLOOD}, by=home.place.by)
    assert 1 == len(others[1].open_alerts(1))


def test_sites_that_want_none_have_none_and_what_was_open_ends(service: RunningService) -> None:
    """From one look to the next."""
    usual_weeks(service.home)
    count(service.home, 0, accept_all=950, reject_all=50)
    look(service)
    site = service.node.live.directory.sites["demo0001"].site

    change_alerts(service.home.place.catalogue, site, False, by=service.home.place.by)
    service.node.refresh()
    look(service)
    service.home.clock.forward(HOUR)
    look(service)

    assert () == service.node.live.alerts.open_alerts(1)
    changes = [one["changes"] for one in entries(service.home) if one["kind"] == "site:changed"]
    assert [{"alerts": False}] == changes


def test_with_the_setting_off_nothing_is_raised(home: Home) -> None:
    """And what was open ends."""
    settle(SqlAlerts(home.place.engine), 1, [FLOOD], looked_for={Rule.FLOOD}, by=home.place.by)
    usual_weeks(home)
    count(home, 0, accept_all=950, reject_all=50)
    home.clock.forward(HOUR)
    with run_service(replace_settings(home, alerts=False)) as service:
        look(service)

        assert () == service.node.live.alerts.open_alerts(1)


def test_staff_of_some_sites_see_and_acknowledge_theirs_alone(service: RunningService) -> None:
    """What is about the ledger is the whole organisation's, and a site's is no other site's."""
    late = Noticed(Rule.CHECKPOINT_LATE, "", {"seconds": 90})
    room, by = service.node.live.alerts, service.home.place.by
    settle(room, 1, [FLOOD, late, replace(FLOOD, site_key="shop0001")], looked_for={Rule.FLOOD}, by=by)
    settle(room, 2, [replace(FLOOD, site_key="other0001")], looked_for={Rule.FLOOD}, by=by)
    mine = bearer(service, sites=("demo0001",))

    assert ["demo0001"] == [one["site"] for one in listed(service, mine)]
    assert {"demo0001", "shop0001", None} == {one["site"] for one in listed(service, bearer(service))}
    (other,) = room.open_alerts(2)
    for alert in (*room.open_alerts(1), other):
        place = f"/api/v1/alerts/{UUID(bytes=alert.alert_id)}/acknowledge"
        status = service.request("POST", place, headers=mine).status_code
        assert (200 if alert.site_key == "demo0001" else 404) == status


def test_an_alert_is_acknowledged_once_and_stays_open(service: RunningService) -> None:
    """With who and when; the second finds nothing that waits, and leaves nothing."""
    settle(service.node.live.alerts, 1, [FLOOD], looked_for={Rule.FLOOD}, by=service.home.place.by)
    header = bearer(service)
    name = listed(service, header)[0]["alert"]
    place = f"/api/v1/alerts/{name}/acknowledge"

    known = service.request("POST", place.replace(name, name.upper()), headers=header)
    assert 200 == known.status_code, known.text
    assert known.json()["by"].startswith("token:")
    assert service.home.clock() == known.json()["acknowledged"]
    before = service.rows()
    assert 404 == service.request("POST", place, headers=header).status_code
    assert {} == more_rows(before, service.rows())
    assert 1 == len(listed(service, header, "?state=open"))


@pytest.mark.parametrize(
    ("query", "member"),
    [("?state=closed", "state"), ("?cursor=x", "cursor"), ("?page=2", "page"), ("?state=open&state=all", "state")],
)
def test_nonsense_is_named(shared_service: RunningService, query: str, member: str) -> None:
    """A problem document says which member."""
    answer = shared_service.request("GET", f"/api/v1/alerts{query}", headers=bearer(shared_service))

    assert (400, [member]) == (answer.status_code, [one["member"] for one in answer.json()["errors"]])


@pytest.mark.parametrize("name", ["x", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"])
def test_alerts_that_are_none_are_not_found(shared_service: RunningService, name: str) -> None:
    """Whatever the id."""
    place = f"/api/v1/alerts/{name}/acknowledge"

    assert 404 == shared_service.request("POST", place, headers=bearer(shared_service)).status_code


def test_pages_follow_each_other(service: RunningService) -> None:
    """A hundred at a time, each once."""
    room, by = service.node.live.alerts, service.home.place.by
    settle(room, 1, [Noticed(Rule.FLOOD, f"site{one:04}", {}) for one in range(205)], looked_for=set(), by=by)
    header, seen, query = bearer(service), [], ""
    while True:
        page = service.request("GET", f"/api/v1/alerts{query}", headers=header).json()
        seen += [one["alert"] for one in page["alerts"]]
        if page["cursor"] is None:
            break
        query = f"?cursor={page['cursor']}"

    assert 205 == len(seen) == len(set(seen))
    assert sorted(seen, reverse=True) == seen
    assert 100 == len(list_alerts(room, 1, None)[0])


def test_facts_that_somebody_altered_are_no_fault_of_the_list(service: RunningService) -> None:
    """What is no JSON is nothing, and the list is shown all the same."""
    settle(service.node.live.alerts, 1, [FLOOD], looked_for=set(), by=service.home.place.by)
    with service.home.place.engine.begin() as connection:
        connection.execute(t.alert.update().values(facts="[1", rule="made up"))

    (one,) = listed(service, bearer(service))
    assert ({}, "made up") == (one["facts"], one["rule"])
    assert 200 == desk(service, "auditor").get("/console/alerts").status_code
    look(service)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_says_what_was_found_and_takes_the_acknowledgement(service: RunningService, language: str) -> None:
    """In both languages, with the number in it."""
    room, by = service.node.live.alerts, service.home.place.by
    everything = [
        FLOOD,
        Noticed(Rule.ACCEPTANCES, "demo0001", {"measure": "count", "found": 9, "usual": 500, "low": 250, "high": 1000}),
        Noticed(Rule.REFUSALS, "demo0001", {"measure": "share", "found": 90, "usual": 500, "low": 250, "high": 1000}),
        Noticed(Rule.CHECKPOINT_LATE, "", {"seconds": 90}),
        Noticed(Rule.CHECKPOINT_REFUSED, "", {"reason": "entries that were signed for are missing"}),
    ]
    settle(room, 1, everything, looked_for=set(), by=by)
    who = desk(service, "auditor")
    page = (
        who.get("/console/alerts", **{"accept_language": language}) if language == "de" else who.get("/console/alerts")
    )

    assert 200 == page.status_code
    text = page.text
    expected = {
        "en": ("60 requests were refused", "Refusals were 9 %", "waited for 90 seconds", "signed for are missing"),
        "de": ("60 Anfragen wurden", "Ablehnungen machten 9 %", "wartet seit 90 Sekunden", "Einträge fehlen"),
    }[language]
    assert [] == [one for one in expected if one not in text]

    name = str(UUID(bytes=room.open_alerts(1)[0].alert_id))
    answer = who.post(f"/console/alerts/{name}/acknowledge")
    assert (303, "/console/alerts") == (answer.status_code, answer.headers["location"])
    known = [one for one in room.open_alerts(1) if one.acknowledged_at is not None]
    assert [name] == [str(UUID(bytes=one.alert_id)) for one in known]


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_rule_has_a_name_in_each_language(language: str) -> None:
    """And no name is of a rule that there is not."""
    assert {rule.value for rule in Rule} == languages()[language].messages["alert_rule"].keys()


def test_the_command_line_lists_and_acknowledges(furnished_askfirst: CommandLine, home: Home) -> None:
    """And switches a site off."""
    settle(SqlAlerts(home.place.engine), 1, [FLOOD], looked_for=set(), by=home.place.by)
    told = json.loads(furnished_askfirst("alert", "list", "--json", "--organisation", "example").out)
    name = told["alerts"][0]["alert"]

    assert "nobody yet" in furnished_askfirst("alert", "list", "--organisation", "example").out
    assert "60 requests" in furnished_askfirst("alert", "acknowledge", name, "--organisation", "example").out
    assert "not alerted" in furnished_askfirst("site", "alerts", "demo0001", "--off").out
    assert not home.place.directory().sites["demo0001"].site.alerts
    assert furnished_askfirst("site", "alerts", "nosuch01", "--off").code != 0


def replace_settings(home: Home, **changes: Any) -> Home:
    return replace(home, place=replace(home.place, settings=home.settings.model_copy(update=changes)))
