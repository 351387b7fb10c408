"""`askfirst audit daily`: days by hand."""

from pathlib import Path

import pytest

from askfirst import output
from support.command_line import CommandLine
from support.places import Home
from support.running_service import run_service
from support.staff import entries

WORDS = ("audit", "daily", "--organisation", "example")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder for exports."""
    made = tmp_path / "exports"
    made.mkdir()
    return made


def test_days_of_a_range_are_written_once_with_a_bar(
    home: Home, furnished_askfirst: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their entries name the operator; `--again` writes them anew."""
    monkeypatch.setattr(output, "QUIET_S", 0.0)
    with run_service(home) as service:
        service.accept()
        service.settle()
    words = (*WORDS, "--from", "2026-06-14", "--to", "2026-06-15")
    said = furnished_askfirst.does(*words, DAILY_EXPORT=str(folder))
    second = furnished_askfirst.does(*words, DAILY_EXPORT=str(folder))
    again = furnished_askfirst.does(*words, "--again", DAILY_EXPORT=str(folder))

    assert "Exported: 1 of 1" in said
    for told in (said, again):
        assert "2026-06-14 is written, with its manifest.\n2026-06-15 is written, with its manifest.\n" in told
    assert "Nothing was to be written.\n" == second
    assert 1 == len((folder / "example/2026-06-15.ndjson").read_bytes().splitlines())
    noted = entries(home, "records:exported")
    assert [("cli", 0), ("cli", 1)] * 2 == [(one["via"], one["rows"]) for one in noted]
    assert all(str(one["by"]).startswith("operator:") for one in noted)


def test_what_is_due_is_written_without_waiting(furnished_askfirst: CommandLine, folder: Path) -> None:
    """The last day that is over, once."""
    given = {"DAILY_EXPORT": str(folder), "DAILY_EXPORT_FORMAT": "csv"}
    assert "is written, with its manifest." in furnished_askfirst.does(*WORDS, **given)
    assert "Nothing was to be written.\n" == furnished_askfirst.does(*WORDS, **given)
    assert [".csv", ".json"] == sorted(one.suffix for one in (folder / "example").iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "yesterday"), "--from must be a day, like 2026-11-23"),
        (("--from", "2026-06-15", "--to", "2026-06-14"), "--to must not be before --from"),
        (("--from", "2999-01-01"), "--to must be over"),
        (("--from", "1970-01-01", "--to", "2026-01-01"), "--from must be at most 4,000 days before --to"),
        (("--to", "2026-06-14"), "--from must say which day is the first"),
        (("--again",), "--from must say which day is the first"),
    ],
)
def test_days_that_can_not_be_meant_are_refused(
    furnished_askfirst: CommandLine, folder: Path, words: tuple[str, ...], said: str
) -> None:
    """In a sentence; nothing is written."""
    assert said in furnished_askfirst.refuses(*WORDS, *words, DAILY_EXPORT=str(folder))
    assert [] == list(folder.iterdir())


def test_without_a_place_or_with_one_that_is_gone_nothing_is_written(
    furnished_askfirst: CommandLine, folder: Path
) -> None:
    """Each is told with what to do."""
    folder.rmdir()
    assert "ASKFIRST_DAILY_EXPORT must say where" in furnished_askfirst.refuses(*WORDS)
    gone = furnished_askfirst(*WORDS, "--from", "2026-06-14", DAILY_EXPORT=str(folder))
    assert (1, True) == (gone.code, "is not there" in gone.err)
