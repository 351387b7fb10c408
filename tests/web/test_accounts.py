"""Choices that are tied to accounts (REQUIREMENTS ASK-14): by a keyed pseudonym, where the policy says so."""

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from askfirst.core.errors import OnHold
from askfirst.storage import tables as t
from askfirst.usecases.erase import erase_account, erase_record, erase_subject
from askfirst.usecases.holds import lift_hold, place_hold
from askfirst.usecases.retain import retain
from askfirst.usecases.subject_access import subject_access
from askfirst.usecases.verify_ledger import verify_ledger
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.token import claimed_payload
from support.places import OTHER_PAGE, PAGE, current_digest, publish
from support.running_service import RunningService
from support.staff import entries
from support.time_and_ids import DAY
from web.test_server_decisions import NONE, send, token, told

WORDS = {"told": "It counts for your account.", "notice": "Your answer counts here too."}
ALICE = "A" * 43
BOB = "B" * 42 + "A"


def switch_on(service: RunningService) -> None:
    """Publish a policy that says that choices are tied to accounts."""
    publish(service.home.place, "demo0001", accounts={"en": WORDS, "de": WORDS})
    service.settle()


@pytest.fixture
def tied(service: RunningService) -> RunningService:
    """Give a service whose site ties choices to accounts."""
    switch_on(service)
    return service


def choice(service: RunningService, account: Any = ALICE, secret: str | None = None, **more: Any) -> Any:
    """Ask which receipt counts for an account."""
    headers = {"authorization": f"Bearer {secret or token(service)}"}
    body = more.get("body", json.dumps({"v": 1, "account": account}).encode())
    return service.request("POST", f"/a/{more.get('site', 'demo0001')}", content=body, headers=headers)


def relay(service: RunningService, account: str | None, secret: str | None, **changes: Any) -> Any:
    """Send a page's decision as a mount does."""
    body = json.dumps(service.decision(**changes)).encode()
    headers = {"origin": PAGE, "content-type": "text/plain"}
    headers |= {} if secret is None else {"authorization": f"Bearer {secret}"}
    headers |= {} if account is None else {"askfirst-account": account}
    return service.request("POST", "/d/demo0001", content=body, headers=headers)


def verified(service: RunningService) -> bool:
    """Say whether the whole ledger holds."""
    place = service.home.place
    return verify_ledger(place.directory, place.ledger, 1, clock=service.home.clock).holds


def opening(service: RunningService, record: str) -> dict[str, Any]:
    service.settle()
    entries = service.home.place.ledger.entries(1, 0, 200)
    return next(json.loads(e.who or b"{}") for e in entries if json.loads(e.who or b"{}").get("record") == record)


def test_a_choice_is_found_again_under_the_pseudonym(tied: RunningService) -> None:
    """Whether a page or a server told it; the newest counts, and nobody else's."""
    secret = token(tied)
    first = relay(tied, ALICE, secret).json()["receipt"]
    other = relay(tied, BOB, secret).json()["receipt"]
    before = choice(tied, secret=secret).json()["receipt"]
    second = send(tied, told(tied, account=ALICE), secret).json()["receipt"]

    assert (first, second) == (before, choice(tied, secret=secret).json()["receipt"])
    assert other == choice(tied, BOB, secret).json()["receipt"]
    assert {"v": 1, "receipt": None} == choice(tied, "C" * 42 + "A", secret).json()


def test_it_is_off_until_a_policy_says_so(service: RunningService) -> None:
    """A server that names an account is told; a visitor's own answer is recorded, and tied to nothing."""
    secret = token(service)
    named = send(service, told(service, account=ALICE), secret)
    relayed = relay(service, ALICE, secret)

    assert (422, "/problems/accounts-off") == (named.status_code, named.json()["type"])
    assert 201 == relayed.status_code
    assert opening(service, relayed.json()["record"])["evidence"] is None
    assert choice(service, secret=secret).json()["receipt"] is None


