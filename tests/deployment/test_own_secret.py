"""The service's own secret is there before the first node starts, so that a copy of the keys folder is whole."""

import logging
from pathlib import Path

import pytest

from askfirst.usecases.sequence import sequence_all
from support.command_line import CommandLine
from support.places import Home
from support.running_service import run_service
from support.time_and_ids import HandClock

INIT = ("init", "--name", "Example", "--slug", "example")
FIRST_START = ("first-start", "--name", "Example", "--slug", "example", "--owner", "ann@example.org")


@pytest.mark.parametrize("words", [INIT, FIRST_START], ids=["init", "first-start"])
def test_the_keys_folder_is_whole_before_it_is_copied(askfirst: CommandLine, words: tuple[str, ...]) -> None:
    """Made at the first start, two nodes with copies of the folder each had one of their own: an answer that was
    repeated at the other node was a conflict."""
    askfirst.does(*words)

    assert (askfirst.home / "keys" / "service.secret").exists()


def test_a_node_that_lost_it_says_so(home: Home, clock: HandClock, caplog: pytest.LogCaptureFixture) -> None:
    """It goes on, and somebody has to look."""
    secret: Path = home.settings.keys_folder / "service.secret"
    with run_service(home) as service:
        service.accept()
        sequence_all(home.place.ledger, home.organisation().log_id, clock=clock)
    assert not [one for one in caplog.records if one.levelno == logging.CRITICAL]
    secret.unlink()

    with run_service(home):
        pass

    assert ["keys/service.secret was not there"] == [
        one.getMessage()[:33] for one in caplog.records if one.levelno == logging.CRITICAL
    ]
    assert secret.exists()
