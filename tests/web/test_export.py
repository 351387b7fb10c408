"""Exports: every record once, in each format, as a stream with an entry; and for one service alone."""

import csv
import hashlib
import io
import json
import sys
from typing import Any

import pyarrow.parquet
import pytest
from sqlalchemy import update

from askfirst.storage import tables as t
from askfirst.usecases.export_rows import CsvLines, ExportRow, NdjsonLines
from askfirst.usecases.tokens import issue_token
from support.places import current_digest, publish
from support.running_service import RunningService
from support.staff import entries

pytestmark = pytest.mark.each_database


def bearer(service: RunningService, sites: tuple[str, ...] | None = None, role: str = "auditor") -> str:
    place = service.home.place
    return "Bearer " + issue_token(place.staff, 1, name="export", role=role, sites=sites, days=1, by=place.by)


def export(service: RunningService, query: str = "", **given: Any) -> Any:
    answer = service.get(f"/api/v1/export?{query}", authorization=bearer(service, **given))
    assert answer.status_code == 200, answer.text
    return answer


def test_every_record_is_handed_out_once_oldest_first_and_the_entry_says_what_was(service: RunningService) -> None:
    """Rows and digest of the entry are those of the bytes; the manifest says the same, and the checkpoint over it."""
    made = [service.accept()["record"]]
    service.home.clock.forward(1)
    service.refuse()
    service.home.clock.forward(1)
    made.append(service.accept("shop0001")["record"])
    answer = export(service)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    noted = entries(service.home, "records:exported")[-1]
    service.settle()
    manifest = service.get(f"/api/v1/exports/{answer.headers['askfirst-export']}", authorization=bearer(service)).json()

    assert made == [lines[0]["record"], lines[2]["record"]]
    assert (None, ["embeds", "measurement"]) == (lines[1]["consent_id"], sorted(lines[1]["refused"]))
    assert current_digest(service.home.place, "demo0001") == lines[0]["policy"]
    assert "https://www.example.org" == lines[0]["origin"]
    digest = hashlib.sha256(answer.content).hexdigest()
    assert (3, digest, "ndjson", "api") == (noted["rows"], noted["digest"], noted["format"], noted["via"])
    assert (3, f"sha256:{digest}", answer.headers["askfirst-export"]) == (
        manifest["rows"],
        manifest["digest"],
        manifest["export"],
    )
    assert manifest["checkpoint"].startswith("consent.example.net/log/example\n")


def test_an_export_goes_on_after_a_cursor_and_keeps_to_its_filters_and_sites(service: RunningService) -> None:
    """The last record that arrived is where it goes on."""
    made = []
    for number in range(4):
        made.append(service.accept("shop0001" if number == 2 else "demo0001")["record"])
        service.home.clock.forward(1)

    def ids(query: str, **given: Any) -> list[str]:
        return [json.loads(line)["record"] for line in export(service, query, **given).text.splitlines()]

    assert made == ids("")
    assert made[2:] == ids(f"cursor={made[1]}")
    assert [made[2]] == ids("site=shop0001") == ids("", sites=("shop0001",))
    assert [] == ids("site=demo0001", sites=("shop0001",))
    assert [] == ids("refused=measurement")


def test_a_csv_is_read_back_and_a_parquet_file_too(service: RunningService) -> None:
    """With a byte order mark where it was asked for."""
    record = service.accept()["record"]
    text = export(service, "format=csv&bom=true").content
    table = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    rows = pyarrow.parquet.read_table(io.BytesIO(export(service, "format=parquet").content)).to_pylist()

    assert text.startswith(b"\xef\xbb\xbfrecord,")
    assert [(record, "embeds measurement", "false")] == [(row["record"], row["granted"], row["late"]) for row in table]
    assert [(record, ["embeds", "measurement"], False)] == [
        (row["record"], sorted(row["granted"]), row["late"]) for row in rows
    ]
    assert b"record," in export(service, "format=csv").content[:7]


def test_an_export_for_one_service_says_whether_it_was_allowed(service: RunningService) -> None:
    """Who collects consent for others hands them their proof (PR-6): only policies that name the service."""
    service.accept()
    service.home.clock.forward(1)
    provider = {"name": "Example Maps", "privacy_policy": "https://maps.example"}
    both = {"en": "Shows a map.", "de": "Zeigt eine Karte."}
    maps = {"id": "maps", "name": "Maps", "purpose": "embeds", "provider": provider, "description": both}
    publish(service.home.place, "demo0001", services=[maps])
    service.settle()
    accepted = service.accept()["record"]
    service.home.clock.forward(1)
    service.accept(purposes={"measurement": True, "embeds": False}, method="custom")
    lines = [json.loads(line) for line in export(service, "service=maps").text.splitlines()]
    nobody = service.get("/api/v1/export?service=nobody", authorization=bearer(service))

    assert [("maps", "embeds", True), ("maps", "embeds", False)] == [
        (one["service"], one["purpose"], one["allowed"]) for one in lines
    ]
    assert accepted == lines[0]["record"]
    assert 404 == nobody.status_code


