"""`askfirst audit export`: a file, a manifest, and going on after an interruption."""

import hashlib
import json
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.places import Home
from support.running_service import run_service
from support.staff import entries

WORDS = ("audit", "export", "--organisation", "example")


@pytest.fixture
def filled(home: Home) -> Home:
    """Give a home with five decisions."""
    with run_service(home) as service:
        for _ in range(5):
            service.accept()
            home.clock.forward(1)
        service.settle()
    return home


@pytest.mark.parametrize("format_", ["ndjson", "csv", "parquet"])
def test_a_file_comes_with_a_manifest(
    filled: Home, furnished_askfirst: CommandLine, tmp_path: Path, format_: str
) -> None:
    """Rows, digest and checkpoint; and an entry with the same."""
    out = tmp_path / "records"
    furnished_askfirst(*WORDS, "--out", str(out), "--format", format_)
    manifest = json.loads((tmp_path / "records.manifest.json").read_text())
    noted = entries(filled, "records:exported")[-1]

    assert (5, f"sha256:{hashlib.sha256(out.read_bytes()).hexdigest()}", True) == (
        manifest["rows"],
        manifest["digest"],
        manifest["complete"],
    )
    assert (manifest["digest"], 5, "cli") == (f"sha256:{noted['digest']}", noted["rows"], noted["via"])
    assert manifest["checkpoint"].startswith("consent.example.net/log/example\n")


@pytest.mark.parametrize("format_", ["ndjson", "csv"])
@pytest.mark.parametrize("left", [0, 30, 1500, 2500, None])
def test_an_interrupted_file_is_gone_on_with(
    filled: Home, furnished_askfirst: CommandLine, tmp_path: Path, format_: str, left: int | None
) -> None:
    """A line that was cut is written anew, and the file is what it would have been; also where nothing was missing."""
    whole, part = tmp_path / "whole", tmp_path / "part"
    furnished_askfirst(*WORDS, "--out", str(whole), "--format", format_)
    part.write_bytes(whole.read_bytes()[:left])
    furnished_askfirst(*WORDS, "--out", str(part), "--format", format_, "--resume")

    assert whole.read_bytes() == part.read_bytes()
    first, second = (json.loads((tmp_path / f"{name}.manifest.json").read_text()) for name in ("whole", "part"))
    assert first == second
    assert (5, {}) == (second["rows"], second["filters"])
    noted = entries(filled, "records:exported")[-2:]
    assert [(5, first["digest"])] * 2 == [(one["rows"], f"sha256:{one['digest']}") for one in noted]


@pytest.mark.parametrize("mark", [(), ("--bom",)])
def test_a_table_of_which_only_the_head_was_written_is_gone_on_with(
    filled: Home, furnished_askfirst: CommandLine, tmp_path: Path, mark: tuple[str, ...]
) -> None:
    """The names of the columns stand there once."""
    whole, part = tmp_path / "whole", tmp_path / "part"
    furnished_askfirst(*WORDS, "--out", str(whole), "--format", "csv", *mark)
    part.write_bytes(whole.read_bytes().partition(b"\n")[0] + b"\n")
    furnished_askfirst(*WORDS, "--out", str(part), "--format", "csv", *mark, "--resume")

    assert whole.read_bytes() == part.read_bytes()
    assert 5 == json.loads((tmp_path / "part.manifest.json").read_text())["rows"]


def test_what_can_not_be_is_said(filled: Home, furnished_askfirst: CommandLine, tmp_path: Path) -> None:
    """No file is overwritten, and none is taken for an export that is none."""
    out = tmp_path / "there"
    out.write_text("something else\n")

    assert "exists; name another file" in furnished_askfirst.refuses(*WORDS, "--out", str(out))
    assert "no export of this format" in furnished_askfirst.refuses(*WORDS, "--out", str(out), "--resume")
    assert "must be one of" in furnished_askfirst.refuses(*WORDS, "--out", str(out) + "2", "--format", "xls")
    assert "something else\n" == out.read_text()


@pytest.mark.parametrize("format_", ["ndjson", "csv"])
@pytest.mark.parametrize("content", ["my only notes", "first\nsecond", "my notes\n01a20b4a\n", '[1]\n{"record":5}'])
def test_a_file_that_is_no_export_stays_as_it_is(
    filled: Home, furnished_askfirst: CommandLine, tmp_path: Path, format_: str, content: str
) -> None:
    """Whoever mistypes its name loses nothing, and is told so."""
    out = tmp_path / "notes"
    out.write_text(content, encoding="utf-8")
    said = furnished_askfirst.refuses(*WORDS, "--out", str(out), "--format", format_, "--resume")

    assert ("no export of this format" in said, content) == (True, out.read_text(encoding="utf-8"))


@pytest.mark.parametrize("more", [(), ("--resume",)])
def test_what_has_no_end_is_not_read(filled: Home, furnished_askfirst: CommandLine, more: tuple[str, ...]) -> None:
    """A device reads for ever, or takes everything in vain."""
    assert "/dev/null is no file" in furnished_askfirst.refuses(*WORDS, "--out", "/dev/null", *more)


@pytest.mark.parametrize("wrong", [("--from", "2026-12-02", "--to", "2026-12-01"), ("--service", "nobody")])
def test_what_is_refused_leaves_no_file_in_the_way(
    filled: Home, furnished_askfirst: CommandLine, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    """The same command, put right, is not told that the file is there already."""
    out = tmp_path / "records"
    furnished_askfirst.refuses(*WORDS, "--out", str(out), *wrong)

    assert not out.exists()
