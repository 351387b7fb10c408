"""One service process at a time on a home folder with an SQLite file."""

import subprocess
import sys
from pathlib import Path

import pytest

from askfirst.core.errors import ConfigurationFault
from askfirst.folder_lock import folder_lock
from support.places import settings_of

HOLD = "import fcntl,sys;f=open(sys.argv[1],'a');fcntl.flock(f,fcntl.LOCK_EX);print('held',flush=True);sys.stdin.read()"


def test_a_second_process_is_refused_until_the_first_ends_however_it_ends(tmp_path: Path) -> None:
    """The kernel holds the lock for the process: also one that was killed leaves nothing behind."""
    settings = settings_of(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "service.lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert b"held\n" == other.stdout.readline()
        refused = pytest.raises(ConfigurationFault, match=f"{tmp_path} is in use by another Askfirst process")
        with refused, folder_lock(settings):
            raise AssertionError("two processes hold one folder")
        other.kill()
    with folder_lock(settings):
        pass


def test_the_lock_ends_with_its_block(tmp_path: Path) -> None:
    """Within one process too: a second holder is refused, a later one is not."""
    settings = settings_of(tmp_path)
    with folder_lock(settings), pytest.raises(ConfigurationFault), folder_lock(settings):
        pass
    with folder_lock(settings):
        pass


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A lock makes no folder."""
    refused = pytest.raises(ConfigurationFault, match="does not exist; make it with: askfirst init")
    with refused, folder_lock(settings_of(tmp_path / "nowhere")):
        pass
    assert not (tmp_path / "nowhere").exists()
