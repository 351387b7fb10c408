"""What the reading pages show, to whom, and what nonsense in an address is answered."""

import re
from html import unescape
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import BigInteger, LargeBinary, Text, type_coerce, update
from sqlalchemy.exc import DBAPIError

from askfirst.core.kinds import EntryKind
from askfirst.storage import tables as t
from support.altered_log import change
from support.running_service import RunningService
from support.staff import Desk, desk, entries
from support.table_rows import more_rows
from support.time_and_ids import DAY

pytestmark = pytest.mark.each_database

NOBODY = str(UUID(int=1))
_TYPES: dict[type, Any] = {str: Text(), bytes: LargeBinary(), int: BigInteger(), type(None): Text()}


def text_of(who: Desk, path: str, status: int = 200) -> str:
    answer = who.get(path)
    assert status == answer.status_code, answer.text
    return unescape(answer.text)


def shown(who: Desk, path: str) -> list[str]:
    """Return the record ids that a page links to, in order."""
    parts = text_of(who, path).split('<a href="/console/records/')[1:]
    return [part[:36] for part in parts]


def test_every_page_has_the_headers_that_keep_a_browser_safe(service: RunningService) -> None:
    """Strict policy, no framing, nothing kept, no address of ours told to others; error pages too."""
    who = desk(service)
    for path in ("/console", "/console/records", "/console/nothing", "/console/sign-in", "/console/ledger?kind=x"):
        headers = who.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert ("no-store", "nosniff", "same-origin") == (
            headers["cache-control"],
            headers["x-content-type-options"],
            headers["referrer-policy"],
        )


def test_no_page_has_a_script_or_style_inside(service: RunningService) -> None:
    """Nothing that the policy would have to make an exception for."""
    record = service.accept()["record"]
    service.settle()
    who = desk(service)
    for path in ("", "/records", f"/records/{record}", "/ledger", "/policies", "/staff", "/account", "/staff/add"):
        page = who.get(f"/console{path}").text
        assert "<style" not in page
        assert " style=" not in page
        assert "onclick" not in page
        allowed = ('<script type="module" src=', '<script type="application/json" id=')
        assert page.count("<script") == sum(map(page.count, allowed))


def test_the_overview_counts_days_and_answers_by_what_they_grant(service: RunningService) -> None:
    """Today and the last 30 days; what is older is left out."""
    service.accept()
    service.home.clock.forward(31 * DAY)
    service.accept()
    service.refuse()
    service.accept(purposes={"measurement": True, "embeds": False}, method="custom")
    service.accept("shop0001")
    service.settle()
    page = text_of(desk(service), "/console")

    assert "4 decisions today, 50 % accepted all" in page
    assert "In 30 days, 50 % of 4 decisions accepted all and 25 % said no" in page
    assert 'data-all="2" data-some="1" data-none="1"' in page


def test_a_day_is_one_of_the_organisations_time_zone(service: RunningService) -> None:
    """Today on the overview and the days of a search begin at its midnight, and the pages say whose midnight it is."""
    service.node.live.zone = ZoneInfo("Asia/Tokyo")
    record = service.accept()["record"]  # at noon in UTC, 21:00 in Tokyo
    service.home.clock.forward(4 * 3_600_000)
    late = service.accept()["record"]  # the next day in Tokyo
    service.settle()
    who = desk(service)
    overview = text_of(who, "/console")

    assert "1 decision today" in overview
    assert "Days are those of the time zone Asia/Tokyo." in overview
    assert [record] == shown(who, "/console/records?from=2026-06-15&to=2026-06-15")
    assert [late] == shown(who, "/console/records?from=2026-06-16&to=2026-06-16")
    assert [late, record] == shown(who, "/console/records?from=2026-06-15&to=2026-06-16")
    assert "Days are those of the time zone Asia/Tokyo." in text_of(who, "/console/records")


def test_the_overview_divides_by_purpose_language_and_policy(service: RunningService) -> None:
    """From the same days; somebody for one site sees that site's, and nothing is divided where nobody answered."""
    assert "How they divide" not in text_of(desk(service), "/console")
    service.accept(language="de")
    service.accept(purposes={"measurement": True, "embeds": False}, method="custom")
    service.accept("shop0001")
    service.settle()
    page = text_of(desk(service, login="more@example.org"), "/console")
    own = text_of(desk(service, "auditor", ("shop0001",)), "/console")

    assert "How they divide" in page
    embeds = '</svg></th><td class="figure">2</td><td class="figure">1</td><td class="figure">67 %</td>'
    assert embeds in page.partition('<th scope="row">embeds')[2].partition("</tr>")[0]
    page, own = (re.sub("<svg.*?</svg>", "", one) for one in (page, own))
    assert '?language=de">de</a></th><td class="figure">1</td><td class="figure">33 %</td>' in page
    assert 'policy 1 of Site demo0001</a></th><td class="figure">2</td>' in page
    assert 'policy 1 of Site shop0001</a></th><td class="figure">1</td><td class="figure">100 %</td>' in own
    assert "?language=de" not in own
    assert "demo0001" not in own


