"""`askfirst import`: answers that another tool took become marked entries, each once, and never receipts."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from askfirst.storage import tables as t
from askfirst.storage.imports import SqlImports
from askfirst.usecases import import_consents
from askfirst.usecases.record_filters import read_filters
from askfirst.usecases.statements import make_statement
from support.command_line import CommandLine
from support.places import Home
from support.running_service import RunningService
from support.staff import entries
from support.table_rows import alter, row_counts

GIVEN = "2026-05-01T10:00:00Z"
KEY = "8b1f2c34-0000-4000-8000-000000000001"
C15T = {
    "id": "cns_1",
    "subjectId": "sub_1",
    "domainId": "dom_1",
    "policyId": "pol_7",
    "purposeIds": {"json": ["necessary", "measurement"]},
    "ipAddress": "198.51.100.7",
    "userAgent": "Mozilla/5.0 (somebody)",
    "givenAt": GIVEN,
}
PURPOSE_ID = ("--purpose", "pur_1=measurement")
KLARO = {
    "id": "k1",
    "created_at": GIVEN,
    "consent_data": {"consents": {"analytics": True, "media": False}, "type": "save"},
    "location_data": {"pathname": "/somebody/private"},
}
VANILLA = {
    "categories": ["necessary", "analytics"],
    "revision": 3,
    "data": None,
    "consentTimestamp": "2026-04-01T10:00:00.000Z",
    "consentId": KEY,
    "services": {},
    "languageCode": "en",
    "lastConsentTimestamp": "2026-05-01T10:00:00.000Z",
    "expirationTime": 1_793_000_000_000,
}
STAMP = "6cM/oZqcGG9XwjaY233NxjKQb+Q5stoA2O6VFtUdMLKxhbXtCgp0xQ=="
COOKIEBOT = {
    "stamp": STAMP,
    "necessary": True,
    "preferences": False,
    "statistics": True,
    "marketing": False,
    "method": "explicit",
    "ver": 2,
    "utc": 1_777_629_600_000,
    "region": "nz",
}
OTHERS = ("--purpose", "preferences=", "--purpose", "marketing=")
COOKIEBOT_LOG = (
    "Consent key,UTC date,IP,User agent,URL,Necessary,Statistics\r\n"
    f"{KEY},2026-05-01 10:00:00,198.51.100.0,Mozilla/5.0,https://www.example.org/somebody?x=1,true,true\r\n"
)
ONETRUST = {
    "identifier": "somebody@example.org",
    "interactionDate": GIVEN,
    "purposes": [
        {"Id": "C0001", "TransactionType": "CONFIRMED"},
        {"Id": "C0002", "TransactionType": "CONFIRMED"},
        {"Id": "C0005", "TransactionType": "NOTGIVEN"},
    ],
}
OPTANON = {
    "consentId": KEY,
    "interactionCount": "1",
    "datestamp": "Fri May 01 2026 15:30:00 GMT+0530 (India Standard Time)",
    "groups": "C0001:1,C0002:0",
}
TRANSACTION = {
    "transactionGuid": "2f726312-73b8-4d17-90d1-0c9bb1f09f0f",
    "receiptId": "51a3384e-46d5-43ec-8d88-d7a4b95c7e3e",
    "identifier": "somebody@example.org",
    "interactionDate": "2026-05-01T10:00:00.000",
    "purposeGuid": "0e7ed8b7-a64d-4e38-a7ea-7c28dbdd5869",
    "transactionType": "HARD_OPT_OUT",
}
GUID = ("--purpose", f"{TRANSACTION['purposeGuid']}=measurement")
GENERIC = f"id;time;granted;refused;origin\n1;{GIVEN};measurement;embeds;https://shop.example.org:8443\n"


def rows(*members: dict[str, Any]) -> str:
    """Return NDJSON."""
    return "".join(json.dumps(one) + "\n" for one in members)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Say where the file lies."""
    return tmp_path / "consents"


def import_words(file: Path, source: str, *more: str) -> tuple[str, ...]:
    """Return the words of the command."""
    return ("import", str(file), "--site", "demo0001", "--source", source, *more)


def records(home: Home, **parameters: str) -> list[Any]:
    """Return the records that a search finds."""
    return [one for _, one in home.place.records.search(1, read_filters(parameters.items(), None))]


