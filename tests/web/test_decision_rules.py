"""The decision's door in depth: CORS and preflight, sizes, receipts of every wrong kind, late answers, replays."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from askfirst.storage import tables as t
from askfirst.usecases import record_decision
from askfirst.usecases.keys import RECEIPT, active_key, rotate_key
from askfirst.usecases.set_up import change_origins
from askfirst_sdk.receipt import grant_receipt, parse_receipt, receipt_payload
from askfirst_sdk.signing import SigningKey, TokenSigner
from askfirst_sdk.subject import consent_id, make_subject
from askfirst_sdk.token import DESCRIPTOR_SALT, RECEIPT_SALT, claimed_payload
from core.decision_vectors import refused
from support.places import OTHER_PAGE, PAGE, publish
from support.running_service import RunningService, problem
from support.table_rows import more_rows
from support.time_and_ids import DAY, HOUR, MINUTE, NOON

NOTHING = {"measurement": False, "embeds": False}


def records(service: RunningService) -> list[Any]:
    with service.home.place.engine.connect() as connection:
        return list(connection.execute(select(t.record).order_by(t.record.c.record_id)))


def subject_of(answer: dict[str, Any]) -> str:
    subject = parse_receipt(claimed_payload(answer["receipt"])).subject
    assert subject is not None
    return subject


# -- who may ask -------------------------------------------------------------------------------------------------------


def test_a_page_is_told_that_it_may_post(shared_service: RunningService) -> None:
    """The preflight of a listed page is 204 with the method and the header that it needs, for two hours."""
    answer = shared_service.request("OPTIONS", "/d/demo0001", headers={"origin": PAGE})
    cors = {name: text for name, text in answer.headers.items() if name.startswith("access-control")}

    assert (204, b"") == (answer.status_code, answer.content)
    assert {
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "7200",
    } == cors
    assert "Origin" == answer.headers["vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, "https://www.example.org.", PAGE.upper()])
def test_a_foreign_page_is_told_nothing(shared_service: RunningService, origin: str | None) -> None:
    """Without a listed origin a preflight is refused, and no header lets the page read the answer."""
    headers = {} if origin is None else {"origin": origin}
    answer = shared_service.request("OPTIONS", "/d/demo0001", headers=headers)

    assert 403 == answer.status_code
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" == answer.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://www.example.org/",
        "https://www.example.org:443",
        "https://www.example.org:8443",
        "https://example.org",
        "https://WWW.example.org",
        "http://www.example.org",
        "https://www.example.org https://shop.example.org:8443",
        "https://www.example.org, https://www.example.org",
        "*",
        "",
        "https://wwwxexample.org",
    ],
)
def test_only_the_very_origin_counts(shared_service: RunningService, origin: str) -> None:
    """An origin is compared as it is: no default port, no case, no list, no pattern."""
    before = shared_service.rows()
    answer = shared_service.post(shared_service.decision(), origin=origin)

    assert (403, "/problems/origin-not-allowed") == (answer.status_code, answer.json()["type"])
    assert {} == more_rows(before, shared_service.rows())


def test_two_origins_are_none(shared_service: RunningService) -> None:
    """A request that names two pages is nobody's, even if both are listed."""
    body = json.dumps(shared_service.decision())
    twice = [("origin", PAGE), ("origin", PAGE), ("content-type", "text/plain")]
    answer = shared_service.request("POST", "/d/demo0001", content=body, headers=twice)

    assert (403, "/problems/origin-missing") == (answer.status_code, answer.json()["type"])


def test_a_page_of_another_site_of_the_same_organisation_is_foreign(shared_service: RunningService) -> None:
    """Origins are a site's own."""
    answer = shared_service.post(shared_service.decision("shop0001"), "shop0001", origin=PAGE)

    assert "/problems/origin-not-allowed" == answer.json()["type"]


def test_a_changed_list_of_origins_counts_at_once(service: RunningService) -> None:
    """A page that was removed is foreign as soon as the node has read the catalogue again."""
    place = service.home.place
    change_origins(place.catalogue, place.directory().sites["demo0001"].site, (OTHER_PAGE,), by=place.by)
    service.node.refresh()

    assert [403, 201] == [service.post(service.decision(), origin=page).status_code for page in (PAGE, OTHER_PAGE)]