def test_somebody_for_one_site_sees_that_site_only(service: RunningService) -> None:
    """Counts, lists, choices, policies and records: as if there were no other."""
    own = service.accept("shop0001")["record"]
    foreign = service.accept("demo0001")["record"]
    service.settle()
    who = desk(service, "auditor", ("shop0001",))

    assert "1 decision today" in text_of(who, "/console")
    assert [own] == shown(who, "/console")
    assert [own] == shown(who, "/console/records")
    assert [] == shown(who, "/console/records?site=demo0001")
    assert text_of(who, f"/console/records/{foreign}", 404) == text_of(who, f"/console/records/{NOBODY}", 404)
    for path in ("/console", "/console/records", "/console/policies", "/console/ledger"):
        page = text_of(who, path)
        assert "Site demo0001" not in page
        assert foreign not in page


def test_an_editor_sees_counts_and_no_decision(service: RunningService) -> None:
    """Numbers and policies, and neither the list nor the stream nor a record."""
    record = service.accept()["record"]
    service.settle()
    who = desk(service, "editor")

    assert "1 decision today" in text_of(who, "/console")
    assert record not in text_of(who, "/console")
    assert "Newest decisions" not in text_of(who, "/console")
    assert [403] * 4 == [
        who.get(path).status_code
        for path in ("/console/records", f"/console/records/{record}", "/console/events", "/console/ledger")
    ]


@pytest.mark.parametrize("path", ["/x", "/%00", f"/{UUID(int=0)}", "/" + "a" * 5000, "/%ff%fe"])
def test_what_is_nobodys_is_answered_as_another_organisations(service: RunningService, path: str) -> None:
    """Byte for byte the same page, and no entry."""
    foreign = service.accept("other0001")["record"]
    service.settle()
    who = desk(service)
    before = service.rows()
    one, other = who.get(f"/console/records/{foreign}"), who.get(f"/console/records{path}")

    assert 404 == one.status_code == other.status_code
    assert {} == more_rows(before, service.rows())
    if path.count("/") == 1:
        assert one.content == other.content


def test_another_organisations_cursor_is_as_good_as_one_made_up(service: RunningService) -> None:
    """It tells nothing about the record that it came from."""
    mine = [service.accept()["record"] for _ in range(3)]
    service.home.clock.forward(1)
    foreign = service.accept("other0001")["record"]
    service.home.clock.forward(1)
    newest = service.accept()["record"]
    made_up = foreign[:-1] + ("0" if foreign[-1] != "0" else "1")
    who = desk(service)

    assert mine[1::-1] == shown(who, f"/console/records?cursor={mine[2]}")
    for path in ("records?cursor", "entries?cursor", "exports?before", "sign-ins?before"):
        one, other = (who.get(f"/console/{path}={cursor}") for cursor in (foreign, made_up))
        assert (404, 404) == (one.status_code, other.status_code), path
        assert one.text == other.text
    assert newest in shown(who, "/console/records")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("id=nonsense", "is no consent id"),
        ("method=maybe", "must be one of accept_all"),
        ("from=2026-13-45", "must be a date or time"),
        ("from=2026-02-01&to=2026-01-01", "must be later than from"),
        ("from=2026-02-01&to=2026-01-31", "must be later than from"),
        ("from=1900-01-01", "must be a time from 1970 to the year 6428"),
        ("to=9999-12-30", "must be a time from 1970 to the year 6428"),
        ("policy=-1", "must be a whole number from 1"),
        ("policy=1e9", "must be a whole number from 1"),
        ("site=%00", "must be a site key"),
        ("site=a&site=b", "is given twice"),
        ("granted=,", "must be a purpose id"),
        ("cursor=x", "must be a record id"),
        ("limit=0", "must be a whole number from 1"),
        ("limit=100000", "must be a whole number from 1"),
        ("sort=up", "is not one of"),
        ("id=" + "9" * 300, "is longer than 256 characters"),
        ("language=%27%3B--", "must be a language"),
    ],
)
def test_a_filter_that_makes_no_sense_is_told_beside_its_field(service: RunningService, query: str, said: str) -> None:
    """400, a sentence, what was typed kept, no record, and no entry."""
    record = service.accept()["record"]
    who = desk(service)
    before = service.rows()
    page = text_of(who, f"/console/records?{query}", 400)

    assert said in page
    assert record not in page
    assert {} == more_rows(before, service.rows())


