"""Exports from the console: the file of the form, its manifest, what was taken before, and what can not be taken."""

import csv
import hashlib
import io

import pytest

from support.refused_pages import refused
from support.running_service import RunningService
from support.staff import desk, entries

PLACE = "/console/exports"


def test_a_file_is_taken_and_found_again_with_its_manifest(service: RunningService) -> None:
    """Rows and digest of the entry and the manifest are those of the file; whole days of the form are in it."""
    service.accept()
    service.refuse("shop0001")
    service.settle()
    service.home.clock.forward(1_000)  # an export ends before the moment at which it is asked for
    who = desk(service, "auditor")
    file = who.get(f"{PLACE}/file?format=csv&bom=true&site=&from=2026-06-15&to=2026-06-15")

    assert (200, 'attachment; filename="records.csv"') == (file.status_code, file.headers["content-disposition"])
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert 3 == len(list(csv.reader(io.StringIO(file.content.decode("utf-8-sig")))))
    told = entries(service.home, "records:exported")[-1]
    digest = hashlib.sha256(file.content).hexdigest()
    assert (2, digest, "console") == (told["rows"], told["digest"], told["via"])
    service.settle()
    manifest = who.get(f"{PLACE}/{file.headers['askfirst-export']}/manifest")
    assert (2, f"sha256:{digest}") == (manifest.json()["rows"], manifest.json()["digest"])
    assert manifest.json()["checkpoint"] is not None
    assert file.headers["askfirst-export"] in who.get(PLACE).text
    assert 1 == len(who.get(f"{PLACE}/file?format=ndjson&bom=true&site=shop0001").text.splitlines())
    assert 0 == len(who.get(f"{PLACE}/file?format=ndjson&to=2026-06-14").text.splitlines())


def test_with_named_sites_there_are_only_their_records_and_ones_own_exports(service: RunningService) -> None:
    """Neither the list nor a manifest tells what others took."""
    service.accept()
    service.settle()
    theirs = desk(service, "owner").get(f"{PLACE}/file?format=ndjson").headers["askfirst-export"]
    who = desk(service, "auditor", ("shop0001",))
    service.settle()

    assert "" == who.get(f"{PLACE}/file?format=ndjson").text
    assert theirs not in who.get(PLACE).text
    assert 404 == who.get(f"{PLACE}/{theirs}/manifest").status_code
    assert "" == who.get(f"{PLACE}/file?format=ndjson&site=demo0001").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("format=xls", "must be one of ndjson, csv, parquet"),
        ("from=x", "must be a date or time"),
        ("from=2026-06-03&to=2026-06-01", "must be later than from"),
        ("site=%3Cscript%3E", "must be a site key"),
        ("service=nobody", "No policy of this organisation names a service"),
        ("nothing=1", "is no parameter of an export"),
        ("cursor=x", "must be"),
        ("format=csv&format=csv", "is given twice"),
        ("to=9999-12-31", "must be"),
    ],
)
def test_what_can_not_be_exported_is_told_before_the_first_byte(
    shared_service: RunningService, query: str, said: str
) -> None:
    """The form is there again with what was typed, and nothing is left in the ledger."""
    assert said in refused(shared_service, f"{PLACE}/file?{query}")


def test_a_foreign_export_has_no_manifest(service: RunningService) -> None:
    """Another organisation's, nobody's and nonsense."""
    theirs = desk(service, slug="other").get(f"{PLACE}/file?format=ndjson").headers["askfirst-export"]
    who = desk(service)
    for export in (theirs, "00000000-0000-0000-0000-000000000001", "nonsense"):
        assert 404 == who.get(f"{PLACE}/{export}/manifest").status_code
    assert 400 == who.get(f"{PLACE}?before=x").status_code
    assert 400 == who.get(f"{PLACE}?x=1").status_code
