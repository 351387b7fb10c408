"""The audit API in depth: who gets in, what each look leaves behind, and how a search is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from askfirst.core.errors import ConfigurationFault
from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from askfirst.usecases.tokens import issue_token
from askfirst.web.bearer_door import BearerDoor
from askfirst.web.staff_routes import AUDITORS, StaffRoute, staff_routes
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.subject import consent_id
from askfirst_sdk.token import claimed_payload
from support.running_service import RunningService, problem
from support.table_rows import alter, more_rows
from support.time_and_ids import DAY, HOUR, NOON

NOBODY = "01a20aef-e208-7929-b951-6e85f1df37f6"


def bearer(service: RunningService, role: str = "auditor", sites: Any = None, slug: str = "example") -> dict[str, str]:
    """Return the header of a new token."""
    place = service.home.place
    organisation = place.organisation(slug)
    named = {"name": f"a {role}", "role": role, "sites": sites, "days": 1, "by": place.by}
    return {"authorization": f"Bearer {issue_token(place.staff, organisation.log_id, **named)}"}


def search(service: RunningService, query: str, header: dict[str, str]) -> list[str]:
    """Return the record ids that a search finds, newest first."""
    answer = service.get(f"/api/v1/records?{query}", **header)
    assert answer.status_code == 200, answer.text
    return [one["record"] for one in answer.json()["records"]]


def last_entry(service: RunningService) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return kind and both parts of the newest entry."""
    query = select(t.entry).where(t.entry.c.log_id == 1).order_by(t.entry.c.entry_id.desc()).limit(1)
    with service.home.place.engine.connect() as connection:
        row = connection.execute(query).one()
    return row.kind, json.loads(row.what), json.loads(row.who)


UNAUTHORIZED = problem("unauthorized", 401, "Not signed in", "This needs a valid credential.")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Bearer x",
        "Bearer askfirst_",
        "Bearer askfirst_" + "0" * 64,
        "Basic YTpi",
        "Token askfirst_" + "0" * 64,
        "Bearer askfirst_" + "é" * 64,
        "Bearer askfirst_' OR 1=1 --",
        "Bearer " + "x" * 60_000,
    ],
)
def test_without_a_good_token_nobody_gets_in(shared_service: RunningService, header: str | None) -> None:
    """The same words for every wrong credential, a challenge, and no entry."""
    before = shared_service.rows()
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    for path in ("/api/v1/records", f"/api/v1/records/{NOBODY}"):
        answer = shared_service.request("GET", path, headers=headers)
        assert (401, UNAUTHORIZED) == (answer.status_code, answer.json())
        assert ('Bearer realm="askfirst"', "no-store") == (
            answer.headers["www-authenticate"],
            answer.headers["cache-control"],
        )
    assert {} == more_rows(before, shared_service.rows())


def test_the_scheme_is_read_in_any_case(service: RunningService) -> None:
    """`bearer` is `Bearer` (RFC 9110, 11.1)."""
    header = bearer(service)["authorization"]

    assert [200, 200] == [
        service.get("/api/v1/records", authorization=text).status_code
        for text in (header.replace("Bearer", "bearer"), header.replace("Bearer ", "BEARER   "))
    ]


def test_a_token_ends_when_it_expires_or_is_revoked(service: RunningService) -> None:
    """From that moment on it is no token, without a restart."""
    expiring, revoked = bearer(service), bearer(service)
    service.home.clock.forward(DAY - 1)
    until = service.get("/api/v1/records", **expiring).status_code
    service.home.clock.forward(1)
    since = service.get("/api/v1/records", **expiring).status_code
    with service.home.place.engine.begin() as connection:
        connection.execute(t.token.update().values(expires_at=NOON + 9 * DAY))
    valid = service.get("/api/v1/records", **revoked).status_code
    with service.home.place.engine.begin() as connection:
        connection.execute(t.token.update().values(revoked_at=NOON))

    assert (200, 401, 200, 401) == (until, since, valid, service.get("/api/v1/records", **revoked).status_code)


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("owner", 200), ("editor", 403)])
def test_records_are_for_auditors_and_owners(service: RunningService, role: str, status: int) -> None:
    """Who may publish policies need not see what visitors answered; a refused look leaves no entry of a look."""
    header = bearer(service, role)
    before = service.rows()
    answer = service.get("/api/v1/records", **header)

    assert status == answer.status_code
    assert ({"entry": 1, "pending": 1, "deed": 1} if status == 200 else {}) == more_rows(before, service.rows())
    if status == 403:
        detail = "The role or the sites of this credential do not cover this."
        assert problem("forbidden", 403, "Not allowed", detail) == answer.json()