def test_what_is_in_an_address_never_becomes_markup(service: RunningService) -> None:
    """Typed text is text, wherever it is shown again."""
    who = desk(service)
    evil = "%3Cscript%3Ealert(1)%3C/script%3E%22%20onfocus=%22x"
    for path in (
        f"/console/records?id={evil}&site={evil}&from={evil}&granted={evil}&{evil}=1",
        f"/console/ledger?kind={evil}&before={evil}&{evil}=1",
        f"/console/sign-in?next={evil}",
        f"/console/{evil}",
    ):
        page = who.get(path).text
        assert "<script>alert" not in page
        assert ' onfocus="x' not in page


def test_filters_find_what_they_say_and_live_in_the_address(service: RunningService) -> None:
    """One field takes either id; pages go on where they were while records arrive."""
    accepted = service.accept()
    service.refuse()
    chosen = service.accept(purposes={"measurement": False, "embeds": True}, method="custom", language="de")["record"]
    service.settle()
    who = desk(service)
    record = accepted["record"]
    listed = text_of(who, f"/console/records?id={record}")
    consent_id = listed.partition('data-copy="')[2].partition('"')[0]

    assert [record] == shown(who, f"/console/records?id={consent_id.lower().replace('-', '')}")
    assert [chosen] == shown(who, "/console/records?refused=measurement&granted=embeds&language=de&policy=1")
    first = shown(who, "/console/records?limit=1")
    older = f"/console/records?limit=1&cursor={first[0]}"
    assert f'href="{older}"' in text_of(who, "/console/records?limit=1")
    before = shown(who, older)
    service.accept()
    assert before == shown(who, older)


def test_a_search_keeps_in_the_ledger_what_was_asked(service: RunningService) -> None:
    """Filters, how many were shown, and that it was in the console, by whom."""
    service.accept()
    who = desk(service)
    who.get("/console/records?method=accept_all&id=&from=2026-01-01")
    last = entries(service.home, EntryKind.RECORDS_SEARCHED)[-1]

    assert {"method": "accept_all", "from": "2026-01-01T00:00:00Z"} == last["filters"]
    assert (1, "console", str(UUID(bytes=who.member.staff_id))) == (last["found"], last["via"], last["by"])


def test_a_record_shows_everything_that_was_asked_and_answered(service: RunningService) -> None:
    """The words in their language, each purpose, times, origin, rule, other decisions, the receipt, the proof."""
    first = service.accept(language="de")
    service.home.clock.forward(60_000)
    nothing = {"measurement": False, "embeds": False}
    second = service.accept(purposes=nothing, method="withdraw", receipt=first["receipt"])
    service.settle()
    who = desk(service)
    later = next(one for one in shown(who, "/console/records") if one != first["record"])
    page = text_of(who, f"/console/records/{first['record']}")

    assert 'lang="de" dir="ltr"' in page
    assert "text für Leser, „auf Deutsch“" in page
    assert ["measurement für Leser", "embeds für Leser"] == [
        name for name in ("measurement für Leser", "embeds für Leser") if name in page
    ]
    assert 2 == page.count("granted\n") + page.count("granted<")
    for wanted in ("https://www.example.org", "2026-06-15T12:00:00.000Z", "<code>default</code>", first["receipt"]):
        assert wanted in page
    assert f'href="/console/records/{later}"' in page.partition("Later decisions")[2].partition("Earlier")[0]
    assert "Genuine: this record is entry" in page
    assert "None: this is the one that counts." in text_of(who, f"/console/records/{later}")
    assert second["receipt"] != first["receipt"]


def test_a_full_refusal_has_no_id_to_show(service: RunningService) -> None:
    """It says so, and lists no other decision."""
    service.refuse()
    service.settle()
    who = desk(service)
    page = text_of(who, f"/console/records/{shown(who, '/console/records')[0]}")

    assert "none: a full refusal leaves no identifier" in page
    assert "Earlier decisions" not in page