# -- what may be sent --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/html",
        "application/json-patch+json",
        "application/jsonp",
        "application/problem+json",
        "text/plain, application/json",
        "json",
    ],
)
def test_other_content_types_are_415(shared_service: RunningService, content_type: str | None) -> None:
    """A form of another site, and whatever else a browser sends by itself, is no decision."""
    answer = shared_service.post(shared_service.decision(), content_type=content_type)
    detail = "A decision is sent as application/json or text/plain."

    assert problem("unsupported-content-type", 415, "Unsupported content type", detail) == answer.json()


@pytest.mark.parametrize("content_type", ["APPLICATION/JSON", "application/json;charset=utf-8", " text/plain ;x=y"])
def test_a_content_type_is_read_as_http_says(service: RunningService, content_type: str) -> None:
    """Case and parameters do not matter (RFC 9110, 8.3.1)."""
    assert 201 == service.post(service.decision(), content_type=content_type).status_code


def test_the_longest_body_is_taken_and_one_byte_more_is_not(service: RunningService) -> None:
    """8,192 bytes, declared or streamed."""
    body = json.dumps(service.decision()).encode()
    whole, over = body.ljust(8192), body.ljust(8193)
    before = service.rows()

    def stream(data: bytes) -> Any:
        async def parts() -> Any:
            for at in range(0, len(data), 1000):
                yield data[at : at + 1000]

        headers = {"origin": PAGE, "content-type": "text/plain"}
        return service.request("POST", "/d/demo0001", content=parts(), headers=headers)

    expected = problem("body-too-large", 413, "Body too large", "The body is longer than 8192 bytes.", limit=8192)
    assert [expected] * 2 == [service.post(over).json(), stream(over).json()]
    assert {} == more_rows(before, service.rows())
    assert [201, 200] == [service.post(whole).status_code, stream(whole).status_code]


def test_a_body_without_end_is_not_read_to_its_end(shared_service: RunningService) -> None:
    """A stream that never stops is cut after 8,192 bytes, whatever length it claimed."""
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 10_000_000:
            sent += 1024
            yield b" " * 1024

    headers = {"origin": PAGE, "content-type": "text/plain"}
    answer = shared_service.request("POST", "/d/demo0001", content=endless(), headers=headers)

    assert 413 == answer.status_code


def test_a_length_that_lies_is_refused_by_what_it_says(shared_service: RunningService) -> None:
    """A declared length above the limit is refused before a byte is read."""
    headers = {"origin": PAGE, "content-type": "text/plain", "content-length": "99999999"}
    answer = shared_service.request("POST", "/d/demo0001", content=b"{}", headers=headers)

    assert 413 == answer.status_code


_ABOUT_OTHER_POLICIES = ("unknown-rule", "unknown-language", "unknown-purpose", "missing-purpose", "method-mismatch")


@pytest.mark.parametrize(
    ("body", "code"),
    [(body, code) for _why, body, code, _members in refused() if code not in _ABOUT_OTHER_POLICIES],
    ids=[why for why, _body, code, _members in refused() if code not in _ABOUT_OTHER_POLICIES],
)
def test_every_body_that_the_vectors_refuse_is_refused_at_the_door(
    shared_service: RunningService, body: bytes, code: str
) -> None:
    """The frozen examples of refused bodies get their code through the whole stack, and store nothing."""
    before = shared_service.rows()
    answer = shared_service.post(body)

    assert f"/problems/{code}" == answer.json()["type"]
    assert PAGE == answer.headers["access-control-allow-origin"]
    assert {} == more_rows(before, shared_service.rows())


def test_a_refusal_says_every_wrong_member_at_once(shared_service: RunningService) -> None:
    """One round is enough to mend a client."""
    sent = shared_service.decision(v=2, at=-1, gpc="no", language=None, surplus=1)
    answer = shared_service.post(sent)

    assert 422 == answer.status_code
    assert {"v", "at", "gpc", "language", "surplus"} == {fault["member"] for fault in answer.json()["errors"]}
    assert {"at": "must be a whole number of milliseconds, from 0 to 2^53 - 1", "language": "is missing"}.items() <= {
        fault["member"]: fault["message"] for fault in answer.json()["errors"]
    }.items()


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_members = ["v", "id", "policy", "build", "language", "purposes", "method", "at", "gpc", "rule", "receipt"]


