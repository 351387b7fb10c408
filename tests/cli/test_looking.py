"""`askfirst audit` and `askfirst ledger`: find a decision, show it, verify everything, each look an entry."""

import json
import sqlite3
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from askfirst.storage import tables as t
from askfirst.usecases.sequence import sequence_all
from askfirst_sdk.receipt import parse_receipt
from askfirst_sdk.subject import consent_id
from askfirst_sdk.token import claimed_payload
from support.command_line import CommandLine
from support.places import Home
from support.running_service import run_service
from support.table_rows import more_rows, row_counts

ORGANISATION = ("--organisation", "example")


@pytest.fixture
def answers(home: Home) -> list[dict[str, Any]]:
    """Give a log with an accepted, a German and a refused decision, by a service that has ended since."""
    with run_service(home) as service:
        first = service.accept()
        home.clock.forward(1)
        second = service.accept(purposes={"measurement": True, "embeds": False}, method="custom", language="de")
        home.clock.forward(1)
        return [first, second, service.refuse()]


def last_entry(home: Home) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return kind and both parts of the newest entry that waits."""
    query = select(t.entry).join(t.pending, t.pending.c.entry_id == t.entry.c.entry_id)
    with home.place.engine.connect() as connection:
        row = connection.execute(query).one()
    return row.kind, json.loads(row.what), json.loads(row.who)


def test_decisions_are_listed_newest_first(
    furnished_askfirst: CommandLine, home: Home, answers: list[dict[str, Any]]
) -> None:
    """A line each: record, time, site, method, what was granted, and the consent id where there is one."""
    before = row_counts(home.place.engine)
    rows = [line.split("\t") for line in furnished_askfirst.does("audit", "list", *ORGANISATION).splitlines()]
    subject = parse_receipt(claimed_payload(answers[1]["receipt"])).subject
    assert subject is not None

    assert ["record", "time", "site", "method", "granted", "consent id"] == rows[0]
    assert ["reject_all", "custom", "accept_all"] == [row[3] for row in rows[1:]]
    expected = [
        answers[1]["record"],
        "2026-06-15 12:00:00 UTC",
        "demo0001",
        "custom",
        "measurement",
        consent_id(subject),
    ]
    assert expected == rows[2]
    assert ["nothing", "anonymous"] == rows[1][4:]
    assert {"entry": 1, "pending": 1, "deed": 1} == more_rows(before, row_counts(home.place.engine))


def test_a_look_says_who_looked_for_what(
    furnished_askfirst: CommandLine, home: Home, answers: list[dict[str, Any]]
) -> None:
    """The operator's name, the filters, and that it was the command line."""
    furnished_askfirst.does("audit", "list", *ORGANISATION, "--method", "custom", "--limit", "5")
    kind, what, who = last_entry(home)

    assert ("records:searched", {"method": "custom", "limit": "5"}, 1, "cli") == (
        kind,
        what["filters"],
        what["found"],
        what["via"],
    )
    assert who["staff"].startswith("operator:")
    sequence_all(home.place.ledger, 1, clock=home.clock)
    furnished_askfirst.does("audit", "show", answers[0]["record"], *ORGANISATION)
    kind, what, _who = last_entry(home)
    assert ("record:viewed", answers[0]["record"], "cli") == (kind, what["record"], what["via"])


def test_a_list_can_be_narrowed_paged_and_read_by_programs(
    furnished_askfirst: CommandLine, answers: list[dict[str, Any]]
) -> None:
    """The same filters as the API's, and its JSON."""

    def found(*words: str) -> list[str]:
        out = json.loads(furnished_askfirst.does("audit", "list", *ORGANISATION, "--json", *words))
        return [one["record"] for one in out["records"]]

    whole = found()
    first, second = answers[0]["record"], answers[1]["record"]
    subject = parse_receipt(claimed_payload(answers[0]["receipt"])).subject
    assert subject is not None

    assert [second, first] == whole[1:]
    assert [first] == found("--consent-id", consent_id(subject).lower())
    assert [second, first] == found("--granted", "measurement")
    assert [second] == found("--granted", "measurement", "--refused", "embeds")
    assert [] == found("--site", "shop0001")
    assert whole == found("--from", "2026-06-15", "--to", "2026-06-16")
    assert [first] == found("--cursor", second)
    said = furnished_askfirst.does("audit", "list", *ORGANISATION, "--limit", "1")
    assert f"More: add --cursor {whole[0]}\n" in said


