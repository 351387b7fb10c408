"""Decisions that a website's own server tells, the receipts that it asks about, and the visitors that it relays."""

import json
from typing import Any

import pytest

from askfirst.usecases.erase import erase_record
from askfirst.usecases.tokens import issue_token, revoke_token
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.token import claimed_payload
from support.places import PAGE
from support.running_service import VISITOR, RunningService
from support.time_and_ids import DAY

PATH = "/api/v1/decisions"
SOME = {"measurement": True, "embeds": False}
NONE = {"measurement": False, "embeds": False}


def token(service: RunningService, role: str = "recorder", sites: tuple[str, ...] | None = None, log: int = 1) -> str:
    """Issue a token."""
    place = service.home.place
    return issue_token(place.staff, log, name="web", role=role, sites=sites, days=30, by=place.by)


def told(service: RunningService, **changes: Any) -> dict[str, Any]:
    """Return a decision as a server tells it; a member that is changed to None is left out."""
    given = service.decision(**{"purposes": SOME, "method": "api", **changes})
    del given["build"]
    return {"site": "demo0001", **given}


def send(service: RunningService, members: Any, secret: str | None, **headers: str) -> Any:
    """Send it with a token."""
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    authorization = {} if secret is None else {"authorization": f"Bearer {secret}"}
    sent = {"content-type": "application/json", **authorization, **headers}
    return service.request("POST", PATH, content=body, headers=sent)


def test_a_server_records_a_decision_that_was_made_by_phone(service: RunningService) -> None:
    """The same record, ledger entry and receipt as in a banner, with the method that says where it came from."""
    answer = send(service, told(service), token(service))
    service.settle()

    receipt = parse_receipt(claimed_payload(answer.json()["receipt"]))
    assert (201, "api", SOME) == (answer.status_code, receipt.method, dict(receipt.purposes))
    entry = service.home.place.ledger.entries(1, 0, 50)[-1]
    what = json.loads(entry.what or b"")
    assert (None, "", "api") == (what["build"], what["origin"], what["method"])
    assert answer.json()["record"] == what["record"]


def test_without_a_script_a_page_is_answered_through_its_server(service: RunningService) -> None:
    """With the method that the visitor chose, and the page's origin where it is one of the site's."""
    secret = token(service)
    answer = send(service, told(service, method="reject_all", purposes=NONE, origin=PAGE), secret)

    assert 201 == answer.status_code
    assert "record" not in answer.json()
    foreign = send(service, told(service, origin="https://evil.example"), secret)
    assert (403, "/problems/origin-not-allowed") == (foreign.status_code, foreign.json()["type"])


def test_the_same_decision_is_recorded_once(service: RunningService) -> None:
    """A retry gets the first answer byte for byte; another body under the same id is a conflict."""
    secret, decision = token(service), told(service)
    first, again = send(service, decision, secret), send(service, decision, secret)
    other = send(service, {**decision, "purposes": NONE}, secret)

    assert (201, 200, 409) == (first.status_code, again.status_code, other.status_code)
    assert first.content == again.content
    assert 1 == service.rows()["record"]


def test_it_joins_the_subject_whose_receipt_comes_along(service: RunningService) -> None:
    """And no other's."""
    secret, before = token(service), service.accept()
    joined = send(service, told(service, receipt=before["receipt"]), secret).json()["receipt"]
    alone = send(service, told(service), secret).json()["receipt"]

    subjects = [parse_receipt(claimed_payload(one)).subject for one in (before["receipt"], joined, alone)]
    assert subjects[0] == subjects[1] != subjects[2]


@pytest.mark.parametrize("role", ["auditor", "editor", "owner"])
def test_only_a_recorder_records(service: RunningService, role: str) -> None:
    """And a recorder sees nothing."""
    assert 403 == send(service, told(service), token(service, role)).status_code
    seen = service.request("GET", "/api/v1/records", headers={"authorization": f"Bearer {token(service)}"})
    assert 403 == seen.status_code
    assert 0 == service.rows()["record"]