@pytest.mark.parametrize(
    ("source", "written", "granted", "refused", "more"),
    [
        ("c15t", rows(C15T), ",measurement,", ",embeds,", ()),
        ("klaro", rows(KLARO), ",measurement,", ",embeds,", ()),
        ("vanilla-cookieconsent", rows(VANILLA), ",measurement,", ",embeds,", ()),
        ("cookiebot", rows(COOKIEBOT), ",measurement,", "", OTHERS),
        (
            "cookiebot",
            COOKIEBOT_LOG,
            ",measurement,",
            "",
            (
                *("--column", "id=Consent key", "--column", "time=UTC date", "--column", "page=URL"),
                *("--column", "purpose.statistics=Statistics"),
            ),
        ),
        ("c15t", rows({**C15T, "purposeIds": {"json": ["pur_1"]}}), ",measurement,", ",embeds,", PURPOSE_ID),
        ("onetrust", rows(ONETRUST), ",measurement,", ",embeds,", ()),
        ("onetrust", rows(OPTANON), "", ",measurement,", ()),
        ("onetrust", rows(TRANSACTION), "", ",measurement,", GUID),
        ("mine", GENERIC, ",measurement,", ",embeds,", ()),
        (
            "mine",
            "who\twhen\tstats\ttube\n7\t1777629600\tyes\tno\n",
            ",measurement,",
            ",embeds,",
            (
                *("--column", "id=who", "--column", "time=when", "--column", "purpose.statistics=stats"),
                *("--column", "purpose.tube=tube", "--purpose", "tube=embeds"),
            ),
        ),
    ],
)
def test_each_tool_is_read(
    furnished_askfirst: CommandLine,
    home: Home,
    file: Path,
    source: str,
    written: str,
    granted: str,
    refused: str,
    more: tuple[str, ...],
) -> None:
    """Its answer is found under the method `import`, at the time at which it was given, and has no receipt."""
    file.write_text(written)
    said = furnished_askfirst.does(*import_words(file, source, *more))
    (found,) = records(home, method="import")

    assert "1 answers were imported" in said
    assert (granted, refused, f"import.{source}", 1_777_629_600_000) == (
        found.granted,
        found.refused,
        found.rule,
        found.server_time,
    )
    assert "" == found.receipt
    assert (found.subject is None) == (granted == "")


def test_no_address_browser_path_or_id_of_the_tool_is_kept(
    furnished_askfirst: CommandLine, home: Home, file: Path
) -> None:
    """Many of these files have some; the database gets none of it."""
    for number, (source, written) in enumerate(
        [
            ("c15t", rows(C15T)),
            ("klaro", rows(KLARO)),
            ("cookiebot", rows(COOKIEBOT)),
            ("onetrust", rows(ONETRUST, OPTANON)),
            ("mine", COOKIEBOT_LOG),
        ]
    ):
        path = file.with_suffix(f".{number}")
        path.write_text(written)
        columns = ("id=Consent key", "time=UTC date", "page=URL", "purpose.statistics=Statistics")
        named = (word for one in columns for word in ("--column", one)) if source == "mine" else OTHERS
        furnished_askfirst.does(*import_words(path, source, *named))
    kept = repr(entries(home, "decision:imported")) + repr(entries(home, "import:run")) + repr(records(home))

    for secret in ("198.51.100", "Mozilla", "somebody", "sub_1", "cns_1", KEY, STAMP, "example.org/"):
        assert secret not in kept


def test_it_is_an_entry_that_says_that_it_was_imported(furnished_askfirst: CommandLine, home: Home, file: Path) -> None:
    """And another one says what was imported, from which file."""
    file.write_text(rows(C15T))
    furnished_askfirst.does(*import_words(file, "c15t"))
    (imported,), (run,) = entries(home, "decision:imported"), entries(home, "import:run")

    assert {"measurement": True, "embeds": False} == imported["purposes"]
    assert ("c15t", 1_777_629_600_000, "pol_7", run["digest"]) == (
        imported["source"],
        imported["given"],
        imported["notice"],
        imported["file"],
    )
    assert ("demo0001", "c15t", 1) == (run["site"], run["source"], run["rows"])


def test_twice_is_once(furnished_askfirst: CommandLine, home: Home, file: Path) -> None:
    """The same file again, and the same answers in another file, change nothing."""
    file.write_text(rows(C15T, {**C15T, "id": "cns_2"}))
    furnished_askfirst.does(*import_words(file, "c15t"))
    before = row_counts(home.place.engine)
    again = furnished_askfirst.does(*import_words(file, "c15t"))
    file.write_text(rows({**C15T, "id": "cns_2"}, C15T))
    other = furnished_askfirst.does(*import_words(file, "c15t"))

    assert "0 answers were imported from c15t; 2 were there already." in again
    assert "0 answers were imported from c15t; 2 were there already." in other
    assert before["record"] == row_counts(home.place.engine)["record"]