def test_a_record_is_shown_as_the_visitor_saw_it(
    furnished_askfirst: CommandLine, answers: list[dict[str, Any]]
) -> None:
    """When, where, how, in which words, what was chosen, and that everything holds."""
    out = furnished_askfirst.does("audit", "show", answers[1]["record"], *ORGANISATION)

    assert f"Record      {answers[1]['record']}\n" in out
    assert "When        2026-06-15 12:00:00 UTC\n" in out
    assert "Where       https://www.example.org, site demo0001\n" in out
    assert "How         custom, in de, policy 1, region rule default\n" in out
    assert "Granted     measurement\nRefused     embeds\n" in out
    assert "Was shown   text für Leser, „auf Deutsch“" in out
    assert "[accept für Leser, „auf Deutsch“] [reject für Leser, „auf Deutsch“]" in out
    assert 5 == out.count("\nholds ")
    assert "BROKEN" not in out


def test_a_refusal_is_shown_without_an_identifier(
    furnished_askfirst: CommandLine, answers: list[dict[str, Any]]
) -> None:
    """The record is found by time, and says that there is nobody behind it."""
    listed = json.loads(furnished_askfirst.does("audit", "list", *ORGANISATION, "--method", "reject_all", "--json"))
    out = furnished_askfirst.does("audit", "show", listed["records"][0]["record"], *ORGANISATION)

    assert "Consent id  none: a full refusal leaves no identifier\n" in out
    assert "Granted     nothing\nRefused     embeds,measurement\n" in out


def by_hand(home: Home, statement: str, *values: Any) -> None:
    """Alter one row as somebody with the sqlite3 command does."""
    with closing(sqlite3.connect(home.settings.home / "data" / "askfirst.sqlite")) as connection, connection:
        assert 1 == connection.execute(statement, values).rowcount


HANDS = {
    "what": "UPDATE entry SET what = replace(what, 'true', 'tru3') WHERE entry_id = ?",
    "who": "UPDATE entry SET who = x'7b7d' WHERE entry_id = ?",
    "leaf": "UPDATE entry SET leaf = x'7b7d' WHERE entry_id = ?",
    "salt": "UPDATE entry SET what_salt = zeroblob(32) WHERE entry_id = ?",
    "record": "UPDATE record SET method = 'custom' WHERE record_id = ?",
    "receipt": "UPDATE record SET receipt = 'x' WHERE record_id = ?",
    "content": "UPDATE entry SET what = NULL, what_salt = NULL, who = NULL, who_salt = NULL WHERE entry_id = ?",
    "leaf hash": "UPDATE leaf SET leaf_hash = zeroblob(32) WHERE entry_id = ?",
    "what as text": "UPDATE entry SET what = 'nothing' WHERE entry_id = ?",
    "who as a number": "UPDATE entry SET who = 7 WHERE entry_id = ?",
    "leaf as text": "UPDATE entry SET leaf = 'leaf' WHERE entry_id = ?",
    "salt as text": "UPDATE entry SET who_salt = 'salt' WHERE entry_id = ?",
    "leaf hash as text": "UPDATE leaf SET leaf_hash = 'hash' WHERE entry_id = ?",
    "time as text": "UPDATE record SET server_time = 'now' WHERE record_id = ?",
    "time without end": "UPDATE record SET server_time = 9000000000000000000 WHERE record_id = ?",
    "policy number as text": "UPDATE record SET policy_number = 'one' WHERE record_id = ?",
    "granted as bytes": "UPDATE record SET granted = x'ff00' WHERE record_id = ?",
    "method as a line break": "UPDATE record SET method = char(10) WHERE record_id = ?",
    "receipt as bytes": "UPDATE record SET receipt = x'ff00' WHERE record_id = ?",
    "receipt as a number": "UPDATE record SET receipt = 7 WHERE record_id = ?",
}


@pytest.mark.parametrize("hand", HANDS)
def test_a_row_altered_by_hand_is_named_by_verify_and_by_show(
    furnished_askfirst: CommandLine, home: Home, answers: list[dict[str, Any]], hand: str
) -> None:
    """Exit code 2 of both; `verify` names the entry's number, `show` what does not hold; a good record still holds."""
    assert "hold." in furnished_askfirst.does("ledger", "verify", *ORGANISATION)
    record = answers[0]["record"]
    entry = home.place.ledger.entry(1, UUID(record).bytes)
    assert entry is not None
    by_hand(home, HANDS[hand], UUID(record).bytes)
    verified = furnished_askfirst("ledger", "verify", *ORGANISATION)
    shown = furnished_askfirst("audit", "show", record, *ORGANISATION)
    other = furnished_askfirst("audit", "show", answers[1]["record"], *ORGANISATION)

    assert (2, 2, 0) == (verified.code, shown.code, other.code)
    assert any(line.startswith(f"Entry {entry.position}: ") for line in verified.out.splitlines())
    assert f"The first bad entry is number {entry.position}." in verified.out
    assert "\nBROKEN      " in shown.out