@given(member=st.sampled_from([*_members, "consent_id", "page", "constructor"]), value=_json)
def test_no_value_in_any_member_breaks_the_door(shared_service: RunningService, member: str, value: object) -> None:
    """Whatever JSON stands in a member: a 4xx that says so, or, where it is a right one, an answer."""
    if shared_service.rows()["pending"]:
        shared_service.settle()  # once a minute the service would do it by itself, and perhaps in this very moment
    before = shared_service.rows()
    right = shared_service.decision()
    answer = shared_service.post({**right, member: value})

    if answer.status_code == 201:
        assert member in ("receipt", "at", "page", "gpc") or value == right[member]
        return
    assert 400 <= answer.status_code < 500
    assert answer.json()["status"] == answer.status_code
    assert {} == more_rows(before, shared_service.rows())


@given(
    key=st.text(alphabet=st.characters(exclude_characters="/?#", exclude_categories=["Cs"]), min_size=1, max_size=40)
)
def test_no_site_key_breaks_the_door(shared_service: RunningService, key: str) -> None:
    """Any text in the place of the key is an unknown site."""
    from urllib.parse import quote

    path = "/d/" + quote(key, safe="")
    if key in (".", "..", "demo0001", "shop0001", "other0001"):
        return
    answer = shared_service.request("POST", path, content=b"{}", headers={"origin": PAGE, "content-type": "text/plain"})

    assert (404, "/problems/unknown-site") == (answer.status_code, answer.json()["type"])


# -- which policy, which script ----------------------------------------------------------------------------------------


def test_another_sites_policy_is_unknown_here(shared_service: RunningService) -> None:
    """A visitor can not answer what this site never asked."""
    sent = shared_service.decision()
    sent["policy"] = shared_service.decision("shop0001")["policy"]
    detail = f"This site never published a policy with the digest “{sent['policy']}”."

    assert (
        problem("unknown-policy", 422, "Unknown policy", detail, policy=sent["policy"])
        == shared_service.post(sent).json()
    )


def test_an_older_policy_is_taken_and_marked_late_after_an_hour(service: RunningService) -> None:
    """A page may be open, or a phone offline, while a policy changes."""
    old = service.decision()
    publish(service.home.place, "demo0001", lifetime_days=90)
    service.node.refresh()
    at_once = service.post(old).json()
    service.home.clock.forward(HOUR + 1)
    later = service.post({**old, "id": service.decision()["id"], "at": service.home.clock()}).json()

    assert (False, True) == (at_once["late"], later["late"])
    assert [1, 1] == [row.policy_number for row in records(service)]


@pytest.mark.parametrize(("age", "late"), [(-10 * DAY, False), (0, False), (HOUR, False), (HOUR + 1, True)])
def test_the_browsers_clock_is_kept_and_not_believed(service: RunningService, age: int, late: bool) -> None:
    """An old time marks the answer as late; a time in the future changes nothing; the service's time counts."""
    answer = service.accept(at=NOON - age)
    receipt = parse_receipt(claimed_payload(answer["receipt"]))

    assert late == answer["late"]
    assert NOON // 1000 == receipt.given_at
    assert NOON == records(service)[0].server_time


def test_the_page_is_dropped_unless_the_policy_asks_for_it(service: RunningService) -> None:
    """By default nobody learns which page it was."""

    def pages() -> list[object]:
        service.settle()
        place = service.home.place
        return [
            json.loads(entry.what or b"")["page"]
            for entry in place.ledger.entries(1, 0, 100)
            if entry.kind == "decision:recorded"
        ]

    service.accept(page="/a/page")
    publish(service.home.place, "demo0001", page_path=True)
    service.node.refresh()
    service.home.clock.forward(1)
    service.accept(page="/a/page")
    service.home.clock.forward(1)
    service.accept()

    assert [None, "/a/page", None] == pages()


# -- receipts ----------------------------------------------------------------------------------------------------------