def test_another_answer_under_the_same_id_does_not_replace_the_first(
    furnished_askfirst: CommandLine, home: Home, file: Path
) -> None:
    """It is told, with its line."""
    file.write_text(rows(C15T))
    furnished_askfirst.does(*import_words(file, "c15t"))
    file.write_text(rows({**C15T, "purposeIds": []}))
    said = furnished_askfirst(*import_words(file, "c15t"))

    assert 2 == said.code
    assert "line 1 was imported before with another answer, which stays" in said.out
    assert [",measurement,"] == [one.granted for one in records(home)]


@pytest.mark.parametrize(
    ("source", "silent", "answered"),
    [
        ("klaro", {**KLARO, "consent_data": {"consents": {}, "changes": {}, "type": "show"}}, KLARO),
        ("c15t", {**C15T, "purposeIds": [], "type": "terms_and_conditions"}, {**C15T, "type": "cookie_banner"}),
        ("cookiebot", {**COOKIEBOT, "stamp": "-1", "method": "implied"}, COOKIEBOT),
        ("onetrust", {**OPTANON, "interactionCount": 0, "groups": "C0001:1,C0002:1"}, OPTANON),
        ("onetrust", {**TRANSACTION, "transactionType": "IMPLICIT"}, TRANSACTION),
        ("onetrust", {**ONETRUST, "purposes": [{"Id": "C0002", "TransactionType": "NO_CHOICE"}]}, ONETRUST),
    ],
)
def test_a_line_that_holds_no_answer_is_left_out(
    furnished_askfirst: CommandLine,
    home: Home,
    file: Path,
    source: str,
    silent: dict[str, Any],
    answered: dict[str, Any],
) -> None:
    """That a banner was shown, or that consent was implied, is nobody's answer, and no refusal either."""
    file.write_text(rows(silent, answered))
    said = furnished_askfirst.does(*import_words(file, source, *OTHERS, *GUID))

    assert "1 of 2 lines hold no answer and are left out." in said
    assert f"1 answers were imported from {source}" in said
    assert 1 == len(records(home, method="import"))


@pytest.mark.parametrize(
    ("source", "row", "said"),
    [
        ("c15t", {**C15T, "status": "withdrawn"}, "has the status withdrawn, and not since when; leave it out"),
        ("onetrust", {**TRANSACTION, "transactionType": "MAYBE"}, "has the unknown transaction type MAYBE"),
        ("onetrust", {**OPTANON, "groups": "C0001"}, "has groups that are not like C0001:1,C0002:0"),
        ("onetrust", {**OPTANON, "datestamp": "Fri May 32 2026 10:00:00 GMT+0000"}, "has a time that can not be read"),
        ("cookiebot", {**COOKIEBOT, "stamp": None}, "has no stamp"),
        ("klaro", {**KLARO, "consent_data": {"type": "save"}}, "has no object consents"),
    ],
)
def test_what_a_tool_never_writes_is_told(
    furnished_askfirst: CommandLine, home: Home, file: Path, source: str, row: dict[str, Any], said: str
) -> None:
    """With its line, and nothing is guessed."""
    file.write_text(rows(row))
    told = furnished_askfirst(*import_words(file, source, *OTHERS, *GUID))

    assert (1, True) == (told.code, f"line 1 {said}" in told.out), told
    assert [] == records(home, method="import")


