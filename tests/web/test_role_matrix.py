"""Every address for staff, and every role: who is let in, what an entry is left of, and that none is forgotten."""

from uuid import UUID

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from askfirst.app import PUBLIC, declared_routes, public_routes
from askfirst.core.errors import ConfigurationFault
from askfirst.core.kinds import EntryKind
from askfirst.core.roles import STAFF_ROLES, Role
from askfirst.usecases.alerts import Noticed, Rule, settle
from askfirst.usecases.holds import place_hold
from askfirst.usecases.tokens import issue_token
from askfirst.usecases.webhooks import Sent, add_webhook
from askfirst.web.console.frame import Frame
from askfirst.web.console.session_door import SessionDoor
from askfirst.web.decisions import DecisionEndpoint
from askfirst.web.limits import AddressLimit
from askfirst.web.policies import PolicyEndpoint
from askfirst.web.scripts import ScriptEndpoint
from askfirst.web.staff_routes import Actor, Deed, Guarded, StaffRoute, require_declared, staff_routes
from support import drafts
from support.running_service import RunningService
from support.staff import Desk, desk
from support.table_rows import more_rows

FLOOD = Noticed(Rule.FLOOD, "demo0001", {"refused": 60, "addresses": 1})
EVERYBODY, AUDITORS, OWNERS = {"auditor", "editor", "owner"}, {"auditor", "owner"}, {"owner"}
EDITORS = {"editor", "owner"}