def forged(service: RunningService, **changes: Any) -> Iterator[tuple[str, str]]:
    """Give receipts for a subject that is not the visitor's, each wrong in one way."""
    place = service.home.place
    key = active_key(place.catalogue.snapshot().keys, place.keys, 1, RECEIPT)
    stranger = SigningKey.from_seed(key.verifier.name, b"\x07" * 32)
    values: dict[str, Any] = {
        "site": "demo0001",
        "subject": make_subject(NOON - DAY, 12345),
        "record": "019ecb1d-0400-7000-8000-000000000001",
        "leaf": bytes(32),
        "policy16": bytes(16),
        "revision": 1,
        "purposes": {"measurement": True, "embeds": True},
        "method": "accept_all",
        "gpc": False,
        "given_at": NOON // 1000 - 60,
        "expires_at": NOON // 1000 + 3600,
        "rule": "default",
        **changes,
    }
    good = TokenSigner(key, RECEIPT_SALT).token(receipt_payload(grant_receipt(**values)))
    late = {**values, "given_at": 1, "expires_at": NOON // 1000}
    early = {**values, "given_at": NOON // 1000 + 301, "expires_at": NOON // 1000 + 3600}
    yield "good", good
    yield "another key", TokenSigner(stranger, RECEIPT_SALT).token(receipt_payload(grant_receipt(**values)))
    yield "another salt", TokenSigner(key, DESCRIPTOR_SALT).token(receipt_payload(grant_receipt(**values)))
    yield (
        "another site",
        TokenSigner(key, RECEIPT_SALT).token(receipt_payload(grant_receipt(**{**values, "site": "shop0001"}))),
    )
    yield "expired", TokenSigner(key, RECEIPT_SALT).token(receipt_payload(grant_receipt(**late)))
    yield "from the future", TokenSigner(key, RECEIPT_SALT).token(receipt_payload(grant_receipt(**early)))
    yield "cut", good[:-1]
    yield "padded", good + "="
    yield "doubled", good + good
    yield "no token", "…"
    yield "empty", ""
    yield "too long", "A" * 3900
    yield "payload altered", ("A" if good[0] != "A" else "B") + good[1:]


def test_only_a_valid_receipt_of_this_site_joins_its_subject(service: RunningService) -> None:
    """Forged, altered, expired, early and other sites' receipts give no power: a new subject begins."""
    wanted = make_subject(NOON - DAY, 12345)
    joined = {}
    for name, receipt in forged(service):
        joined[name] = subject_of(service.accept(receipt=receipt)) == wanted

    assert ["good"] == [name for name, same in joined.items() if same]
    assert len(joined) - 1 == len({row.subject for row in records(service)} - {wanted})


def test_a_receipt_of_the_key_before_still_joins(service: RunningService) -> None:
    """A rotation takes nobody's consent id away; a revoked key does."""
    place = service.home.place
    first = service.accept()
    rotate_key(place.catalogue, place.keys, service.home.organisation(), RECEIPT, by=place.by)
    service.node.refresh()
    second = service.accept(receipt=first["receipt"])
    with place.engine.begin() as connection:
        connection.execute(t.key.update().where(t.key.c.state == "retired").values(state="revoked"))
    with place.catalogue.transaction():
        pass
    service.node.refresh()
    third = service.accept(receipt=first["receipt"])

    assert subject_of(first) == subject_of(second) != subject_of(third)


def test_a_consent_id_counts_only_with_its_own_valid_receipt(service: RunningService) -> None:
    """Whoever knows somebody's consent id can do nothing with it, nor learn whether it exists; nothing is stored."""
    own, others = service.accept(), service.accept()
    their_id = consent_id(subject_of(others))
    before = service.rows()
    refusal = service.refuse()
    extra = more_rows(before, service.rows())
    before = service.rows()
    answers = [
        service.post(service.decision(consent_id=their_id)),
        service.post(service.decision(consent_id=their_id, receipt=own["receipt"])),
        service.post(service.decision(consent_id=their_id, receipt=others["receipt"][:-1])),
        service.post(service.decision(consent_id=their_id, receipt=refusal["receipt"])),
        service.post(service.decision(consent_id="0000000-0000000-0000000", receipt=own["receipt"])),
        service.post(service.decision(consent_id="no consent id at all")),
    ]

    detail = "A consent id alone gives nobody any power: its valid receipt has to come with it."
    expected = problem("receipt-required", 403, "Receipt required", detail)
    assert [expected] * 6 == [answer.json() for answer in answers]
    assert {} == more_rows(before, service.rows())
    assert 1 == extra["record"]
    spelled = their_id.lower().replace("-", " ")
    joined = service.accept(consent_id=spelled, receipt=others["receipt"])
    assert subject_of(others) == subject_of(joined)


def test_the_receipt_promises_the_entry_that_the_ledger_gets(service: RunningService) -> None:
    """The leaf hash in the receipt is the hash of the leaf that is sequenced under the record's id."""
    answer = service.accept()
    service.settle()
    receipt = parse_receipt(claimed_payload(answer["receipt"]))
    from uuid import UUID

    entry = service.home.place.ledger.entry(1, UUID(answer["record"]).bytes)

    assert entry is not None
    assert (answer["record"], entry.leaf_hash) == (receipt.record, receipt.leaf)
    assert bytes.fromhex(service.decision()["policy"])[:16] == receipt.policy16


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_refusals_of_one_day_are_the_same_bytes_whoever_refuses_and_how(service: RunningService) -> None:
    """Method, language, signal, page and hour leave no trace in the answer; the next day does."""
    ways: list[dict[str, Any]] = [
        {"method": "reject_all"},
        {"method": "custom", "language": "de"},
        {"method": "signal", "gpc": True},
        {"method": "withdraw", "page": "/x"},
    ]
    answers = []
    for way in ways:
        answers.append(service.post(service.decision(**{"purposes": NOTHING, **way})).content)
        service.home.clock.forward(3 * HOUR - MINUTE)
    service.home.clock.forward(DAY)
    next_day = service.post(service.decision(purposes=NOTHING, method="reject_all")).content

    assert 1 == len(set(answers))
    assert next_day not in answers
    assert {"v", "receipt", "late"} == json.loads(answers[0]).keys()


# -- a signal that leaves other grants standing ------------------------------------------------------------------------


def _by_signal(service: RunningService, receipt: str | None, **answers: bool) -> Any:
    return service.post(service.decision(purposes=answers, method="signal", gpc=True, receipt=receipt))


def test_a_signal_refuses_what_is_tied_to_it_and_leaves_the_rest_granted(service: RunningService) -> None:
    """Under the same subject, by a receipt of version 2; nothing that was not granted before can be."""
    publish(service.home.place, "demo0001", gpc=["embeds"])
    service.node.refresh()
    before = service.accept()

    answer = _by_signal(service, before["receipt"], measurement=True, embeds=False)

    receipt = parse_receipt(claimed_payload(answer.json()["receipt"]))
    assert (201, 2, "signal", True) == (answer.status_code, receipt.version, receipt.method, receipt.gpc)
    assert {"measurement": True, "embeds": False} == dict(receipt.purposes)
    assert parse_receipt(claimed_payload(before["receipt"])).subject == receipt.subject


def test_by_a_signal_nobody_consents(service: RunningService) -> None:
    """Not without a receipt, not with a refusal, a forged one or one of an older revision, and not to what is tied."""
    publish(service.home.place, "demo0001", gpc=["embeds"])
    service.node.refresh()
    refusal, grant = service.refuse()["receipt"], service.accept()["receipt"]
    some = service.accept(purposes={"measurement": False, "embeds": True}, method="custom")["receipt"]

    answers = [_by_signal(service, receipt, measurement=True, embeds=False) for receipt in (None, refusal, some, "x.y")]
    answers.append(_by_signal(service, grant, measurement=True, embeds=True))
    publish(service.home.place, "demo0001", gpc=["embeds"], ask_again=True)
    service.node.refresh()
    answers.append(_by_signal(service, grant, measurement=True, embeds=False))

    assert [(422, "/problems/method-mismatch")] * 6 == [(one.status_code, one.json()["type"]) for one in answers]


def test_a_refusal_without_a_receipt_stands_alone(service: RunningService) -> None:
    """No subject in the table, none in the entry, none in the receipt."""
    answer = service.refuse()
    receipt = parse_receipt(claimed_payload(answer["receipt"]))

    assert [None] == [row.subject for row in records(service)]
    assert (None, None, None) == (receipt.subject, receipt.record, receipt.leaf)
    assert NOON // 1000 - 12 * 3600 == receipt.given_at


@pytest.mark.parametrize("method", ["withdraw", "reject_all", "custom"])
def test_taking_back_is_recorded_under_the_subject(service: RunningService, method: str) -> None:
    """Whoever consented and refuses later is the same subject in the record, and nobody in the cookie."""
    first = service.accept()
    second = service.refuse(method=method, receipt=first["receipt"], consent_id=consent_id(subject_of(first)))

    assert [subject_of(first)] * 2 == [row.subject for row in records(service)]
    assert service.refuse() == second


# -- replays -----------------------------------------------------------------------------------------------------------


def test_a_replayed_refusal_after_midnight_is_the_first_days(service: RunningService) -> None:
    """The answer to a replay is the first answer, byte for byte, also if a fresh refusal would look otherwise."""
    sent = service.decision(purposes=NOTHING, method="reject_all")
    first = service.post(sent)
    service.home.clock.forward(DAY)
    again, fresh = service.post(sent), service.post({**sent, "id": service.decision()["id"]})

    assert (201, 200, 201) == (first.status_code, again.status_code, fresh.status_code)
    assert first.content == again.content != fresh.content


def test_a_replay_is_told_by_its_bytes(service: RunningService) -> None:
    """The same content in other bytes is another body: 409, and the first stays as it is."""
    sent = service.decision()
    first = service.post(sent)
    before = service.rows()
    other = service.post(json.dumps(sent, indent=1).encode())

    detail = "A decision with this id but another content was recorded before, and it stays."
    assert problem("decision-conflict", 409, "Decision conflict", detail) == other.json()
    assert {} == more_rows(before, service.rows())
    assert first.content == service.post(sent).content


def test_a_replay_after_a_new_policy_gets_its_first_answer(service: RunningService) -> None:
    """What was answered once is answered so for good: not late, and of the old revision."""
    sent = service.decision()
    first = service.post(sent)
    publish(service.home.place, "demo0001", ask_again=True)
    service.node.refresh()
    service.home.clock.forward(2 * HOUR)

    assert first.content == service.post(sent).content


def test_many_at_once_with_one_id_are_one_decision(service: RunningService) -> None:
    """A hundred impatient clicks: one 201, the others 200, all with the same bytes, one record."""
    import asyncio

    body = json.dumps(service.decision()).encode()
    headers = {"origin": PAGE, "content-type": "text/plain"}

    async def all_at_once() -> list[Any]:
        posts = [service.client.post("/d/demo0001", content=body, headers=headers) for _ in range(100)]
        return await asyncio.gather(*posts)

    answers = service.call(all_at_once)

    assert [200] * 99 + [201] == sorted(answer.status_code for answer in answers)
    assert 1 == len({answer.content for answer in answers})
    assert 1 == len(records(service))


def test_an_erased_decision_is_410_and_does_not_come_back(service: RunningService) -> None:
    """After an erasure the same id is gone, whatever the body."""
    from support.table_rows import alter

    sent = service.decision()
    service.post(sent)
    alter(service.home.place.engine, t.decision_seen, t.decision_seen.c.site_key == "demo0001", mac=None)
    before = service.rows()
    answers = [service.post(sent), service.post({**sent, "gpc": True})]

    detail = "The decision with this id was erased and is not recorded again."
    assert [problem("decision-erased", 410, "Decision erased", detail)] * 2 == [one.json() for one in answers]
    assert {} == more_rows(before, service.rows())


def test_an_error_that_nobody_foresaw_is_a_problem_and_is_logged(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The visitor's page is told that nothing was confirmed, the server gets the error, and nothing is stored."""

    def breaks(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(record_decision, "check_decision", breaks)
    before = service.rows()
    body = json.dumps(service.decision()).encode()
    scope: dict[str, object] = {
        "type": "http",
        "method": "POST",
        "path": "/d/demo0001",
        "headers": [(b"origin", PAGE.encode()), (b"content-type", b"text/plain")],
    }
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    with pytest.raises(RuntimeError, match="nobody thought of this"):
        service.call(service.app, scope, receive, send)

    assert (500, 2) == (sent[0]["status"], len(sent))
    assert "/problems/unforeseen" in str(sent[1]["body"])
    assert before == service.rows()