def test_an_answer_to_a_policy_that_did_not_say_so_is_not_tied(tied: RunningService) -> None:
    """Nobody was told how far it reaches."""
    place = tied.home.place
    before = next(
        one for one in place.directory().sites["demo0001"].policies if one != current_digest(place, "demo0001")
    )
    secret = token(tied)

    assert 201 == relay(tied, ALICE, secret, policy=before).status_code
    assert choice(tied, secret=secret).json()["receipt"] is None


def test_refusal_and_withdrawal_reach_as_far_as_consent(tied: RunningService) -> None:
    """What counts for the account is then the refusal, whose receipt names nobody."""
    secret = token(tied)
    granted = relay(tied, ALICE, secret).json()["receipt"]
    withdrawn = relay(tied, ALICE, secret, purposes=NONE, method="withdraw", receipt=granted).json()["receipt"]

    assert withdrawn == choice(tied, secret=secret).json()["receipt"]
    assert parse_receipt(claimed_payload(withdrawn)).anonymous


def test_a_late_consent_does_not_come_over_a_refusal(tied: RunningService) -> None:
    """It waited on a device that was offline; a late refusal counts."""
    secret, hours = token(tied), 3 * 3_600_000
    refused = relay(tied, ALICE, secret, purposes=NONE, method="reject_all").json()["receipt"]
    late = relay(tied, ALICE, secret, at=tied.home.clock() - hours).json()
    assert late["late"]
    assert refused == choice(tied, secret=secret).json()["receipt"]

    relay(tied, BOB, secret)
    late_refusal = relay(tied, BOB, secret, purposes=NONE, method="reject_all", at=tied.home.clock() - hours).json()
    assert late_refusal["receipt"] == choice(tied, BOB, secret).json()["receipt"]


def test_it_is_a_personal_part_under_its_commitment(tied: RunningService) -> None:
    """In the part that says whom it concerns, which the ledger proves and an erasure takes away."""
    answer = relay(tied, ALICE, token(tied)).json()

    assert {"account": ALICE} == opening(tied, answer["record"])["evidence"]
    assert verified(tied)


@pytest.mark.parametrize(
    ("secret", "status"),
    [(None, 401), ("askfirst_" + "0" * 64, 401), ("auditor", 403), ("owner", 403), ("shop", 403), ("log 2", 403)],
)
def test_only_the_sites_own_server_names_an_account(tied: RunningService, secret: str | None, status: int) -> None:
    """No visitor, no staff, no other site's server; and nobody else learns what counts for one."""
    known = {
        "auditor": lambda: token(tied, "auditor"),
        "owner": lambda: token(tied, "owner"),
        "shop": lambda: token(tied, sites=("shop0001",)),
        "log 2": lambda: token(tied, log=2),
    }
    given = known[secret]() if secret in known else secret
    before = tied.rows()["record"]
    asked = tied.request(
        "POST",
        "/a/demo0001",
        content=json.dumps({"v": 1, "account": ALICE}).encode(),
        headers={} if given is None else {"authorization": f"Bearer {given}"},
    )

    assert (status, status) == (relay(tied, ALICE, given).status_code, asked.status_code)
    assert before == tied.rows()["record"]
    assert "receipt" not in asked.json()


BAD = [
    "",
    "alice@example.org",
    "A" * 42,
    "A" * 44,
    "A" * 42 + "B",
    "A" * 42 + "=",
    "Ä" * 43,
    "A" * 42 + "\n",
    "A" * 9000,
]


@pytest.mark.parametrize("account", BAD)
def test_what_is_no_pseudonym_is_refused(tied: RunningService, account: str) -> None:
    """An account's own id above all: it is never stored, and the answer does not repeat it."""
    secret, before = token(tied), tied.rows()["record"]
    answers = [choice(tied, account, secret), send(tied, told(tied, account=account), secret)]
    if account.isascii() and "\n" not in account and account:
        answers.append(relay(tied, account, secret))

    assert {400, 413, 422} >= {one.status_code for one in answers}
    assert all("alice" not in one.text for one in answers)
    assert before == tied.rows()["record"]