@pytest.mark.parametrize(
    "query",
    ["format=xls", "bom=1", "limit=5", "service=", "x=1", "format=csv&format=csv", "from=2026-02-02&to=2026-01-01"],
)
def test_a_bad_export_is_refused_before_anything_is_handed_out(service: RunningService, query: str) -> None:
    """A problem document and no entry."""
    token = bearer(service)
    before = service.rows()

    assert 400 == service.get(f"/api/v1/export?{query}", authorization=token).status_code
    assert before == service.rows()


def test_only_its_maker_and_whole_auditors_see_an_exports_manifest(service: RunningService) -> None:
    """Another's export is as good as none."""
    answer = export(service, sites=("shop0001",))
    export_id = answer.headers["askfirst-export"]
    place = service.home.place
    other = issue_token(place.staff, 1, name="other", role="auditor", sites=("demo0001",), days=1, by=place.by)
    foreign = issue_token(place.staff, 2, name="foreign", role="auditor", sites=None, days=1, by=place.by)
    for secret in (other, foreign):
        assert 404 == service.get(f"/api/v1/exports/{export_id}", authorization=f"Bearer {secret}").status_code
    assert 200 == service.get(f"/api/v1/exports/{export_id}", authorization=bearer(service)).status_code
    assert 404 == service.get("/api/v1/exports/x", authorization=bearer(service)).status_code


def test_a_row_that_was_altered_by_hand_is_still_handed_out(service: RunningService) -> None:
    """An export shows what is there, whatever somebody put there."""
    service.accept()
    values = {"receipt": None, "subject": "=HYPERLINK(1)", "language": "-1+1"}
    with service.home.place.engine.begin() as connection:
        connection.execute(update(t.record).values(**values))
    row = next(csv.DictReader(io.StringIO(export(service, "format=csv").text)))

    assert ("'=HYPERLINK(1)", "'-1+1", "") == (row["consent_id"], row["language"], row["receipt"])


class _Nothing:
    def digest(self, site_key: str, number: int) -> str | None:
        return None

    def purpose(self, site_key: str, number: int) -> str | None:
        return None


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_is_a_formula(start: str) -> None:
    """Whatever a spreadsheet would run begins with an apostrophe (OWASP, CSV injection)."""
    evil = f'{start}cmd|"/c calc"!A1'
    row = ExportRow(bytes(16), evil, evil, 1, evil, evil, 1, evil, evil, evil, "", evil, False)
    cells = next(csv.reader(io.StringIO(CsvLines(_Nothing(), None, mark=False).body([row]).decode(), newline="")))

    assert [] == [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_line_is_json_whatever_it_says() -> None:
    """Quotes, backslashes and line ends are escaped."""
    evil = 'a"b\\c\n\u2028'
    row = ExportRow(bytes(16), evil, evil, 1, evil, evil, 1, evil, evil, ",a,", "", evil, True)
    text = NdjsonLines(_Nothing(), None).body([row]).decode()

    assert 1 == text.count("\n")
    assert (evil, evil, evil) == tuple(json.loads(text)[name] for name in ("consent_id", "receipt", "site"))


@pytest.mark.parametrize("altered", [{"record_id": 1.5}, {"receipt": b"bytes"}, {"server_time": "soon"}])
def test_a_row_that_was_altered_by_hand_is_a_line_all_the_same(altered: dict[str, Any]) -> None:
    """It is read as what comes nearest, and its neighbours as they are."""
    whole = ExportRow(bytes(16), "x" * 21, "token", 1, "a", "b", 1, "c", "d", ",e,", "", "f", False)
    row = whole._replace(**altered)
    first, second = NdjsonLines(_Nothing(), None).body([row, whole]).decode().splitlines()

    assert {"record", "consent_id", "receipt", "server_time", "site"} <= json.loads(first).keys()
    assert len(json.loads(first)["record"]) == 36
    assert ("token", 1) == (json.loads(second)["receipt"], json.loads(second)["server_time"])


def test_a_format_whose_library_is_not_there_is_refused_before_the_first_byte(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence that says what to install, and without an entry of an export."""
    service.accept()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    answer = service.get("/api/v1/export?format=parquet", authorization=bearer(service))

    assert 400 == answer.status_code
    assert "pip install 'askfirst[parquet]'" in answer.json()["errors"][0]["message"]
    assert [] == entries(service.home, "records:exported")
