"""Every address of the API, and everything that it should refuse: walked, so that a new one is walked too."""

import re
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

import pytest

from askfirst.app import api_routes
from askfirst.core.roles import Role
from askfirst.usecases.holds import place_hold
from askfirst.usecases.tokens import issue_token, revoke_token
from askfirst.usecases.webhooks import add_webhook
from askfirst.web.staff_routes import StaffRoute
from support.running_service import RunningService
from support.table_rows import more_rows
from support.time_and_ids import DAY

NOTHING: dict[str, int] = {}
# What is nobody's id, whatever it names. Starlette takes no slash into a part of a path.
NOBODYS = "01a20aef-e208-7929-b951-6e85f1df37f6"
NONSENSE = ("x", "0", "%00", "%F0%9F%92%A9", "..%2e", "'%20OR%201=1", "x" * 4000, NOBODYS)
# Values that no parameter takes, whatever it is for.
BAD_VALUES = ("", "%00", "\N{PILE OF POO}", "x" * 5000, "' OR 1=1 --", "../../etc/passwd", "-1", "[]")
BAD_BODIES = (b"", b"{", b"[]", b"null", b"\xff", b'{"a": 1, "a": 2}', b'{"nobody": "knows"}', b"[" * 2000)


@pytest.fixture(scope="module")
def routes(shared_service: RunningService) -> list[StaffRoute]:
    """Give every address of the API."""
    return api_routes(shared_service.node.live)


def token(
    service: RunningService, route: StaffRoute, sites: tuple[str, ...] | None = None, slug: str = "example"
) -> dict[str, str]:
    """Return the header of a role that the address is for."""
    place = service.home.place
    log_id = place.organisation(slug).log_id
    role = sorted(route.roles)[0]
    secret = issue_token(place.staff, log_id, name="walking", role=role, sites=sites, days=1, by=place.by)
    return {"authorization": f"Bearer {secret}"}


def path_of(route: StaffRoute, value: str) -> str:
    """Return the address with this in each of its places."""
    path = route.path
    for name in ("record", "export", "consent_id", "hold", "alert", "webhook", "site", "number", "digest"):
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, path
    return path


def send(service: RunningService, route: StaffRoute, path: str, header: dict[str, str], body: bytes = b"{}") -> Any:
    if route.method == "GET":
        return service.request("GET", path, headers=header)
    return service.request(route.method, path, content=body, headers={**header, "content-type": "application/json"})


def is_clear(answer: Any, *statuses: int) -> bool:
    """Say whether an answer is a problem document with one of these statuses that a person can read."""
    said = answer.json()
    plain = answer.headers["content-type"] == "application/problem+json" and len(answer.content) < 20_000
    return plain and answer.status_code in statuses and said["status"] == answer.status_code and bool(said["detail"])


def test_an_id_that_is_nobodys_is_not_found(shared_service: RunningService, routes: list[StaffRoute]) -> None:
    """In every place of every address; nothing is stored but that somebody signed nothing."""
    for route in (one for one in routes if "{" in one.path):
        header = token(shared_service, route)
        before = shared_service.rows()
        for value in NONSENSE:
            answer = send(shared_service, route, path_of(route, value), header)
            assert is_clear(answer, 400, 404, 422), (route.method, route.path, value, answer.text)
        assert NOTHING == more_rows(before, shared_service.rows()), route.path


def test_a_parameter_that_nobody_knows_is_refused(shared_service: RunningService, routes: list[StaffRoute]) -> None:
    """Also where an address takes none at all: what is misspelt must not be taken for a search without it."""
    for route in routes:
        header = token(shared_service, route)
        before = shared_service.rows()
        for query in ("nonsense=1", "%00=1", "x" * 5000 + "=1", "Limit=1"):
            answer = send(shared_service, route, f"{path_of(route, 'demo0001')}?{query}", header)
            assert is_clear(answer, 400, 404), (route.method, route.path, query, answer.text)
        assert NOTHING == more_rows(before, shared_service.rows()), route.path