@pytest.mark.parametrize("account", [None, 7, True, [], {}, [ALICE]])
def test_another_type_is_refused(tied: RunningService, account: Any) -> None:
    """Null too: an account that is not there is left out."""
    secret = token(tied)
    named = send(tied, {**told(tied), "account": account}, secret)

    assert (422, "account") == (named.status_code, named.json()["errors"][0]["member"])
    assert 400 == choice(tied, account, secret).status_code


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"v":1}', 400),
        (b'{"v":true,"account":"%b"}' % ALICE.encode(), 400),
        (b'{"v":2,"account":"%b"}' % ALICE.encode(), 400),
        (b'{"v":1,"account":"%b","more":1}' % ALICE.encode(), 400),
        (b'{"v":1,"account":"%b","account":"%b"}' % (ALICE.encode(), BOB.encode()), 400),
        (b"\xff" * 64, 400),
        (b" " * 300, 413),
    ],
)
def test_a_question_out_of_form_is_told_so(tied: RunningService, body: bytes, status: int) -> None:
    """Short and with one meaning."""
    assert status == choice(tied, body=body).status_code


def test_an_unknown_site_has_no_accounts(tied: RunningService) -> None:
    """Nor is another method answered."""
    assert 404 == choice(tied, site="nobody01").status_code
    assert 405 == tied.request("GET", "/a/demo0001").status_code


def test_one_account_is_asked_about_sixty_times_a_minute(tied: RunningService) -> None:
    """A stolen token is no way to follow somebody by the second."""
    secret = token(tied)
    answers = [choice(tied, secret=secret).status_code for _ in range(61)]

    assert [200] * 60 + [429] == answers


def held(service: RunningService, subject: str | None = None, account: str | None = None) -> dict[str, Any]:
    place = service.home.place
    given = (place.directory(), place.ledger, place.records, place.forgetting, 1, subject)
    return subject_access(*given, account=account, now=service.home.clock())


def subject_of(receipt: str) -> str:
    subject = parse_receipt(claimed_payload(receipt)).subject
    assert subject is not None
    return subject


def test_a_person_gets_what_is_tied_to_their_account_too(tied: RunningService) -> None:
    """A refusal has no subject; by the account it is found, and so is what another device holds."""
    secret = token(tied)
    first = relay(tied, ALICE, secret).json()["receipt"]
    relay(tied, ALICE, secret, purposes=NONE, method="reject_all")
    relay(tied, ALICE, secret)
    relay(tied, BOB, secret)
    tied.settle()
    whole = held(tied, subject_of(first))

    assert (3, [ALICE]) == (len(whole["records"]), whole["accounts"])
    assert whole["records"] == held(tied, account=ALICE)["records"]
    assert held(tied, account=ALICE)["consent_id"] is None


@pytest.mark.parametrize("by", ["subject", "account"])
def test_an_erasure_takes_all_of_an_account(tied: RunningService, by: str) -> None:
    """Nothing is found afterwards, nobody is remembered, and the ledger still proves that it was erased."""
    secret, place = token(tied), tied.home.place
    receipt = relay(tied, ALICE, secret).json()["receipt"]
    relay(tied, ALICE, secret, purposes=NONE, method="reject_all")
    kept = relay(tied, BOB, secret).json()["receipt"]
    tied.settle()
    if by == "subject":
        erased = erase_subject(place.forgetting, 1, subject_of(receipt), reason="Asked.", by=place.by)
    else:
        erased = erase_account(place.forgetting, 1, ALICE, reason="Asked.", by=place.by)
    tied.settle()

    assert 2 == len(erased)
    assert choice(tied, secret=secret).json()["receipt"] is None
    assert kept == choice(tied, BOB, secret).json()["receipt"]
    assert all(ALICE.encode() not in (e.who or b"") for e in place.ledger.entries(1, 0, 200))
    assert verified(tied)