def test_a_recorder_is_for_its_own_sites(service: RunningService) -> None:
    """Another site of the organisation is forbidden; another organisation's is as unknown as nobody's."""
    narrow = token(service, sites=("shop0001",))

    answers = [
        send(service, told(service), narrow),
        send(service, told(service), token(service, log=2)),
        send(service, {**told(service), "site": "nobody01"}, token(service)),
        send(service, told(service), None),
        send(service, told(service), "askfirst_" + "0" * 64),
    ]
    assert [403, 404, 404, 401, 401] == [one.status_code for one in answers]
    assert 0 == service.rows()["record"]


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"v": 2}, "v"),
        ({"v": True}, "v"),
        ({"id": "x"}, "id"),
        ({"policy": "x"}, "policy"),
        ({"purposes": {}}, "purposes"),
        ({"purposes": {"measurement": 1, "embeds": True}}, "purposes"),
        ({"method": "telepathy"}, "method"),
        ({"at": -1}, "at"),
        ({"at": "now"}, "at"),
        ({"gpc": None}, "gpc"),
        ({"build": "0" * 64}, "build"),
        ({"consent_id": "x"}, "consent_id"),
        ({"page": "/x"}, "page"),
        ({"origin": 7}, "origin"),
        ({"receipt": 7}, "receipt"),
        ({"site": 7}, "site"),
    ],
)
def test_a_decision_out_of_form_is_told_what_is_wrong(
    shared_service: RunningService, changes: dict[str, Any], member: str
) -> None:
    """By member, and nothing is stored."""
    service = shared_service
    before = service.rows()["record"]
    answer = send(service, {**told(service), **changes}, token(service))

    assert (422, "/problems/invalid-decision") == (answer.status_code, answer.json()["type"])
    assert [member] == [error["member"] for error in answer.json()["errors"]]
    assert before == service.rows()["record"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"policy": "0" * 64}, "unknown-policy"),
        ({"language": "fr"}, "unknown-language"),
        ({"rule": "mars"}, "unknown-rule"),
        ({"purposes": {"measurement": True}}, "missing-purpose"),
        ({"purposes": {**SOME, "spying": True}}, "unknown-purpose"),
        ({"method": "accept_all"}, "method-mismatch"),
        ({"method": "withdraw"}, "method-mismatch"),
    ],
)
def test_it_is_held_against_the_same_rules(shared_service: RunningService, changes: dict[str, Any], code: str) -> None:
    """A server can not record what a page could not."""
    answer = send(shared_service, {**told(shared_service), **changes}, token(shared_service))

    assert (422, f"/problems/{code}") == (answer.status_code, answer.json()["type"])


def test_what_is_no_json_or_too_much_of_it_is_refused(shared_service: RunningService) -> None:
    """Before anything else is done."""
    secret = token(shared_service)

    assert [400, 413, 422, 415] == [
        send(shared_service, b"{", secret).status_code,
        send(shared_service, b" " * 9000, secret).status_code,
        send(shared_service, b"[]", secret).status_code,
        send(shared_service, told(shared_service), secret, **{"content-type": "text/plain"}).status_code,
    ]


# -- receipts that are asked about ----------------------------------------------------------------------------------


def ask(service: RunningService, *receipts: Any, site: str = "demo0001") -> Any:
    """Ask whether receipts stand."""
    return service.request("POST", f"/v/{site}", content=json.dumps({"v": 1, "receipts": list(receipts)}).encode())


def states(answer: Any) -> list[Any]:
    """Return what is said of each."""
    assert 200 == answer.status_code, answer.text
    return [one["state"] if len(one) == 1 else (one["state"], one["granted"]) for one in answer.json()["answers"]]


def test_the_newest_answer_stands(service: RunningService) -> None:
    """Before and after it was sequenced."""
    receipt = service.accept()["receipt"]
    before = states(ask(service, receipt))
    service.settle()

    assert [["current"], ["current"]] == [before, states(ask(service, receipt))]


def test_a_withdrawal_elsewhere_is_told(service: RunningService) -> None:
    """In another browser that held the same receipt."""
    receipt = service.accept()["receipt"]
    narrower = service.accept(purposes=SOME, method="custom", receipt=receipt)["receipt"]
    superseded = states(ask(service, receipt, narrower))
    service.home.clock.forward(1)
    service.refuse(method="withdraw", receipt=receipt)

    assert [("superseded", ["measurement"]), "current"] == superseded
    assert ["withdrawn", "withdrawn"] == states(ask(service, receipt, narrower))


def test_an_erasure_is_told(service: RunningService) -> None:
    """The receipt in the browser outlives its record; whoever must know learns it."""
    answer = service.accept()
    service.settle()
    by = service.home.place.by
    erase_record(service.home.place.forgetting, 1, answer["record"], reason="The visitor asked.", by=by)

    assert ["erased"] == states(ask(service, answer["receipt"]))