ELSEWHERE = {
    "tile as text": "UPDATE tile SET hashes = 'hashes' WHERE log_id = 1 AND level = 0",
    "head's size as text": "UPDATE head SET size = 'many' WHERE log_id = 1",
    "head's size below zero": "UPDATE head SET size = -5 WHERE log_id = 1",
    "head's size without end": "UPDATE head SET size = 9000000000000000000 WHERE log_id = 1",
    "head's root as text": "UPDATE head SET root = 'root' WHERE log_id = 1",
    "checkpoint's note as bytes": "UPDATE checkpoint SET note = x'ff00' WHERE log_id = 1",
    "checkpoint's root as text": "UPDATE checkpoint SET root = 'root' WHERE log_id = 1",
    "policy as text": "UPDATE policy SET canonical = 'policy' WHERE site_key = 'demo0001'",
    "policy's number": "UPDATE policy SET number = 9 WHERE site_key = 'demo0001'",
    "policy's revision": "UPDATE policy SET revision = 9 WHERE site_key = 'demo0001'",
    "script as text": "UPDATE build SET script = 'evil()' WHERE log_id = 1",
    "receipt key": "UPDATE key SET verifier = 'key' WHERE log_id = 1 AND use = 'receipt'",
    "receipt key as bytes": "UPDATE key SET verifier = x'ff00' WHERE log_id = 1 AND use = 'receipt'",
    "checkpoint key": "UPDATE key SET verifier = 'key' WHERE log_id = 1 AND use = 'checkpoint'",
    "key id": "UPDATE key SET key_id = zeroblob(4) WHERE log_id = 1 AND use = 'receipt'",
    "key's state": "UPDATE key SET state = 'revoked' WHERE log_id = 1 AND use = 'receipt'",
    "site's origins": "UPDATE site SET origins = 'x' WHERE site_key = 'demo0001'",
    "hour of the statistics": "UPDATE rollup SET hour = 100000000 WHERE log_id = 1 AND dimension = 'rule'",
    "record's id": "UPDATE record SET record_id = 'id' WHERE method = 'reject_all'",
}


@pytest.mark.parametrize("hand", ELSEWHERE)
def test_a_row_altered_elsewhere_is_found_and_nothing_trips_over_it(
    furnished_askfirst: CommandLine, home: Home, answers: list[dict[str, Any]], hand: str
) -> None:
    """Also where it is no entry, or of another type than its column: exit code 2, and records can still be read."""
    by_hand(home, ELSEWHERE[hand])
    verified = furnished_askfirst("ledger", "verify", *ORGANISATION)
    shown = furnished_askfirst("audit", "show", answers[0]["record"], *ORGANISATION)
    listed = furnished_askfirst("audit", "list", *ORGANISATION)

    assert (2, "") == (verified.code, verified.err)
    assert "NOT genuine" in verified.out
    assert (True, "") == (shown.code in (0, 2), shown.err)
    assert (0, "") == (listed.code, listed.err)
    assert answers[0]["record"] in listed.out


def test_verify_is_itself_an_entry_and_says_what_it_found(
    furnished_askfirst: CommandLine, home: Home, answers: list[dict[str, Any]]
) -> None:
    """Size, root, whether it held, and the faults in words."""
    furnished_askfirst.does("ledger", "verify", *ORGANISATION)
    kind, what, _who = last_entry(home)
    head = home.place.ledger.head(1)
    assert ("ledger:verified", head.size, head.root.hex(), True, []) == (
        kind,
        what["size"],
        what["root"],
        what["holds"],
        what["faults"],
    )

    sequence_all(home.place.ledger, 1, clock=home.clock)
    by_hand(home, HANDS["record"], UUID(answers[0]["record"]).bytes)
    furnished_askfirst("ledger", "verify", *ORGANISATION)
    _kind, what, _who = last_entry(home)
    assert not what["holds"]
    assert ["the search table says something else in: method"] == [one.partition(": ")[2] for one in what["faults"]]