@pytest.mark.each_database
def test_a_hold_on_a_person_keeps_what_is_tied_to_their_account(tied: RunningService) -> None:
    """A refusal has no subject, and another device has another one; neither an erasure nor retention takes them."""
    secret, place = token(tied), tied.home.place
    relay(tied, BOB, secret)
    subject = subject_of(relay(tied, ALICE, secret).json()["receipt"])
    relay(tied, ALICE, secret, purposes=NONE, method="reject_all")
    relay(tied, ALICE, secret)
    relay(tied, None, None)
    tied.settle()
    hold = place_hold(place.forgetting, 1, subject=subject, reason="A lawsuit.", by=place.by)
    hold_id = str(UUID(bytes=hold.hold_id))
    for one in held(tied, account=ALICE)["records"]:
        with pytest.raises(OnHold, match=hold_id):
            erase_record(place.forgetting, 1, one["record"], reason="Asked.", by=place.by)
    tied.home.clock.forward(3 * DAY)
    due = place.forgetting.due(1, "demo0001", tied.home.clock() - DAY, 100, tied.home.clock())

    assert [hold_id] == [one["hold"] for one in held(tied, account=ALICE)["holds"]]
    assert [(hold,), ()] == [place.forgetting.holds(1, sites) for sites in (("demo0001",), ("shop0001",))]
    assert (5, 3) == due
    assert 2 == retain(place.forgetting, 1, "demo0001", days=1, by=place.by)
    lift_hold(place.forgetting, 1, hold_id, reason="Over.", by=place.by)
    assert 3 == retain(place.forgetting, 1, "demo0001", days=1, by=place.by)
    tied.settle()
    assert verified(tied)


@pytest.mark.each_database
def test_a_refusal_of_somebody_signed_in_names_whom_a_hold_keeps(tied: RunningService) -> None:
    """By their account, also where they never consented; whom it was about is forgotten when it ends."""
    secret, place = token(tied), tied.home.place
    for account in (ALICE, ALICE, BOB):
        relay(tied, account, secret, purposes=NONE, method="reject_all")
    tied.settle()
    owner = {"authorization": f"Bearer {token(tied, 'owner')}"}
    newest, oldest = [str(one["record"]) for one in held(tied, account=ALICE)["records"]]
    until = "2026-06-19"
    body = {"record": oldest, "reason": "A lawsuit.", "until": until}
    hold = tied.request("POST", "/api/v1/holds", json=body, headers=owner).json()
    tied.settle()
    with pytest.raises(OnHold, match=hold["hold"]):
        erase_record(place.forgetting, 1, newest, reason="Asked.", by=place.by)
    tied.home.clock.forward(3 * DAY)

    assert "person" == hold["about"]
    assert [hold["hold"]] == [one["hold"] for one in held(tied, account=ALICE)["holds"]]
    assert [1, 0] == [len(place.forgetting.holds(1, sites)) for sites in (("demo0001",), ("shop0001",))]
    assert {"subject_of": oldest} == entries(tied.home, "hold:placed")[-1]["scope"]
    assert 1 == retain(place.forgetting, 1, "demo0001", days=1, by=place.by)
    assert ALICE == place.forgetting.holds(1)[0].account
    tied.settle()
    assert verified(tied)
    for other in (BOB, None):
        with place.engine.begin() as connection:
            connection.execute(update(t.hold).values(account=other))
        assert not verified(tied)
    with place.engine.begin() as connection:
        connection.execute(update(t.hold).values(account=ALICE))
    tied.home.clock.forward(DAY)
    assert 2 == len(erase_account(place.forgetting, 1, ALICE, reason="Asked.", by=place.by))
    assert "" == place.forgetting.holds(1)[0].account
    tied.settle()
    assert verified(tied)