ALTERED: dict[str, dict[str, Any]] = {
    "its answer": {"granted": "", "refused": ",embeds,measurement,"},
    "its subject": {"subject": "nobody's id"},
    "its subject, of another type": {"subject": b"\xff\xfe"},
    "its time": {"server_time": 10**17},
    "its time, of another type": {"server_time": "yesterday"},
    "its method": {"method": "<b>made up</b>"},
    "its site": {"site_key": "shop0001"},
    "its policy": {"policy_number": -5},
    "its policy, of another type": {"policy_number": "one"},
    "its language": {"language": "xx"},
    "its rule": {"rule": "ca"},
    "its receipt": {"receipt": "not a receipt"},
    "no receipt": {"receipt": None},
}


OF_ANOTHER_TYPE = ("its time, of another type", "its policy, of another type")


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_row_of_the_search_table_is_told_in_words(service: RunningService, name: str) -> None:
    """Every column, in every page that shows it: red words and no crash."""
    if name in OF_ANOTHER_TYPE and service.home.place.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="is of type"):
            change(service.home, update(t.record).values(_raw(ALTERED[name])))
        return
    record = service.accept()["record"]
    service.settle()
    who = desk(service)
    change(
        service.home,
        update(t.record).where(t.record.c.record_id == UUID(record).bytes).values(_raw(ALTERED[name])),
    )
    page = text_of(who, f"/console/records/{record}")

    assert "Not genuine" in page
    assert "Genuine: this record" not in page
    assert "<b>made up</b>" not in who.get(f"/console/records/{record}").text
    assert 200 == who.get("/console/records").status_code
    assert 200 == who.get("/console").status_code


PARTS: dict[str, dict[str, Any]] = {
    "no JSON": {"what": b"\xff\x00"},
    "another JSON": {"what": b"[1, 2]"},
    "a number": {"what": b"7"},
    "no parts": {"what": None, "what_salt": None},
    "odd members": {"what": b'{"purposes": 7, "language": 3, "policy": [], "client_time": "x", "gpc": 9, "build": {}}'},
    "odd purposes": {"what": b'{"purposes": {"measurement": "yes"}, "language": "en", "client_time": -1}'},
    "deep JSON": {"what": b"[" * 50_000},
    "no who": {"who": b"nobody"},
    "another leaf": {"leaf": b"x"},
    "another kind": {"kind": "page:viewed"},
}


@pytest.mark.parametrize("name", PARTS)
def test_an_altered_entry_is_told_in_words(service: RunningService, name: str) -> None:
    """Whatever bytes stand there."""
    record = service.accept()["record"]
    service.settle()
    who = desk(service)
    change(service.home, update(t.entry).where(t.entry.c.entry_id == UUID(record).bytes).values(PARTS[name]))
    page = text_of(who, f"/console/records/{record}")

    if name != "another kind":
        assert "Not genuine" in page
    assert 200 == who.get("/console/ledger").status_code


def _raw(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values so that they reach a column of another type as they are."""
    return {name: type_coerce(value, _TYPES[type(value)]) for name, value in values.items()}


def test_the_ledgers_list_tells_entries_in_words(service: RunningService) -> None:
    """Who did what, newest first, in pages; a kind alone where it is asked for."""
    who = desk(service)
    for _ in range(60):
        who.get("/console/policies")
    page = text_of(who, "/console/ledger")
    older = page.partition('href="/console/ledger?before=')[2][:36]

    assert 50 == page.count('data-label="What happened"')
    assert "A page was opened" in page
    assert "Ann Example" in page
    assert 200 == who.get(f"/console/ledger?before={older}").status_code
    made = text_of(who, "/console/ledger?kind=staff:created")
    assert "An account was made" in made
    assert "test, on the command line" in made
    assert 400 == who.get("/console/ledger?before=x&kind=nothing").status_code
    assert 400 == who.get("/console/ledger?x=1").status_code


def test_a_page_is_sent_only_after_its_entry_is_stored(service: RunningService) -> None:
    """When the look can not be written down, nobody looks."""
    record = service.accept()["record"]
    service.settle()
    who = desk(service)
    service.node.writer.stop()
    answer = who.get(f"/console/records/{record}")

    assert (503, "5") == (answer.status_code, answer.headers["retry-after"])
    assert "Genuine" not in answer.text


def test_an_unforeseen_error_is_a_page_and_a_problem_and_tells_nothing(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was stands in the log only."""
    who = desk(service)

    def fail(*_given: object, **_named: object) -> object:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("askfirst.web.console.overview.count_days", fail)
    monkeypatch.setattr("askfirst.web.publications.describe", fail)
    service.client._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
    page, document = who.get("/console"), service.get("/descriptor/demo0001")

    assert (500, 500) == (page.status_code, document.status_code)
    assert "Something went wrong" in page.text
    assert "/problems/unforeseen" == document.json()["type"]
    assert "secret of the inside" not in page.text + document.text
