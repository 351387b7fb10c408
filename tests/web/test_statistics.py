"""Statistics: days of a time zone, by what was answered, from rollups alone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from askfirst.storage import tables as t
from askfirst.usecases.statistics import read_statistics
from askfirst.usecases.tokens import issue_token
from support.running_service import RunningService

pytestmark = pytest.mark.each_database

HOUR = 3_600_000


def bearer(service: RunningService, sites: tuple[str, ...] | None = None) -> dict[str, str]:
    place = service.home.place
    secret = issue_token(place.staff, 1, name="numbers", role="auditor", sites=sites, days=300, by=place.by)
    return {"authorization": f"Bearer {secret}"}


def test_decisions_are_counted_by_day_and_by_what_was_answered(service: RunningService) -> None:
    """Each day is there, also one without decisions; shares are of decisions."""
    service.accept()
    service.refuse()
    service.accept("shop0001", purposes={"measurement": True, "embeds": False}, method="custom", language="de")
    service.settle()
    found = service.get("/api/v1/statistics?from=2026-06-14&to=2026-06-16", **bearer(service)).json()
    shop = service.get("/api/v1/statistics?site=shop0001", **bearer(service)).json()

    assert [("2026-06-14", 0), ("2026-06-15", 3), ("2026-06-16", 0)] == [(d["day"], d["total"]) for d in found["days"]]
    by = found["days"][1]["by"]
    assert {"accept_all": 1, "reject_all": 1, "custom": 1} == by["method"]
    assert ({"en": 2, "de": 1}, {"default": 3}, {"measurement": 2, "embeds": 1}) == (
        by["language"],
        by["rule"],
        by["granted"],
    )
    assert "policy" not in by
    assert {"all": 0.3333, "some": 0.3333, "none": 0.3333} == found["acceptance"]
    assert (30, {"1": 1}, "shop0001") == (len(shop["days"]), shop["sum"]["by"]["policy"], shop["site"])
    assert 1 == service.get("/api/v1/statistics", **bearer(service, ("shop0001",))).json()["sum"]["total"]
    assert 0 == service.get("/api/v1/statistics?site=demo0001", **bearer(service, ("shop0001",))).json()["sum"]["total"]


def test_what_a_decision_says_counts_and_not_how_it_was_given(service: RunningService) -> None:
    """A signal that refuses everything is a refusal, and a choice of every purpose an acceptance."""
    both, neither = {"measurement": True, "embeds": True}, {"measurement": False, "embeds": False}
    service.accept(purposes=neither, method="signal", gpc=True)
    service.accept(purposes=neither, method="custom")
    service.accept(purposes=both, method="custom")
    service.settle()
    found = service.get("/api/v1/statistics?site=demo0001", **bearer(service)).json()

    assert {"all": 0.3333, "some": 0.0, "none": 0.6667} == found["acceptance"]
    assert {"all": 1, "none": 2} == found["sum"]["by"]["answer"]
    assert {"signal": 1, "custom": 2} == found["sum"]["by"]["method"]


@pytest.mark.parametrize(
    ("zone", "hour", "day"),
    [
        ("Asia/Kolkata", 18, "2026-06-15"),  # 23:30 to 0:30
        ("Asia/Kolkata", 19, "2026-06-16"),
        ("Asia/Kabul", 19, "2026-06-15"),
        ("Asia/Kathmandu", 18, "2026-06-15"),  # 23:45 to 0:45
        ("America/St_Johns", 2, "2026-06-14"),
        ("America/St_Johns", 3, "2026-06-15"),
    ],
)
def test_an_hour_that_midnight_parts_counts_for_the_day_in_which_it_begins(
    service: RunningService, zone: str, hour: int, day: str
) -> None:
    """Rollups are by the hour in UTC, and some zones are not off by whole ones."""
    row = {"log_id": 1, "site_key": "demo0001", "dimension": "method", "value": "accept_all", "count": 1}
    at = int(datetime(2026, 6, 15, hour, tzinfo=UTC).timestamp()) // 3600
    with service.home.place.engine.begin() as connection:
        connection.execute(insert(t.rollup), {**row, "hour": at})
    found = read_statistics(
        service.home.place.records,
        1,
        None,
        first=date(2026, 6, 13),
        last=date(2026, 6, 17),
        zone=ZoneInfo(zone),
        by_policy=False,
    )

    assert [day] == [one["day"] for one in found["days"] if one["total"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("UTC", date(2026, 6, 1), date(2026, 6, 30)),
        ("Europe/Berlin", date(2026, 3, 20), date(2026, 4, 5)),
        ("Europe/Berlin", date(2026, 10, 20), date(2026, 11, 5)),
        ("America/Los_Angeles", date(2026, 10, 25), date(2026, 11, 8)),
        ("Pacific/Auckland", date(2026, 3, 30), date(2026, 4, 10)),
        ("Europe/Berlin", date(2026, 3, 29), date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25), date(2026, 10, 25)),
        ("Europe/Berlin", date(2026, 9, 26), date(2026, 10, 25)),
        ("Africa/Cairo", date(2026, 4, 20), date(2026, 4, 24)),
        ("America/Havana", date(2026, 10, 20), date(2026, 11, 1)),
    ],
)
def test_a_day_is_that_of_the_zone_also_when_the_clocks_change(
    service: RunningService, zone: str, first: date, last: date
) -> None:
    """With one decision in each hour, a day has as many as it has hours: 23, 24 or 25."""
    from datetime import datetime, time, timedelta

    where, place = ZoneInfo(zone), service.home.place
    start = datetime.combine(first - timedelta(days=3), time(), ZoneInfo("UTC"))
    row = {"log_id": 1, "site_key": "demo0001", "dimension": "method", "value": "accept_all", "count": 1}
    hours = range(int(start.timestamp()) // 3600, int(start.timestamp()) // 3600 + 24 * 40)
    with place.engine.begin() as connection:
        connection.execute(insert(t.rollup), [{**row, "hour": hour} for hour in hours])
    found = read_statistics(place.records, 1, None, first=first, last=last, zone=where, by_policy=False)

    def length(day: date) -> int:
        begin, end = (datetime.combine(one, time(), where) for one in (day, day + timedelta(days=1)))
        return int(end.timestamp() - begin.timestamp()) // 3600

    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    assert [(day.isoformat(), length(day)) for day in days] == [
        (one["day"], one["total"])
        for one in found["days"]  # type: ignore[attr-defined]
    ]


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ("from=x", "from"),
        ("to=2026-13-01", "to"),
        ("from=2026-06-16&to=2026-06-15", "to"),
        ("from=2020-01-01&to=2026-01-01", "from"),
        ("to=0001-01-01", "from"),
        ("site=A", "site"),
        ("more=1", "more"),
        ("from=2026-06-01&from=2026-06-02", "from"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(service: RunningService, query: str, member: str) -> None:
    """The fault is named."""
    answer = service.get(f"/api/v1/statistics?{query}", **bearer(service))

    assert (400, {member}) == (answer.status_code, {one["member"] for one in answer.json()["errors"]})