def test_a_token_for_one_site_sees_that_site(service: RunningService) -> None:
    """Lists hold the sites of the token, searches for another one find nothing, and a history ends at its border."""
    demo = service.accept()
    shop = service.accept("shop0001")
    other = service.accept("other0001")
    header = bearer(service, sites=("shop0001",))
    whole = bearer(service)

    assert [shop["record"]] == search(service, "", header)
    assert [] == search(service, "site=demo0001", header)
    assert [] == search(service, f"record={demo['record']}", header)
    assert {demo["record"], shop["record"]} == set(search(service, "", whole))
    assert [other["record"]] == search(service, "", bearer(service, slug="other"))


def test_a_foreign_record_and_none_at_all_get_the_same_words(service: RunningService) -> None:
    """Another organisation's record, another site's, no record and no id: byte for byte the same, and no entry."""
    record = service.accept()["record"]
    headers = [
        bearer(service, slug="other"),
        bearer(service, sites=("shop0001",)),
    ]
    before = service.rows()
    answers = [service.get(f"/api/v1/records/{record}", **header) for header in headers]
    answers += [service.get(f"/api/v1/records/{one}", **headers[0]) for one in (NOBODY, "x", "0", "%00", record[:-1])]

    detail = "No record with this id is among those that you may see."
    assert {(404, json.dumps(problem("not-found", 404, "Not found", detail)))} == {
        (answer.status_code, json.dumps(answer.json())) for answer in answers
    }
    assert {} == more_rows(before, service.rows())


def test_no_look_leaves_a_consent_id_in_the_ledger(service: RunningService) -> None:
    """Entries stay when a person was erased: they name a record of theirs, and nobody where nothing was found."""
    record = service.accept()["record"]
    service.settle()
    header = bearer(service)
    person = service.get(f"/api/v1/records/{record}", **header).json()["consent_id"]
    found = {"person_by": "consent_id", "subject_of": record}
    search(service, f"consent_id={person}", header)
    assert found == last_entry(service)[1]["filters"]
    service.home.clock.forward(1)
    service.get(f"/api/v1/entries?consent_id={person}", **header)
    assert found == last_entry(service)[1]["filters"]
    service.home.clock.forward(1)
    service.get(f"/api/v1/export?consent_id={person}&format=csv", **header)
    assert {**found, "format": "csv"} == last_entry(service)[1]["filters"]
    service.home.clock.forward(1)
    search(service, f"consent_id={person}&method=custom", header)
    assert {"method": "custom", "person_by": "consent_id"} == last_entry(service)[1]["filters"]
    with service.home.place.engine.connect() as connection:
        kept = (
            connection.execute(select(t.entry.c.what).where(t.entry.c.kind != EntryKind.DECISION_RECORDED))
            .scalars()
            .all()
        )
    assert len(kept) > 4
    assert not [what for what in kept if person.replace("-", "").encode() in bytes(what).replace(b"-", b"")]


def test_each_look_says_in_the_ledger_who_looked_for_what(service: RunningService) -> None:
    """A search leaves its filters and how many were shown, a record its id: one entry each, in the token's name."""
    answer = service.accept()
    header = bearer(service)
    before = service.rows()
    search(service, "method=accept_all&granted=measurement&limit=7&from=2026-06-15", header)
    searched = last_entry(service)
    service.home.clock.forward(1)
    service.get(f"/api/v1/records/{answer['record']}", **header)
    viewed = last_entry(service)

    assert {"entry": 2, "pending": 2, "deed": 2} == more_rows(before, service.rows())
    kind, what, who = searched
    filters = {"method": "accept_all", "granted": "measurement", "limit": "7", "from": "2026-06-15"}
    assert ("records:searched", filters, 1, "api") == (kind, what["filters"], what["found"], what["via"])
    assert "token:a auditor" == who["staff"]
    kind, what, who = viewed
    assert ("record:viewed", answer["record"], "api", "token:a auditor") == (
        kind,
        what["record"],
        what["via"],
        who["staff"],
    )