@pytest.mark.each_database
def test_a_lifted_hold_forgets_whose_account_it_kept(tied: RunningService) -> None:
    """What it kept can go, and its row names nobody."""
    place = tied.home.place
    relay(tied, ALICE, token(tied), purposes=NONE, method="reject_all")
    tied.settle()
    record = UUID(held(tied, account=ALICE)["records"][0]["record"]).bytes
    hold = place_hold(place.forgetting, 1, record_id=record, reason="A lawsuit.", by=place.by)
    lifted = lift_hold(place.forgetting, 1, str(UUID(bytes=hold.hold_id)), reason="Over.", by=place.by)

    assert (ALICE, "", True) == (hold.account, lifted.account, lifted.of_person)
    assert (lifted,) == place.forgetting.holds(1)
    assert 1 == len(erase_account(place.forgetting, 1, ALICE, reason="Asked.", by=place.by))


@pytest.mark.each_database
def test_the_list_of_holds_has_those_of_who_answered_there_while_signed_in(tied: RunningService) -> None:
    """Whoever sees the site's records is refused to erase that one, and has to see why."""
    secret, place = token(tied), tied.home.place
    publish(place, "shop0001", accounts={"en": WORDS, "de": WORDS})
    tied.settle()
    first = relay(tied, ALICE, secret).json()["receipt"]
    there = {"origin": OTHER_PAGE, "content-type": "text/plain", "authorization": f"Bearer {secret}"}
    body = json.dumps(tied.decision("shop0001", purposes=NONE, method="reject_all")).encode()
    answer = tied.request("POST", "/d/shop0001", content=body, headers={**there, "askfirst-account": ALICE})
    hold = place_hold(place.forgetting, 1, subject=subject_of(first), reason="A lawsuit.", by=place.by)

    assert 201 == answer.status_code
    assert (hold,) == place.forgetting.holds(1, ("shop0001",))


def test_an_erased_record_counts_for_no_account(tied: RunningService) -> None:
    """One record alone; what was answered before counts again."""
    secret, place = token(tied), tied.home.place
    before = relay(tied, ALICE, secret).json()["receipt"]
    after = relay(tied, ALICE, secret).json()
    tied.settle()
    erase_record(place.forgetting, 1, after["record"], reason="Asked.", by=place.by)

    assert before == choice(tied, secret=secret).json()["receipt"]


def test_the_api_erases_and_shows_by_account(tied: RunningService) -> None:
    """For staff, who get the pseudonym from the website's own people."""
    secret = token(tied)
    relay(tied, ALICE, secret)
    tied.settle()
    owner = {"authorization": f"Bearer {token(tied, 'owner')}", "content-type": "application/json"}

    def ask(path: str, **members: str) -> Any:
        return tied.request("POST", f"/api/v1/{path}", content=json.dumps(members).encode(), headers=owner)

    assert [400, 400] == [
        ask("subjects", account="alice").status_code,
        ask("erasures", account="alice", reason="Asked.").status_code,
    ]
    assert [ALICE] == ask("subjects", account=ALICE).json()["accounts"]
    assert 1 == len(ask("erasures", account=ALICE, reason="Asked.").json()["erased"])
    assert [404, 404] == [
        ask("subjects", account=ALICE).status_code,
        ask("erasures", account=ALICE, reason="Asked.").status_code,
    ]


def test_a_row_that_names_another_account_is_found_out(tied: RunningService) -> None:
    """The search table is held against the ledger's part."""
    from sqlalchemy import text

    relay(tied, ALICE, token(tied))
    tied.settle()
    with tied.home.place.engine.begin() as connection:
        connection.execute(text("UPDATE record SET account = :other"), {"other": BOB})

    assert not verified(tied)


def test_the_first_layer_says_how_far_an_answer_reaches(tied: RunningService) -> None:
    """In the script, before anybody answers."""
    script = tied.get("/s/demo0001/en.js").text

    assert WORDS["told"] in script