def test_a_value_that_can_not_be_meant_is_refused(shared_service: RunningService, routes: list[StaffRoute]) -> None:
    """Of every parameter of every address: nonsense, nothing, much too long, and the same one twice."""
    for route in routes:
        known = route.says.query if route.says else ()
        if not known:
            continue
        header = token(shared_service, route)
        before, allowed = shared_service.rows(), False
        for parameter in known:
            values = [quote(value, safe="%") for value in BAD_VALUES]
            for query in (*(f"{parameter.name}={value}" for value in values), f"{parameter.name}=1&{parameter.name}=1"):
                answer = send(shared_service, route, f"{path_of(route, 'demo0001')}?{query}", header)
                taken = answer.status_code == 200 and _is_allowed(parameter.schema, query)
                assert taken or is_clear(answer, 400, 404, 422), (route.path, query[:80], answer.status_code)
                allowed |= taken
        if not allowed:
            assert NOTHING == more_rows(before, shared_service.rows()), route.path


def _is_allowed(schema: Any, query: str) -> bool:
    """Say whether the API's own description allows a value: a name of staff may be anything, and finds nobody."""
    value = unquote(query.partition("=")[2])
    fits = re.search(schema["pattern"], value) is not None if "pattern" in schema else "maxLength" in schema
    return fits and len(value) <= schema.get("maxLength", 255)


def test_a_range_with_its_ends_the_wrong_way_round_is_refused(
    shared_service: RunningService, routes: list[StaffRoute]
) -> None:
    """Wherever there is a range."""
    found = [one for one in routes if one.says and {"from", "to"} <= {parameter.name for parameter in one.says.query}]
    assert {"/api/v1/records", "/api/v1/entries", "/api/v1/export", "/api/v1/statistics"} == {one.path for one in found}
    for route in found:
        header = token(shared_service, route)
        for since, until in (("2026-06-15", "2026-06-14"), ("9999-12-31", "1970-01-01"), ("0001-01-01", "9999-12-31")):
            answer = send(shared_service, route, f"{route.path}?from={since}&to={until}", header)
            assert is_clear(answer, 400), (route.path, since, until, answer.text)


def test_a_body_that_can_not_be_meant_is_refused(shared_service: RunningService, routes: list[StaffRoute]) -> None:
    """Broken, of another form, with members that nobody knows, much too long, or sent as something else."""
    for route in (one for one in routes if one.says and one.says.body is not None):
        header = token(shared_service, route)
        path = path_of(route, "demo0001")
        before = shared_service.rows()
        for body in (*BAD_BODIES, b'{"reason": "' + b"x" * 600_000 + b'"}'):
            answer = send(shared_service, route, path, header, body)
            assert is_clear(answer, 400, 404, 413, 422), (route.path, body[:40], answer.text)
        other = shared_service.request("POST", path, content=b"a=b", headers={**header, "content-type": "text/html"})
        assert is_clear(other, 400, 404, 415), (route.path, other.text)  # what is wrong first is told
        assert NOTHING == more_rows(before, shared_service.rows()), route.path


def test_a_token_that_ended_opens_nothing(service: RunningService) -> None:
    """Revoked, expired, or of a role that an address is not for: 401 or 403 everywhere, at once, without a trace."""
    place = service.home.place
    for route in api_routes(service.node.live):
        revoked, other = token(service, route), sorted(set(Role) - route.roles)
        revoke_token(place.staff, 1, place.staff.tokens(1)[0].token_id, by=place.by)
        wrong = [issue_token(place.staff, 1, name="x", role=one, sites=None, days=1, by=place.by) for one in other]
        before = service.rows()
        path = path_of(route, "demo0001")
        assert is_clear(send(service, route, path, revoked), 401), route.path
        for secret in wrong:
            assert is_clear(send(service, route, path, {"authorization": f"Bearer {secret}"}), 403), route.path
        assert NOTHING == more_rows(before, service.rows()), route.path
    expiring = {one.path: token(service, one) for one in api_routes(service.node.live)}
    service.home.clock.forward(DAY)
    for route in api_routes(service.node.live):
        assert is_clear(send(service, route, path_of(route, "demo0001"), expiring[route.path]), 401), route.path