def test_bad_lines_are_named_and_nothing_is_stored(furnished_askfirst: CommandLine, home: Home, file: Path) -> None:
    """Each with its number and how to mend it; also with the good line before them."""
    before = row_counts(home.place.engine)
    bad = [
        {**C15T, "id": None},
        {**C15T, "givenAt": "yesterday"},
        {**C15T, "givenAt": "2099-01-01T00:00:00Z"},
        {**C15T, "givenAt": "1999-01-01T00:00:00Z"},
        {**C15T, "purposeIds": ["surveillance"]},
        {**C15T, "purposeIds": 7},
        {**C15T, "id": "x" * 513},
        {**C15T, "purposeIds": ["necessary"], "id": "cns_1"},
    ]
    file.write_text(rows(C15T, *bad) + "{\n[1]\n" + '{"id":"' + "x" * 70_000 + '"}\n' + '{"id":1,"id":2}\n\n')
    said = furnished_askfirst(*import_words(file, "c15t"))

    assert 1 == said.code
    for expected in (
        "line 2 has no id",
        "line 3 has a time that can not be read: 'yesterday'",
        "line 4 has a time before 2000 or in the future",
        "line 5 has a time before 2000 or in the future",
        "line 6 names 'surveillance', which is none of this site's purposes or services; say what it means with"
        " --purpose surveillance=PURPOSE",
        "line 7 has a purposeIds that is no list of names",
        "line 8 has a id of more than 512 characters",
        "line 9 has the id and time of an earlier line, and another answer",
        "line 10 can not be read: it is not JSON",
        "line 11 is no JSON object",
        "line 12 is longer than 65,536 bytes",
        "line 13 can not be read: a member is repeated",
        "Nothing was imported: 12 of 13 lines can not be taken over.",
    ):
        assert expected in said.out, expected
    assert before == row_counts(home.place.engine)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("id,id\n1,2\n", "two columns of one name"),
        ("", "is empty"),
        ("   \n", "is empty"),
    ],
)
def test_a_file_that_is_none_is_refused(furnished_askfirst: CommandLine, file: Path, written: str, said: str) -> None:
    """With one sentence."""
    file.write_text(written)

    assert said in furnished_askfirst.refuses(*import_words(file, "mine"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"id,time,granted\n1,2026-05-01,measurement,more\n", "line 2 has 4 cells, and the first line names 3"),
        (b"id,time,granted\n1,2026-05-01,measure\xff\n", "is not UTF-8"),
        (b'id,time,granted\n"1,2026-05-01,measurement\n', "line"),
        (b"id,time,granted\n" + b"1" * 70_000 + b",2026-05-01,measurement\n", "is longer than 65,536 bytes"),
        (b"id,time,granted,refused\n1,2026-05-01,measurement,measurement\n", "both granted and refused"),
        (b"id,time,granted\n1,2026-05-01,\n", "answers none of this site's purposes"),
    ],
)
def test_a_broken_table_is_told(
    furnished_askfirst: CommandLine, home: Home, file: Path, written: bytes, said: str
) -> None:
    """And nothing of it is stored."""
    file.write_bytes(written)
    told = furnished_askfirst(*import_words(file, "mine"))

    assert (1, True) == (told.code, said in told.out), told
    assert [] == records(home, method="import")


def test_a_dry_run_stores_nothing(furnished_askfirst: CommandLine, home: Home, file: Path) -> None:
    """It says whether all lines can be taken over."""
    file.write_text(rows(C15T))
    before = row_counts(home.place.engine)
    said = furnished_askfirst.does(*import_words(file, "c15t", "--dry-run"))

    assert "All 1 lines can be taken over. Nothing was imported." in said
    assert before == row_counts(home.place.engine)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--column", "id"), "takes NAME=VALUE"),
        (("--column", "colour=x"), "takes id, person"),
        (("--purpose", "x=surveillance"), "none of the site's purposes: surveillance"),
        (("--source", "No Tool"), "must be a tool's name"),
        (("--site", "nobody01"), "No site has the key"),
    ],
)
def test_orders_that_can_not_be_followed_are_refused(
    furnished_askfirst: CommandLine, file: Path, words: tuple[str, ...], said: str
) -> None:
    """Before the file is read."""
    file.write_text(rows(C15T))

    assert said in furnished_askfirst.refuses(*import_words(file, "c15t", *words))


