"""`askfirst ledger succeed`: the recovery as the docs walk through it, and proofs of both logs after it."""

from pathlib import Path

import httpx
import pytest

from askfirst.usecases.proof_documents import document_in
from core.independent_checker import check
from support.backups import back_up
from support.command_line import CommandLine
from support.places import Home
from support.running_service import run_service
from support.served import serve

ORGANISATION = ("--organisation", "example")
NEW = ("--origin", "consent.example.net/log/example-2", "--reason", "The newest backup was older.")


def test_the_walk_of_the_docs(furnished_askfirst: CommandLine, home: Home, tmp_path: Path) -> None:
    """Refused, closed after a question, gone on with; `ledger verify` holds before and after."""
    with run_service(home) as service:
        service.accept()
        service.settle()
        back_up(home, tmp_path / "backup")
        service.accept()
        service.settle()
    home.close()
    for rest in (home.settings.home / "data").glob("askfirst.sqlite-*"):
        rest.unlink()
    (tmp_path / "backup").replace(home.settings.home / "data" / "askfirst.sqlite")
    cut = furnished_askfirst("ledger", "verify", *ORGANISATION)
    asked = furnished_askfirst("ledger", "succeed", *NEW, *ORGANISATION)
    nobody = "consent.example.net/log/nobody"
    other = furnished_askfirst.refuses("ledger", "succeed", *NEW, "--from", nobody, "--yes", *ORGANISATION)
    said = furnished_askfirst.does("ledger", "succeed", *NEW, "--yes", *ORGANISATION)
    with run_service(home, asked=100) as service:
        service.accept()
        service.settle()
    after = furnished_askfirst.does("ledger", "verify", *ORGANISATION)

    assert 2 == cut.code
    assert "the log was cut" in cut.out
    assert 1 == asked.code
    assert f"The last checkpoint is of consent.example.net/log/example, and not of {nobody}." in other
    assert "consent.example.net/log/example is closed, and consent.example.net/log/example-2 goes on" in said
    assert "checkpoints hold" in after
    again = furnished_askfirst.refuses("ledger", "succeed", *NEW, "--yes", *ORGANISATION)
    assert "is in use" in again or "taken" in again


@pytest.fixture
def bundles(furnished_askfirst: CommandLine, home: Home, tmp_path: Path) -> dict[str, Path]:
    """Give bundles in each form of a log and of its successor, by whose they are, and how the log was called."""
    files: dict[str, Path] = {}

    def take(whose: str, record: str) -> None:
        for form in ("text", "json", "html"):
            file = files[f"{whose}, {form}"] = tmp_path / f"{whose}.{form}"
            furnished_askfirst.does("audit", "proof", record, "--format", form, "--out", str(file), *ORGANISATION)

    with run_service(home) as service:
        early = service.accept()["record"]
        service.settle()
        take("old log, early record", early)
        back_up(home, tmp_path / "backup")
        lost = service.accept()["record"]
        service.settle()
        take("old log, lost record", lost)
    home.close()
    for rest in (home.settings.home / "data").glob("askfirst.sqlite-*"):
        rest.unlink()
    (tmp_path / "backup").replace(home.settings.home / "data" / "askfirst.sqlite")
    furnished_askfirst.does("ledger", "succeed", *NEW, "--yes", *ORGANISATION)
    with run_service(home, asked=100) as service:
        new = service.accept()["record"]
        service.settle()
        take("new log, early record", early)
        take("new log, new record", new)
        # From here on receipts and statements are signed by a key that is named after the new log.
        furnished_askfirst.does("key", "rotate", "receipt", "--at-once", *ORGANISATION)
        service.node.refresh()
        newest = service.accept()["record"]
        service.settle()
        take("new keys, early record", early)
        take("new keys, newest record", newest)
    return files


def test_bundles_of_both_logs_hold_under_the_keys_that_are_published(
    furnished_askfirst: CommandLine, home: Home, bundles: dict[str, Path], tmp_path: Path
) -> None:
    """In every form: with the published keys, with the service asked, alone, and for a reader with none of our code."""
    verify = ("ledger", "verify", "--bundle")
    keys = tmp_path / "keys.txt"
    with serve(home) as served:
        keys.write_text(httpx.get(f"{served.url}/log/example/keys").text, encoding="utf-8")
        online = {
            whose: furnished_askfirst(*verify, str(file), "--online", served.url) for whose, file in bundles.items()
        }
    for whose, file in bundles.items():
        log = "consent.example.net/log/example" + ("" if whose.startswith("old") else "-2")
        said = furnished_askfirst.does(*verify, str(file), "--keys", str(keys))

        assert f"that the log {log} signed for." in said, whose
        assert f"that the log {log} signed for." in online[whose].out, whose
        if "lost" in whose:
            assert 1 == online[whose].code
            assert "Not there: at http" in online[whose].out
        else:
            assert "Still kept: " in online[whose].out, whose
        if not whose.endswith("text"):
            assert "The keys are the bundle's own" in furnished_askfirst.does(*verify, str(file))
            assert check(document_in(file.read_bytes()))["site"] == "demo0001"
