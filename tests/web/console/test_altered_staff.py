"""Rows about staff that somebody wrote by hand: doubt is "not allowed", and never a crash."""

from typing import Any

import pytest
from sqlalchemy import LargeBinary, type_coerce, update

from askfirst.storage import tables as t
from askfirst.usecases.tokens import issue_token
from support.altered_log import change
from support.running_service import RunningService
from support.staff import desk

SITES = ["", "not JSON", "{}", '"demo0001"', "7", "[7]", b"\xff", "[]", '["other0001"]']


def as_it_is(value: Any) -> Any:
    return type_coerce(value, LargeBinary) if isinstance(value, bytes) else value


@pytest.mark.parametrize("sites", SITES)
def test_unreadable_sites_are_no_site(service: RunningService, sites: str | bytes) -> None:
    """Neither in the console nor in the API does anybody see more for it."""
    record = service.accept()["record"]
    service.settle()
    who = desk(service, "auditor", ("demo0001",))
    place = service.home.place
    secret = issue_token(place.staff, 1, name="x", role="auditor", sites=("demo0001",), days=1, by=place.by)
    for table in (t.staff, t.token):
        change(service.home, update(table).values(sites=as_it_is(sites)))

    assert 404 == who.get(f"/console/records/{record}").status_code
    assert record not in who.get("/console/records").text
    assert [200] * 3 == [who.get(path).status_code for path in ("/console", "/console/policies", "/console/account")]
    listed = service.get("/api/v1/records", authorization=f"Bearer {secret}")
    assert (200, []) == (listed.status_code, listed.json()["records"])


@pytest.mark.parametrize("role", ["", "king", "OWNER", "owner "])
def test_an_unknown_role_is_nobody(service: RunningService, role: str) -> None:
    """It opens nothing."""
    who = desk(service)
    place = service.home.place
    secret = issue_token(place.staff, 1, name="x", role="owner", sites=None, days=1, by=place.by)
    for table in (t.staff, t.token):
        change(service.home, update(table).values(role=role))

    assert 303 == who.get("/console").status_code
    assert 401 == service.get("/api/v1/records", authorization=f"Bearer {secret}").status_code