def test_it_goes_on_where_it_was_broken_off(
    furnished_askfirst: CommandLine, home: Home, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch is stored whole; the second run stores the rest, and the entry about the run comes at the end."""
    monkeypatch.setattr(import_consents, "BATCH", 2)
    file.write_text(rows(*({**C15T, "id": f"cns_{number}"} for number in range(5))))
    store, calls = SqlImports.store, []

    def breaks(self: SqlImports, batch: Any) -> Any:
        calls.append(len(batch))
        if len(calls) == 2:
            raise OSError("no space left on device")
        return store(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(SqlImports, "store", breaks)
        assert "no space left" in furnished_askfirst(*import_words(file, "c15t")).err
    half = len(records(home)), len(entries(home, "import:run"))
    said = furnished_askfirst.does(*import_words(file, "c15t"))

    assert (2, 0) == half
    assert "3 answers were imported from c15t; 2 were there already." in said
    assert (5, 1) == (len(records(home)), len(entries(home, "import:run")))


@pytest.mark.each_database
def test_the_ledger_holds_them_and_a_changed_one_is_found(
    service: RunningService, home: Home, file: Path, database: str
) -> None:
    """Imported answers are verified like every entry: content, search table, and that none has a receipt."""
    from askfirst.usecases.import_consents import ImportOrder, import_file
    from askfirst.usecases.import_formats import READERS
    from askfirst.usecases.verify_ledger import verify_ledger

    file.write_text(rows(C15T, {**C15T, "id": "cns_2", "purposeIds": []}))
    order = ImportOrder(service.node.live.directory.sites["demo0001"], "c15t", READERS["c15t"], {}, b"s" * 32)
    report = import_file(
        SqlImports(home.place.engine), home.place.catalogue, file, order, home.place.by, lambda _done, _of: None
    )
    service.settle()

    def findings() -> list[str]:
        place = home.place
        anchor = home.anchors.read(1)
        return [
            str(one)
            for one in verify_ledger(place.directory, place.ledger, 1, lambda _done, _of: None, anchor=anchor).findings
        ]

    assert (2, 0) == (report.new, report.faulty)
    assert [] == findings()
    granted = (t.record.c.method == "import") & (t.record.c.granted != "")
    alter(home.place.engine, t.record, granted, receipt="x")
    assert ["says something else in: receipt" in one for one in findings()] == [True]
    alter(home.place.engine, t.record, granted, receipt=None, rule="import.other")
    assert ["says something else in: rule" in one for one in findings()] == [True]


def test_it_is_shown_stated_exported_and_erased_as_imported(
    furnished_askfirst: CommandLine, home: Home, file: Path, tmp_path: Path
) -> None:
    """By the command line as by the API; what was erased does not come back with the same file."""
    file.write_text(rows(C15T))
    furnished_askfirst.does(*import_words(file, "c15t"))
    consent_id = furnished_askfirst.does("imported-id", "c15t", "sub_1").strip()
    ((raw, _),) = home.place.records.search(1, read_filters([("method", "import")], None))
    record = f"{raw.hex()[:8]}-{raw.hex()[8:12]}-{raw.hex()[12:16]}-{raw.hex()[16:20]}-{raw.hex()[20:]}"
    place = home.place
    statement = make_statement(
        place.directory(),
        place.ledger,
        place.records,
        place.forgetting,
        1,
        record,
        public_url="https://consent.example.net",
        now=home.clock(),
    )
    shown = furnished_askfirst.does("audit", "show", record, "--organisation", "example")
    out = tmp_path / "export.ndjson"
    furnished_askfirst.does(
        "audit", "export", "--organisation", "example", "--format", "ndjson", "--out", str(out), "--method", "import"
    )
    erased = furnished_askfirst.does(
        "audit", "erase", "--organisation", "example", "--consent-id", consent_id, "--reason", "asked", "--yes"
    )
    again = furnished_askfirst.does(*import_words(file, "c15t"))

    assert "imported from c15t; what it showed is not known here: pol_7" in json.dumps(statement)
    assert {"import"} == {one["hasConsentStatus"][0]["hasIndicationMethod"][0] for one in statement["hasProcess"]}
    assert "Askfirst did not ask" in shown
    line = json.loads(out.read_text().splitlines()[0])
    assert ("import", None, "import.c15t", consent_id) == tuple(
        line[name] for name in ("method", "receipt", "rule", "consent_id")
    )
    assert "1" in erased
    assert "0 answers were imported from c15t; 0 were there already. 1 were forgotten here and stay so." in again
    assert [] == records(home)


def test_a_visitor_gets_nothing_from_it(service: RunningService, home: Home, file: Path) -> None:
    """No receipt is handed out for an imported answer: its consent id has no power, and visitors are asked anew."""
    from askfirst.usecases.import_consents import imported_subject
    from askfirst_sdk.subject import consent_id

    named = consent_id(imported_subject(home.place.keys.secret(), "c15t", "sub_1"))
    answer = service.post(service.decision(consent_id=named))

    assert (403, "/problems/receipt-required") == (answer.status_code, answer.json()["type"])


def test_its_page_says_since_when_it_is_unchanged(service: RunningService, home: Home, file: Path) -> None:
    """Since it was imported, and not since it was given: before, it was in another tool's hands."""
    from askfirst.usecases.import_consents import ImportOrder, import_file
    from askfirst.usecases.import_formats import READERS
    from support.staff import desk

    file.write_text(rows(C15T))
    order = ImportOrder(service.node.live.directory.sites["demo0001"], "c15t", READERS["c15t"], {}, b"s" * 32)
    import_file(
        SqlImports(home.place.engine), home.place.catalogue, file, order, home.place.by, lambda _done, _of: None
    )
    service.settle()
    ((raw, _),) = home.place.records.search(1, read_filters([("method", "import")], None))
    page = desk(service).get(f"/console/records/{UUID(bytes=raw)}", accept_language="en").text
    verdict = page.partition('class="verdict"')[2].partition("</div>")[0]

    assert "15 Jun 2026" in verdict
    assert "1 May 2026" not in verdict
    assert "Another tool asked: c15t." in page
    assert 2 == page.count("not told by the tool")
    assert "there never was a receipt" in page