def test_what_is_no_receipt_of_this_site_is_unknown(service: RunningService) -> None:
    """Forged, of another site, expired; a full refusal is nobody's."""
    good, other = service.accept()["receipt"], service.accept("shop0001")["receipt"]
    refusal = service.refuse()["receipt"]

    assert ["current", "unknown", "unknown", "unknown", "refusal"] == states(
        ask(service, good, other, good[:-4] + "AAAA", "x", refusal)
    )
    service.home.clock.forward(200 * DAY)
    assert ["unknown"] == states(ask(service, good))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"v":1}', 400),
        (b'{"v":1,"receipts":[]}', 400),
        (b'{"v":1,"receipts":"x"}', 400),
        (b'{"v":1,"receipts":[1]}', 400),
        (b'{"v":2,"receipts":["x"]}', 400),
        (b'{"v":true,"receipts":["x"]}', 400),
        (json.dumps({"v": 1, "receipts": ["x"] * 9}).encode(), 400),
        (b'{"v":1,"receipts":["x"],"more":1}', 400),
        (b" " * 40_000, 413),
    ],
)
def test_a_question_out_of_form_is_refused(shared_service: RunningService, body: bytes, status: int) -> None:
    """With a problem document."""
    assert status == shared_service.request("POST", "/v/demo0001", content=body).status_code


def test_one_receipt_is_not_asked_about_without_end(service: RunningService) -> None:
    """Sixty times a minute; others are not held up by it."""
    receipt, other = service.accept()["receipt"], service.accept()["receipt"]
    answers = [ask(service, receipt).status_code for _ in range(61)]

    assert ([200] * 60, 429, 200) == (answers[:60], answers[60], ask(service, other).status_code)


def test_another_site_is_not_told(shared_service: RunningService) -> None:
    """A key that nobody has is a problem of its own."""
    assert 404 == ask(shared_service, "x", site="nobody01").status_code


# -- visitors that a server relays -----------------------------------------------------------------------------------


def relay(service: RunningService, secret: str, address: str | None, site: str = "demo0001") -> Any:
    """Send a page's decision through its server."""
    headers = {"origin": PAGE, "content-type": "text/plain", "authorization": f"Bearer {secret}"}
    if address is not None:
        headers["askfirst-visitor"] = address
    return service.request("POST", f"/d/{site}", content=json.dumps(service.decision(site)).encode(), headers=headers)


@pytest.fixture
def limited(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int] | None]:
    """Give the list of whom the limit counts."""
    from askfirst.web.limits import AddressLimit

    counted: list[tuple[str, int] | None] = []
    monkeypatch.setattr(AddressLimit, "wait", lambda _self, client, _site: counted.append(client) or 0)
    return counted


def test_a_relayed_answer_counts_for_its_visitor(service: RunningService, limited: list[Any]) -> None:
    """Not for the server, through which all of them come; without a name for the server after all."""
    secret = token(service)
    answers = [relay(service, secret, address) for address in ("198.51.100.0", "2001:db8::", None, "nonsense", "")]

    assert [201] * 5 == [one.status_code for one in answers]
    # The first time the token is read, the server itself is counted too.
    assert [VISITOR, ("198.51.100.0", 0), ("2001:db8::", 0), VISITOR, VISITOR, VISITOR] == limited


def test_nobody_else_names_a_visitor(service: RunningService, limited: list[Any]) -> None:
    """Without a token the name is not looked at; with a bad one the answer is not taken."""
    plain = service.request(
        "POST",
        "/d/demo0001",
        content=json.dumps(service.decision()).encode(),
        headers={"origin": PAGE, "content-type": "text/plain", "askfirst-visitor": "198.51.100.0"},
    )
    bad = [
        relay(service, "askfirst_" + "0" * 64, "198.51.100.0"),
        relay(service, token(service, "owner"), "198.51.100.0"),
        relay(service, token(service, sites=("shop0001",)), "198.51.100.0"),
        relay(service, token(service, log=2), "198.51.100.0"),
    ]

    assert 201 == plain.status_code
    assert [401, 403, 403, 403] == [one.status_code for one in bad]
    assert {VISITOR} == set(limited)


def test_a_revoked_token_is_believed_for_half_a_minute(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking the database for each answer would cost more than the answer."""
    from askfirst.web import server_decisions

    now = [1000.0]
    monkeypatch.setattr(server_decisions.time, "monotonic", lambda: now[0])
    secret, place = token(service), service.home.place
    assert 201 == relay(service, secret, None).status_code
    revoke_token(place.staff, 1, place.staff.tokens(1)[0].token_id, by=place.by)

    assert 201 == relay(service, secret, None).status_code
    now[0] += 30
    assert 401 == relay(service, secret, None).status_code


def test_a_person_can_not_be_a_recorder(service: RunningService) -> None:
    """The role is for programs."""
    from askfirst.core.errors import InvalidAccount
    from askfirst.core.roles import Role
    from askfirst.usecases.staff import add_member

    place = service.home.place
    with pytest.raises(InvalidAccount, match="role"):
        add_member(place.staff, 1, login="a@example.org", name="A", role=Role.RECORDER, sites=None, by=place.by)