# Each address: who may open it, whether the role has to be for the whole organisation, and the entry that it leaves.
EXPECTED: dict[str, tuple[set[str], bool, str]] = {
    "GET /api/v1/records": (AUDITORS, False, "records:searched"),
    "GET /api/v1/records/{record}": (AUDITORS, False, "record:viewed"),
    "GET /api/v1/records/{record}/proof": (AUDITORS, False, "record:viewed"),
    "GET /console/records/{record}/proof": (AUDITORS, False, "record:viewed"),
    "GET /console/records/{record}/banner": (AUDITORS, False, "record:viewed"),
    "GET /api/v1/records/{record}/statement": (AUDITORS, False, "record:viewed"),
    "GET /console/records/{record}/statement": (AUDITORS, False, "record:viewed"),
    "GET /api/v1/sites/{site}/policies": (EVERYBODY, False, "page:viewed"),
    "GET /api/v1/sites/{site}/policies/{number}": (EVERYBODY, False, "page:viewed"),
    "POST /api/v1/sites/{site}/policies/check": (EVERYBODY, False, "page:viewed"),
    "POST /api/v1/sites/{site}/policies/diff": (EVERYBODY, False, "page:viewed"),
    "GET /api/v1/sites/{site}/policies/{number}/pictures": (EVERYBODY, False, "page:viewed"),
    "GET /api/v1/sites/{site}/policies/{number}/pictures/{digest}": (EVERYBODY, False, "page:viewed"),
    "POST /api/v1/sites/{site}/policies/{number}/pictures": ({"editor", "owner"}, False, "policy:rendered"),
    "POST /api/v1/sites/{site}/policies": ({"editor", "owner"}, False, "policy:published"),
    "POST /api/v1/erasures": (OWNERS, False, "record:erased"),
    "GET /api/v1/holds": (AUDITORS, False, "page:viewed"),
    "POST /api/v1/holds": (OWNERS, False, "hold:placed"),
    "POST /api/v1/holds/{hold}/lift": (OWNERS, False, "hold:lifted"),
    "POST /api/v1/subjects": (AUDITORS, False, "records:exported"),
    "GET /api/v1/statistics": (AUDITORS, False, "page:viewed"),
    "GET /api/v1/alerts": (AUDITORS, False, "page:viewed"),
    "POST /api/v1/alerts/{alert}/acknowledge": (AUDITORS, False, "alert:acknowledged"),
    "GET /console/alerts": (AUDITORS, False, "page:viewed"),
    "POST /console/alerts/{alert}/acknowledge": (AUDITORS, False, "alert:acknowledged"),
    "POST /api/v1/webhooks": (OWNERS, False, "webhook:added"),
    "GET /api/v1/webhooks": (OWNERS, False, "page:viewed"),
    "POST /api/v1/webhooks/{webhook}/test": (OWNERS, False, "webhook:tested"),
    "POST /api/v1/webhooks/{webhook}/pause": (OWNERS, False, "webhook:paused"),
    "POST /api/v1/webhooks/{webhook}/resume": (OWNERS, False, "webhook:resumed"),
    "DELETE /api/v1/webhooks/{webhook}": (OWNERS, False, "webhook:removed"),
    "GET /api/v1/retention": (AUDITORS, False, "page:viewed"),
    "GET /api/v1/export": (AUDITORS, False, "records:exported"),
    "GET /api/v1/exports/{export}": (AUDITORS, False, "page:viewed"),
    "GET /api/v1/entries": (AUDITORS, False, "records:searched"),
    "GET /api/v1/erasures": (AUDITORS, False, "records:searched"),
    "GET /api/v1/subjects/{consent_id}": (AUDITORS, False, "records:exported"),
    "POST /api/v1/decisions": ({"recorder"}, False, "decision:recorded"),
    "GET /console": (EVERYBODY, False, "page:viewed"),
    "GET /console/statistics": (EVERYBODY, False, "page:viewed"),
    "GET /console/exports": (AUDITORS, False, "page:viewed"),
    "GET /console/exports/file": (AUDITORS, False, "records:exported"),
    "GET /console/exports/{export}/manifest": (AUDITORS, False, "page:viewed"),
    "GET /console/webhooks": (OWNERS, False, "page:viewed"),
    "POST /console/webhooks": (OWNERS, False, "webhook:added"),
    "POST /console/webhooks/{webhook}/test": (OWNERS, False, "webhook:tested"),
    "POST /console/webhooks/{webhook}/remove": (OWNERS, False, "webhook:removed"),
    "GET /console/events": (AUDITORS, False, "records:followed"),
    "GET /console/records": (AUDITORS, False, "records:searched"),
    "GET /console/records/{record}": (AUDITORS, False, "record:viewed"),
    "POST /console/records/{record}/erase": (OWNERS, False, "record:erased"),
    "POST /console/records/{record}/hold": (OWNERS, False, "hold:placed"),
    "GET /console/holds": (AUDITORS, False, "page:viewed"),
    "POST /console/holds/{hold}/lift": (OWNERS, False, "hold:lifted"),
    "POST /console/holds": (OWNERS, False, "hold:placed"),
    "GET /console/people": (AUDITORS, False, "page:viewed"),
    "POST /console/people": (AUDITORS, False, "records:searched"),
    "GET /console/people/{record}": (AUDITORS, False, "records:searched"),
    "GET /console/people/{record}/file": (AUDITORS, False, "records:exported"),
    "POST /console/people/{record}/hold": (OWNERS, False, "hold:placed"),
    "GET /console/people/{record}/erase": (OWNERS, False, "page:viewed"),
    "POST /console/people/{record}/erase": (OWNERS, False, "record:erased"),
    "GET /console/retention": (AUDITORS, False, "page:viewed"),
    "POST /console/webhooks/{webhook}/pause": (OWNERS, False, "webhook:paused"),
    "POST /console/webhooks/{webhook}/resume": (OWNERS, False, "webhook:resumed"),
    "GET /console/staff/sign-ins": (OWNERS, True, "page:viewed"),
    "GET /console/ledger": (AUDITORS, False, "page:viewed"),
    "GET /console/entries": (AUDITORS, False, "records:searched"),
    "GET /console/policies": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/{number}": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/{number}/preview": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/{number}/frame": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/{number}/pictures": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/draft": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/draft/preview": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/draft/frame": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/draft/file": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/draft/file.json": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/draft/publish": (EVERYBODY, False, "page:viewed"),
    "GET /console/policies/{site}/draft/{part}": (EVERYBODY, False, "page:viewed"),
    "POST /console/policies/{site}/draft/{part}": (EDITORS, False, "policy:drafted"),
    "POST /console/policies/{site}/draft/{part}/try": (EDITORS, False, "page:viewed"),
    "POST /console/policies/{site}/draft/file": (EDITORS, False, "policy:drafted"),
    "POST /console/policies/{site}/draft/base": (EDITORS, False, "policy:drafted"),
    "POST /console/policies/{site}/draft/discard": (EDITORS, False, "policy:drafted"),
    "POST /console/policies/{site}/draft/publish": (EDITORS, False, "policy:published"),
    "GET /console/account": (EVERYBODY, False, "page:viewed"),
    "POST /console/account/password": (EVERYBODY, False, "staff:changed"),
    "POST /console/account/language": (EVERYBODY, False, "staff:changed"),
    "POST /console/account/sign-out-everywhere": (EVERYBODY, False, "staff:signed_out"),
    "POST /console/sign-out": (EVERYBODY, False, "staff:signed_out"),
    "GET /console/staff": (OWNERS, True, "page:viewed"),
    "GET /console/staff/add": (OWNERS, True, "page:viewed"),
    "POST /console/staff/add": (OWNERS, True, "staff:created"),
    "GET /console/staff/{member}": (OWNERS, True, "page:viewed"),
    "POST /console/staff/{member}/change": (OWNERS, True, "staff:changed"),
    "POST /console/staff/{member}/link": (OWNERS, True, "staff:changed"),
    "POST /console/staff/{member}/sign-out": (OWNERS, True, "staff:changed"),
    "POST /console/staff/{member}/disable": (OWNERS, True, "staff:disabled"),
    "POST /console/staff/{member}/enable": (OWNERS, True, "staff:changed"),
    "GET /console/staff/tokens/add": (OWNERS, True, "page:viewed"),
    "POST /console/staff/tokens/add": (OWNERS, True, "token:created"),
    "POST /console/staff/tokens/{token}/revoke": (OWNERS, True, "token:revoked"),
}
STREAMS = {"GET /console/events"}  # it does not end by itself; tests/web/console has its own