def test_an_altered_policy_does_not_stop_a_look(
    furnished_askfirst: CommandLine, home: Home, answers: list[dict[str, Any]]
) -> None:
    """Verify names the announcement, show says that the texts are not proven, and the service does not start."""
    by_hand(
        home,
        "UPDATE policy SET canonical = CAST(replace(CAST(canonical AS TEXT), 'accept in', 'ACCEPT in') AS BLOB)"
        " WHERE site_key = ?",
        "demo0001",
    )
    verified = furnished_askfirst("ledger", "verify", *ORGANISATION)
    shown = furnished_askfirst("audit", "show", answers[0]["record"], *ORGANISATION)

    assert (2, 2) == (verified.code, shown.code)
    assert "that it announced is missing or was altered" in verified.out
    assert "BROKEN      No published policy has the digest that the record names." in shown.out
    assert "policy 1 of site demo0001 is not what was published" in furnished_askfirst.refuses("serve", PORT="0")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("show", "x"), "No record with this id is among those that you may see."),
        (("show", "01a20aef-e208-7929-b951-6e85f1df37f6"), "No record with this id is among those that you may see."),
        (("list", "--consent-id", "CYSCKJ4"), "consent_id is no consent id: it has 21 letters and digits"),
        (("list", "--from", "x", "--method", "y"), "from must be a date or time like 2026-11-23"),
        (("list", "--cursor", "x"), "cursor must be a record id, a UUID"),
        (("list", "--from", "2026-06-16", "--to", "2026-06-15"), "to must be later than from"),
    ],
)
def test_a_bad_question_is_one_sentence_and_no_entry(
    furnished_askfirst: CommandLine, home: Home, words: tuple[str, ...], expected: str
) -> None:
    """What can not be asked is refused before anything is looked at."""
    before = row_counts(home.place.engine)

    assert expected in furnished_askfirst.refuses("audit", *words, *ORGANISATION)
    assert before == row_counts(home.place.engine)


def test_another_organisations_record_is_none(furnished_askfirst: CommandLine, answers: list[dict[str, Any]]) -> None:
    """Each organisation looks into its own log."""
    said = furnished_askfirst.refuses("audit", "show", answers[0]["record"], "--organisation", "other")

    assert "No record with this id is among those that you may see." == said


def test_a_person_is_forgotten_by_command(
    furnished_askfirst: CommandLine, home: Home, answers: list[dict[str, Any]]
) -> None:
    """By consent id, after a question; afterwards `audit show` tells what is left, and `ledger verify` holds."""
    subject = parse_receipt(claimed_payload(answers[0]["receipt"])).subject
    assert subject is not None
    person, record = consent_id(subject), answers[0]["record"]
    held = json.loads(furnished_askfirst.does("audit", "subject", person, *ORGANISATION))
    refused = furnished_askfirst("audit", "erase", "--consent-id", person, "--reason", "Asked for.", *ORGANISATION)
    said = furnished_askfirst.does(
        "audit", "erase", "--consent-id", person, "--reason", "Asked for.", "--yes", *ORGANISATION
    )
    sequence_all(home.place.ledger, 1, clock=home.clock)
    shown = furnished_askfirst.does("audit", "show", record, *ORGANISATION)
    as_json = json.loads(furnished_askfirst.does("audit", "show", record, "--json", *ORGANISATION))

    assert [record] == [one["record"] for one in held["records"]]
    assert 1 == refused.code
    assert f"Forgotten: {record}" in said
    assert "Why         Asked for." in shown
    assert "An entry of the ledger says so" in shown
    assert ("record:erased", True) == (as_json["forgotten"], as_json["genuine"])
    assert "1 were forgotten in order" in furnished_askfirst.does("ledger", "verify", *ORGANISATION)


def test_nonsense_forgets_nothing(furnished_askfirst: CommandLine, home: Home, answers: list[dict[str, Any]]) -> None:
    """Each is one sentence, and the records stay."""
    before = row_counts(home.place.engine)
    erase = ("audit", "erase", "--yes", *ORGANISATION)
    assert "takes one of" in furnished_askfirst.refuses(*erase, "--reason", "x")
    both = ("--record", "a", "--receipt", "b")
    assert "takes one of" in furnished_askfirst.refuses(*erase, "--reason", "x", *both)
    assert "Nothing that you may erase" in furnished_askfirst.refuses(*erase, "--reason", "x", "--record", "a")
    assert "is no consent id" in furnished_askfirst.refuses(*erase, "--reason", "x", "--consent-id", "a")
    assert "can not be the reason" in furnished_askfirst.refuses(*erase, "--reason", " ", "--record", "a")
    assert "No site has the key" in furnished_askfirst.refuses("ledger", "retain", "nowhere1", "--days", "3", "--yes")
    assert "is no consent id" in furnished_askfirst.refuses("audit", "subject", "a", *ORGANISATION)
    assert {} == more_rows(before, row_counts(home.place.engine))


def test_old_decisions_are_forgotten_by_command(
    furnished_askfirst: CommandLine, home: Home, answers: list[dict[str, Any]]
) -> None:
    """Their age counts by the machine's clock, which is years after the one that these were recorded by."""
    assert "1 to 36,500" in furnished_askfirst.refuses("ledger", "retain", "demo0001", "--days", "36501", "--yes")
    assert "0 decisions" in furnished_askfirst.does("ledger", "retain", "demo0001", "--days", "36500", "--yes")
    said = furnished_askfirst.does("ledger", "retain", "demo0001", "--days", "1", "--yes")

    assert "3 decisions were forgotten." in said
