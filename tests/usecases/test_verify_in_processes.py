"""A long log is checked by several processes at once, and what they find is what one would have found."""

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from askfirst import verifying
from askfirst.folder_lock import folder_lock
from askfirst.storage import tables as t
from askfirst.usecases import verify_ledger as module
from askfirst.usecases.verify_ledger import Verification, verify_ledger
from support.altered_log import change, leaves, said, verified
from support.running_service import RunningService
from support.writing import open_batches, sealed


@pytest.fixture
def long_log(log: RunningService, monkeypatch: pytest.MonkeyPatch) -> RunningService:
    """Give a log of three ranges, which is long enough for several processes here."""
    monkeypatch.setattr(verifying, "_WORTH_IT", 0)
    monkeypatch.setattr(module, "RANGE", 256)
    batches = open_batches(log.home.settings)
    batches.commit([sealed(log.home, 1000 + number) for number in range(600)])
    batches.close()
    log.settle()
    return log


def in_processes(log: RunningService, **given: Any) -> tuple[Verification, list[tuple[int, int]]]:
    """Return what two processes find, and the progress."""
    seen: list[tuple[int, int]] = []
    result = verifying.verify(
        log.home.place,
        1,
        lambda done, of: seen.append((done, of)),
        anchor=log.home.anchors.read(1),
        processes=2,
        **given,
    )
    return result, seen


@pytest.mark.each_database
def test_several_processes_find_what_one_finds(long_log: RunningService) -> None:
    """Altered content, an altered search row and a lost leaf in different ranges: the same sentences, in order."""
    rows = leaves(long_log.home)
    entries, records = t.entry.c, t.record.c
    change(
        long_log.home,
        update(t.entry).where(entries.entry_id == rows[5].entry_id).values(what=b"{}"),
        update(t.record).where(records.record_id == rows[300].entry_id).values(language="de"),
    )
    alone, (together, seen) = verified(long_log.home, long_log.home.anchors.read(1)), in_processes(long_log)

    assert [5, 300] == sorted({one.position for one in alone.findings if one.position in (5, 300)})
    assert alone == together
    assert (len(rows), len(rows)) == seen[-1]
    assert sorted(seen) == seen

    change(long_log.home, delete(t.leaf).where(t.leaf.c.position == 400))
    alone, (together, _) = verified(long_log.home, long_log.home.anchors.read(1)), in_processes(long_log)

    assert "Entry 400: no leaf stands here; one was removed or renumbered" in said(alone)
    assert alone == together


_COPIES = """
import json, sys
from pathlib import Path
from askfirst import verifying
from askfirst.settings import read_settings
from askfirst.usecases import verify_ledger as module
from askfirst.workplace import open_workplace

verifying._WORTH_IT, module.RANGE = 0, 256
home, url = sys.argv[1:]
place = open_workplace(read_settings(file=None, home=Path(home), database_url=url))
found = verifying.verify(place, 1, lambda _done, _of: None, anchor=None, processes=2)
# The one that was copied goes on with its own connections, and can be copied again.
again = verifying.verify(place, 1, lambda _done, _of: None, anchor=None, processes=2)
assert found == again
print(json.dumps([verifying._beginning(place), found.size, found.root.hex(), [str(one) for one in found.findings]]))
"""


@pytest.mark.each_database
@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_processes_that_are_copies_find_what_one_finds(long_log: RunningService) -> None:
    """As a command does it, which has no other thread; a process that has some begins others anew."""
    rows = leaves(long_log.home)
    change(long_log.home, update(t.entry).where(t.entry.c.entry_id == rows[300].entry_id).values(what=b"{}"))
    alone = verified(long_log.home, None)
    settings = long_log.home.settings
    words = [sys.executable, "-c", _COPIES, str(settings.home), settings.database_url or ""]
    told = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)

    assert "" == told.stderr
    how, size, root, findings = json.loads(told.stdout)
    assert ("fork", alone.size, alone.root.hex(), said(alone)) == (how, size, root, findings)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(int).result()
        assert "spawn" == verifying._beginning(long_log.home.place)


_KILLED = """
import multiprocessing, os, signal, sys
from pathlib import Path
from askfirst import verifying
from askfirst.folder_lock import folder_lock
from askfirst.settings import read_settings
from askfirst.workplace import open_workplace

place = open_workplace(read_settings(file=None, home=Path(sys.argv[1])))
with folder_lock(place.settings):
    checking = verifying._in_processes(place, 1, 2, False)([(number, number + 1) for number in range(9)])
    next(checking)
    print(*(one.pid for one in multiprocessing.active_children()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_who_kills_a_verification_kills_all_of_it(log: RunningService) -> None:
    """Its processes end with it, and none of them keeps the folder from the next service."""
    words = [sys.executable, "-c", _KILLED, str(log.home.settings.home)]
    told = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    pids = [int(pid) for pid in told.stdout.split()]

    assert (-signal.SIGKILL, 2) == (told.returncode, len(pids)), told.stderr
    with folder_lock(log.home.settings):
        end = time.monotonic() + 10
        while any(map(_lives, pids)) and time.monotonic() < end:
            time.sleep(0.05)
    assert [] == [pid for pid in pids if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def test_without_signatures_only_what_a_receipt_says_is_checked(log: RunningService) -> None:
    """A receipt whose signature was altered passes that routine; one that says something else does not."""
    row = leaves(log.home)[-1]
    with log.home.place.engine.connect() as connection:
        kept = connection.execute(t.record.select().where(t.record.c.record_id == row.entry_id)).one().receipt
    payload, _, signature = kept.partition(".")
    swapped = "A" if signature[40] != "A" else "B"

    def found(receipt: str, *, signatures: bool) -> list[str]:
        change(log.home, update(t.record).where(t.record.c.record_id == row.entry_id).values(receipt=receipt))
        place = log.home.place
        return said(verify_ledger(place.directory, place.ledger, 1, signatures=signatures))

    forged = f"{payload}.{signature[:40]}{swapped}{signature[41:]}"
    assert [] == found(forged, signatures=False)
    assert 1 == len(found(forged, signatures=True))
    assert 1 == len(found(f"{payload[:-9]}{swapped}{payload[-8:]}.{signature}", signatures=False))
    assert 1 == len(found(f"{payload}.{signature[1:]}", signatures=False))