def guarded(service: RunningService) -> dict[str, StaffRoute]:
    live = service.node.live
    found = {}
    for route in declared_routes(live, Frame(live)):
        assert isinstance(route.endpoint, Guarded)
        found[f"{route.endpoint.route.method} {route.path}"] = route.endpoint.route
    return found


def test_every_address_declares_what_is_expected_of_it(shared_service: RunningService) -> None:
    """The whole table: an address that is added without being expected here is told."""
    declared = {
        name: ({str(role) for role in route.roles}, route.whole, str(route.entry))
        for name, route in guarded(shared_service).items()
    }

    assert EXPECTED == declared


def test_every_address_is_public_or_declared(shared_service: RunningService) -> None:
    """Public ones are listed by hand; no pattern of them covers another."""
    live = shared_service.node.live
    decisions = DecisionEndpoint(live, AddressLimit(0))
    scripts = ScriptEndpoint(lambda: live.current.scripts, lambda: live.directory)
    policies = PolicyEndpoint(lambda: live.directory)
    routes = public_routes(shared_service.node, Frame(live), decisions, scripts, policies)
    public = {getattr(route, "path", None) for route in routes}

    assert PUBLIC == public
    assert not PUBLIC & {name.partition(" ")[2] for name in guarded(shared_service)}


async def _open(_request: Request) -> Response:
    return Response("anybody may read this")


@pytest.mark.parametrize(
    "route",
    [Route("/console/secrets", _open), Mount("/x", routes=[Route("/y", _open)]), Mount("/console", app=_open)],
)
def test_with_an_undeclared_address_there_is_no_service(route: Route) -> None:
    """A plain route or mount that somebody adds does not start."""
    with pytest.raises(ConfigurationFault, match="declares neither a role nor a ledger entry"):
        require_declared([route], PUBLIC)


async def _deed(_request: Request, _actor: Actor) -> Deed:
    return Deed(Response(), None)


def test_an_address_without_role_or_entry_is_no_address(shared_service: RunningService) -> None:
    """Both are named at once."""
    live = shared_service.node.live
    route = StaffRoute("/console/x", "GET", frozenset(), "", _deed)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationFault) as refused:
        staff_routes(live, SessionDoor(live), [route])

    assert ["declares no role", "declares no ledger entry kind"] == [said for _name, said in refused.value.errors]


def path_of(name: str, service: RunningService, someone: str, token: str, record: str) -> str:
    path = name.partition(" ")[2].replace("{site}", "demo0001").replace("{number}", "1").replace("{part}", "who")
    return path.replace("{member}", someone).replace("{token}", token).replace("{record}", record)


class Deaf:
    """A sender that reaches nobody."""

    def send(self, _url: str, _headers: dict[str, str], _body: bytes) -> Sent:
        return Sent(arrived=False, said="It can not be reached: ConnectError.")


def ask(who: Desk, name: str, path: str, fields: dict[str, str]) -> int:
    return who.get(path).status_code if name.startswith("GET") else who.post(path, fields).status_code