def test_a_look_that_can_not_be_recorded_is_not_answered(service: RunningService) -> None:
    """If the entry can not be stored the records are not shown: 503, and when to come again."""
    header = bearer(service)
    service.accept()
    service.node.writer.stop()
    answer = service.get("/api/v1/records", **header)

    assert (503, "5") == (answer.status_code, answer.headers["retry-after"])
    assert "record" not in answer.json()["detail"].lower().replace("recorded", "")


def test_a_staff_address_declares_its_roles_or_there_is_no_service(service: RunningService) -> None:
    """An address without a role would be open to everybody: composing it fails."""
    route = StaffRoute("/api/v1/x", "GET", frozenset(), EntryKind.RECORD_VIEWED, None)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationFault, match="GET /api/v1/x declares no role"):
        staff_routes(service.node.live, BearerDoor(service.node.live), [route])
    assert {"auditor", "owner"} == {role.value for role in AUDITORS}


# -- searches ----------------------------------------------------------------------------------------------------------


def test_every_filter_finds_what_it_says_and_nothing_else(service: RunningService) -> None:
    """Each parameter alone, over records that differ in all of them."""
    a = service.accept()
    service.home.clock.forward(HOUR)
    b = service.accept(purposes={"measurement": True, "embeds": False}, method="custom", language="de")
    service.home.clock.forward(HOUR)
    c = service.accept("shop0001", purposes={"measurement": False, "embeds": True}, method="custom")
    service.home.clock.forward(HOUR)
    service.refuse()
    header = bearer(service)
    ids = search(service, "", header)
    d = ids[0]
    one, two, three = a["record"], b["record"], c["record"]
    subject = parse_receipt(claimed_payload(b["receipt"])).subject
    assert subject is not None
    shown = consent_id(subject)
    cases = {
        "": [d, three, two, one],
        f"record={two}": [two],
        f"record={two.upper()}": [two],
        f"consent_id={shown}": [two],
        f"consent_id={shown.lower().replace('-', '%20')}": [two],
        "site=shop0001": [three],
        "method=custom": [three, two],
        "method=reject_all": [d],
        "granted=measurement": [two, one],
        "granted=embeds": [three, one],
        "refused=embeds": [d, two],
        "granted=measuremen": [],
        "granted=m_asurement": [],
        "refused=measurement&granted=embeds": [three],
        "language=de": [two],
        "policy=1": [d, three, two, one],
        "policy=2": [],
        "from=2026-06-15T13:00:00Z": [d, three, two],
        "from=2026-06-15T13:00:00.001Z": [d, three],
        "to=2026-06-15T13:00:00Z": [one],
        "from=2026-06-15T13:00:00Z&to=2026-06-15T14:00:00.001Z": [three, two],
        "from=2026-06-15T14:00:00%2B01:00": [d, three, two],
        "from=2026-06-15&to=2026-06-16": [d, three, two, one],
        "from=2026-06-16": [],
        f"cursor={three}": [two, one],
        "limit=1": [d],
        "limit=200": [d, three, two, one],
        "origin=https://www.example.org": [d, two, one],
        "origin=https://shop.example.org:8443": [three],
        "rule=default": [d, three, two, one],
        "rule=us": [],
    }

    assert cases == {query: search(service, query, header) for query in cases}