@pytest.fixture
def kept(service: RunningService) -> dict[str, str]:
    """Give what there is of one site: a record, its person, a hold, a webhook, an export."""
    place = service.home.place
    record = service.accept()["record"]
    service.settle()
    secret = issue_token(place.staff, 1, name="o", role="owner", sites=None, days=1, by=place.by)
    owner = {"authorization": f"Bearer {secret}"}
    shown = service.get(f"/api/v1/records/{record}", **owner).json()
    hold = place_hold(place.forgetting, 1, site="demo0001", known_sites=["demo0001"], reason="An audit.", by=place.by)
    hook = add_webhook(
        service.node.live.webhooks,
        place.ledger,
        1,
        url="https://hook.example.org/x",
        events=("decision.recorded",),
        sites=("demo0001",),
        known_sites=("demo0001",),
        by=place.by,
    )
    return {
        "record": record,
        "consent_id": shown["consent_id"],
        "receipt": shown["receipt"],
        "hold": str(UUID(bytes=hold.hold_id)),
        "webhook": str(UUID(bytes=hook.webhook_id)),
        "export": service.get("/api/v1/export", **owner).headers["askfirst-export"],
        "site": "demo0001",
        "number": "1",
        "alert": str(UUID(int=1)),
        "digest": "0" * 64,
    }


@pytest.mark.each_database
@pytest.mark.parametrize("whose", ["another site", "another organisation"])
def test_a_token_of_another_site_sees_and_changes_nothing(
    service: RunningService, kept: dict[str, str], whose: str
) -> None:
    """Every address with what really is there in its places: not found, in the words for what is nowhere."""
    for route in api_routes(service.node.live):
        if whose == "another site":
            header = token(service, route, ("shop0001",))
        else:
            header = token(service, route, None, "other")
        path = route.path
        for name, value in kept.items():
            path = path.replace(f"{{{name}}}", value)
        before = service.rows()
        reason = '"reason": "A try."'
        bodies = [f'{{"{name}": "{kept[name]}", {reason}}}' for name in ("record", "consent_id", "receipt")]
        for body in (*bodies, f"{{{reason}}}", f'{{"receipt": "{kept["receipt"]}"}}', "{}"):
            answer = send(service, route, path, header, body.encode())
            seen = answer.text
            assert kept["record"] not in seen.replace(path, ""), (route.path, seen)
            if "{" in route.path or (route.method != "GET" and whose == "another site"):
                assert is_clear(answer, 400, 403, 404, 415, 422), (route.path, body, seen)
        if route.method != "GET":
            assert not more_rows(before, service.rows()).keys() - {"entry", "pending", "deed"}, route.path


def test_a_cursor_is_a_place_and_no_permission(service: RunningService) -> None:
    """Of another search, it shows what may be seen anyway; of another organisation, or made up, it is refused."""
    mine = [service.accept()["record"] for _ in range(3)]
    theirs = service.accept("other0001")["record"]
    other_site = service.accept("shop0001")["record"]
    service.home.clock.forward(1)
    newest = service.accept()["record"]
    auditor = {one.path: one for one in api_routes(service.node.live)}["/api/v1/records"]
    shop, whole, other = (
        token(service, auditor, ("shop0001",)),
        token(service, auditor),
        token(service, auditor, None, "other"),
    )

    def page(cursor: str, header: dict[str, str], more: str = "") -> set[str]:
        answer = service.get(f"/api/v1/records?cursor={cursor}{more}", **header)
        assert 200 == answer.status_code, answer.text
        return {one["record"] for one in answer.json()["records"]}

    assert set() == page(other_site, shop)
    assert {other_site} == page(newest, shop)
    for foreign, header in ((theirs, whole), (mine[0], other), ("ffffffff-ffff-ffff-ffff-ffffffffffff", shop)):
        before = service.rows()
        for path in ("records?cursor", "entries?cursor", "export?cursor", "erasures?after"):
            answer = service.get(f"/api/v1/{path}={foreign}", **header)
            assert is_clear(answer, 404), (path, answer.text)
            assert "No search of this organisation gave this cursor." == answer.json()["detail"]
        assert not more_rows(before, service.rows())
    assert set(mine[:2]) == page(mine[2], whole, "&site=demo0001&method=accept_all")
    for altered in (mine[2][:-1], mine[2] + "0", mine[2].replace("-", ""), f"{{{mine[2]}}}", "1", "%00"):
        for path in ("records", "entries", "export", "alerts"):
            assert is_clear(service.get(f"/api/v1/{path}?cursor={altered}", **whole), 400), (path, altered)