@pytest.mark.parametrize("role", STAFF_ROLES)
@pytest.mark.parametrize("sites", [None, ("demo0001",)], ids=["whole", "one site"])
@pytest.mark.parametrize("name", [name for name in EXPECTED if " /console" in name and name not in STREAMS])
def test_each_role_is_let_in_where_it_is_declared_and_nowhere_else(
    service: RunningService, name: str, sites: tuple[str, ...] | None, role: Role
) -> None:
    """Let in: an answer and exactly one entry (two where somebody is made who gets a link with it). Else: nothing."""
    roles, whole, entry = EXPECTED[name]
    accepted = service.accept()
    record = accepted["record"]
    service.settle()
    other = desk(service, "owner", login="other@example.org")
    who = desk(service, role, sites)
    issue_token(service.home.place.staff, 1, name="x", role="auditor", sites=None, days=1, by=service.home.place.by)
    token = str(UUID(bytes=service.home.place.staff.tokens(1)[0].token_id))
    someone = str(UUID(bytes=other.member.staff_id))
    fields = {"login": "new@example.org", "name": "New", "role": "editor", "days": "7", "reason": "A reason."}
    fields |= {"new": "a good long passphrase", "again": "a good long passphrase", "language": "de"}
    fields |= {"whom": accepted["receipt"], "site": "demo0001", "sure": "yes"}
    if name.startswith("POST") and "/draft" in name:
        draft = drafts.begin(service.home, controller=drafts.ANOTHER)
        fields = {**drafts.fields(draft), "reason": "A reason.", "file": drafts.as_file(draft)}
    path = path_of(name, service, someone, token, record)
    if "{hold}" in path:
        place = service.home.place
        held = place_hold(
            place.forgetting, 1, site="demo0001", known_sites=["demo0001"], reason="A lawsuit.", by=place.by
        )
        path = path.replace("{hold}", str(UUID(bytes=held.hold_id)))
    if "{alert}" in path:
        settle(service.node.live.alerts, 1, [FLOOD], looked_for=set(), by=service.home.place.by)
        raised = service.node.live.alerts.open_alerts(1)[0]
        path = path.replace("{alert}", str(UUID(bytes=raised.alert_id)))
    if "{webhook}" in path or name == "POST /console/webhooks":
        fields |= {"url": "https://hook.example.org/x", "events": "decision.recorded"}
        place, ledger = service.home.place, service.home.place.ledger
        told = ("decision.recorded",)
        known = ("demo0001",)
        hook = add_webhook(
            service.node.live.webhooks,
            ledger,
            1,
            url="https://hook.example.org/y",
            events=told,
            sites=sites,
            known_sites=known,
            by=place.by,
        )
        path = path.replace("{webhook}", str(UUID(bytes=hook.webhook_id)))
        service.node.live.sender = Deaf()
    if "{export}" in path:
        taken = who.get("/console/exports/file") if role != Role.EDITOR else None
        path = path.replace("{export}", taken.headers["askfirst-export"] if taken else str(UUID(int=1)))
    before = service.rows()
    status = ask(who, name, path, fields)
    more = more_rows(before, service.rows())

    if role in roles and (sites is None or not whole):
        assert status in (200, 303), (status, name)
        # Enabling somebody who is enabled changes nothing; an export is told before its first byte and after its last.
        expected = 0 if name.endswith("/enable") else 2 if name.endswith("/exports/file") else 1
        assert expected == more.get("entry", 0)
        if expected:
            kinds = _last_kinds(service)
            assert entry == kinds[-1]
    else:
        assert (403, {}) == (status, more)


def _last_kinds(service: RunningService) -> list[str]:
    from support.staff import entries

    return [str(one["kind"]) for one in entries(service.home)]


@pytest.mark.parametrize("name", EXPECTED)
def test_nobody_is_let_in_without_showing_who_they_are(shared_service: RunningService, name: str) -> None:
    """No cookie, a made-up one, a token in the console, a session in the API: nowhere."""
    path = path_of(name, shared_service, str(UUID(int=1)), str(UUID(int=1)), str(UUID(int=1)))
    method = name.partition(" ")[0]
    api = path.startswith("/api/")
    before = shared_service.rows()
    for headers in (
        {},
        {"cookie": "__Host-askfirst_session=" + "0" * 64},
        {"cookie": "__Host-askfirst_session="},
        {"cookie": "askfirst_session=" + "0" * 64},
        {"authorization": "Bearer askfirst_" + "0" * 64},
    ):
        answer = shared_service.request(method, path, headers={"sec-fetch-site": "same-origin", **headers})
        assert (401 if api else 303) == answer.status_code, headers
        if not api:
            assert answer.headers["location"].startswith("/console/sign-in")

    assert {} == more_rows(before, shared_service.rows())


def test_a_token_opens_no_page_and_a_session_no_api(service: RunningService) -> None:
    """Two doors, and the key of one does not fit the other."""
    place = service.home.place
    secret = issue_token(place.staff, 1, name="x", role="owner", sites=None, days=1, by=place.by)
    who = desk(service)

    assert 303 == service.get("/console", authorization=f"Bearer {secret}").status_code
    assert 401 == who.get("/api/v1/records").status_code


def test_every_kind_that_an_address_declares_is_documented() -> None:
    """The closed list holds them all."""
    assert {entry for _roles, _whole, entry in EXPECTED.values()} <= {kind.value for kind in EntryKind}