BAD = {
    "unknown=1": {"unknown"},
    "limit=0": {"limit"},
    "method=": {"method"},
    "method=%20custom%20": {"method"},
    "origin=www.example.org": {"origin"},
    "rule=A+rule": {"rule"},
    "language=e%20n": {"language"},
    "limit=201": {"limit"},
    "limit=-1": {"limit"},
    "limit=1e2": {"limit"},
    "limit=%2B5": {"limit"},
    "limit=5.0": {"limit"},
    "limit=%D9%A5": {"limit"},
    "limit=00000000000199999": {"limit"},
    "limit=" + "9" * 250: {"limit"},
    "limit=5&limit=5": {"limit"},
    "policy=0": {"policy"},
    "policy=x": {"policy"},
    "method=scroll": {"method"},
    "granted=Measurement": {"granted"},
    "granted=a,b": {"granted"},
    "refused=%25": {"refused"},
    "site=X": {"site"},
    "record=1": {"record"},
    "cursor=%27%20OR%201=1": {"cursor"},
    "consent_id=CYSCKJ4-004HMAS-W9NF6Y0": {"consent_id"},
    "from=yesterday": {"from"},
    "from=1969-12-31": {"from"},
    "from=9999-12-31": {"from"},
    "to=2026-13-01": {"to"},
    "from=2026-06-15&to=2026-06-15": {"to"},
    "from=2026-06-16&to=2026-06-15": {"to"},
    "language=" + "x" * 36: {"language"},
    "language=en_US": {"language"},
    "method=" + "x" * 257: {"method"},
    "a=1&b=2&limit=x&from=x&method=x": {"a", "b", "limit", "from", "method"},
    "%00=1": {"\\x00"},
}


@pytest.fixture(scope="module")
def header(shared_service: RunningService) -> dict[str, str]:
    """Give the header of an auditor of the shared service."""
    return bearer(shared_service)


@pytest.mark.parametrize("query", BAD)
def test_a_bad_query_is_refused_with_every_fault(
    shared_service: RunningService, header: dict[str, str], query: str
) -> None:
    """Each wrong parameter is named with a sentence, nothing is searched, and no entry of a look is left."""
    before = shared_service.rows()
    answer = shared_service.get(f"/api/v1/records?{query}", **header)

    assert (400, "/problems/invalid-query") == (answer.status_code, answer.json()["type"])
    assert BAD[query] == {fault["member"] for fault in answer.json()["errors"]}
    assert all(fault["message"] for fault in answer.json()["errors"])
    assert {} == more_rows(before, shared_service.rows())


_names = st.sampled_from(
    ["consent_id", "record", "site", "from", "to", "method", "granted", "policy", "cursor", "limit"]
)


@given(pairs=st.lists(st.tuples(_names | st.text(max_size=10), st.text(max_size=30)), max_size=4))
def test_no_query_breaks_a_search(
    shared_service: RunningService, header: dict[str, str], pairs: list[tuple[str, str]]
) -> None:
    """Any parameters are a search or a refusal that names them, never an accident."""
    from urllib.parse import urlencode

    query = urlencode([(name.encode("utf-8", "replace"), value.encode("utf-8", "replace")) for name, value in pairs])
    answer = shared_service.get(f"/api/v1/records?{query}", **header)

    assert answer.status_code in (200, 400), answer.text


def test_pages_follow_each_other_without_a_gap_while_records_arrive(service: RunningService) -> None:
    """Every record that was there when the first page was read is seen once, whatever arrives meanwhile."""
    header = bearer(service)
    made = []
    for _ in range(7):
        made.append(service.accept()["record"])
        service.home.clock.forward(1)
    seen: list[str] = []
    cursor = None
    while True:
        after = f"&cursor={cursor}" if cursor else ""
        page = service.get(f"/api/v1/records?limit=3{after}", **header).json()
        seen += [one["record"] for one in page["records"]]
        service.accept()
        service.home.clock.forward(1)
        cursor = page["cursor"]
        if cursor is None:
            break

    assert made[::-1] == seen


# -- one record --------------------------------------------------------------------------------------------------------


