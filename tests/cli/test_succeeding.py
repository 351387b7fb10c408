"""`askfirst ledger succeed`: the recovery as the docs walk through it."""

from pathlib import Path

from support.backups import back_up
from support.command_line import CommandLine
from support.places import Home
from support.running_service import run_service

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
    said = furnished_askfirst.does("ledger", "succeed", *NEW, "--yes", *ORGANISATION)
    with run_service(home, asked=100) as service:
        service.accept()
        service.settle()
    after = furnished_askfirst.does("ledger", "verify", *ORGANISATION)

    assert 2 == cut.code
    assert "the log was cut" in cut.out
    assert 1 == asked.code
    assert "consent.example.net/log/example is closed, and consent.example.net/log/example-2 goes on" in said
    assert "checkpoints hold" in after
    again = furnished_askfirst.refuses("ledger", "succeed", *NEW, "--yes", *ORGANISATION)
    assert "is in use" in again or "taken" in again