def test_a_record_is_shown_whole_with_its_proof(service: RunningService) -> None:
    """The words in the visitor's language, the answer, the receipt, the place in the ledger, and the history."""
    first = service.accept(language="de")
    service.home.clock.forward(HOUR)
    second = service.refuse(method="withdraw", receipt=first["receipt"])
    service.settle()
    shown = service.get(f"/api/v1/records/{first['record']}", **bearer(service)).json()

    assert {"commitments", "search table", "receipt", "policy", "ledger"} == {one["name"] for one in shown["checks"]}
    assert [] == [one for one in shown["checks"] if not one["holds"]]
    assert shown["genuine"]
    assert ("de", "text für Leser, „auf Deutsch“") == (shown["asked"]["language"], shown["asked"]["texts"]["text"])
    assert first["receipt"] == shown["receipt"] != second["receipt"]
    assert {"measurement": True, "embeds": True} == shown["what"]["purposes"]
    assert shown["consent_id"].replace("-", "") == shown["who"]["subject"]
    assert ["withdraw"] == [one["method"] for one in shown["history"]]
    assert shown["checkpoint"].startswith("consent.example.net/log/example\n")


def test_a_record_that_waits_for_its_place_is_shown_at_once(service: RunningService) -> None:
    """Between commit and sequencing the record is there, and says that its place comes."""
    record = service.accept()["record"]
    shown = service.get(f"/api/v1/records/{record}", **bearer(service)).json()

    assert shown["genuine"]
    assert (None, None) == (shown["entry"], shown["checkpoint"])


HANDS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "what": (t.entry, {"what": b'{"purposes":{"measurement":false}}'}, "commitments"),
    "who": (t.entry, {"who": b"{}"}, "commitments"),
    "what is no JSON": (t.entry, {"what": b"\xff"}, "commitments"),
    "salt": (t.entry, {"what_salt": bytes(32)}, "commitments"),
    "leaf": (t.entry, {"leaf": b"{}"}, "commitments"),
    "content deleted": (t.entry, {"what": None, "what_salt": None}, "commitments"),
    "method": (t.record, {"method": "custom"}, "search table"),
    "subject": (t.record, {"subject": None}, "search table"),
    "granted": (t.record, {"granted": ",embeds,", "refused": ",measurement,"}, "search table"),
    "time": (t.record, {"server_time": 1}, "search table"),
    "site": (t.record, {"site_key": "shop0001"}, "search table"),
    "policy number": (t.record, {"policy_number": 7}, "search table"),
    "receipt": (t.record, {"receipt": "e30." + "A" * 91}, "receipt"),
    "receipt gone": (t.record, {"receipt": None}, "receipt"),
    "leaf hash": (t.leaf, {"leaf_hash": bytes(32)}, "ledger"),
}


@pytest.mark.parametrize("hand", HANDS)
def test_an_altered_record_is_shown_as_altered(service: RunningService, hand: str) -> None:
    """Whatever row was changed by hand, the record is shown as it is now, and the check that fails says so."""
    altered, values, check = HANDS[hand]
    record = service.accept()["record"]
    service.settle()
    id_column = next(column for column in altered.columns if column.name in ("entry_id", "record_id"))
    from uuid import UUID

    alter(service.home.place.engine, altered, id_column == UUID(record).bytes, **values)
    answer = service.get(f"/api/v1/records/{record}", **bearer(service))

    assert 200 == answer.status_code, answer.text
    assert not answer.json()["genuine"]
    broken = [one["name"] for one in answer.json()["checks"] if not one["holds"]]
    assert check in broken


def test_a_checkpoint_that_nobody_signed_proves_nothing(service: RunningService) -> None:
    """Who rewrites leaf, tiles and checkpoint alike has no key: the note does not hold, and the record says so."""
    record = service.accept()["record"]
    service.settle()
    with service.home.place.engine.begin() as connection:
        for row in connection.execute(select(t.checkpoint).where(t.checkpoint.c.log_id == 1)):
            forged = row.note.replace("— ", "— stranger")
            connection.execute(t.checkpoint.update().where(t.checkpoint.c.log_id == 1).values(note=forged))
    shown = service.get(f"/api/v1/records/{record}", **bearer(service)).json()

    assert ["ledger"] == [one["name"] for one in shown["checks"] if not one["holds"]]
