"""Samples of a process become seconds by part."""

import pytest
from bench.profiling import parts

STACKS = """\
thread (0x10): MainThread;run (asyncio/runners.py:9);sign (/x/sdk/src/askfirst_sdk/signing.py:62) 40
thread (0x10): MainThread;split_decision (/x/service/src/askfirst/core/decision_text.py:3);match (/x/re.py:1) 20
thread (0x10): MainThread;run (/x/asyncio/runners.py:9);send (/x/uvicorn/protocols/http.py:524) 80
thread (0x10): MainThread;_gathered (/x/askfirst/storage/group.py:9);send (/x/askfirst/storage/postgres_batches.py:9) 20
thread (0x11): askfirst-writer;_run (/x/service/src/askfirst/storage/group.py:51) 7
"""


def test_a_thread_beside_the_loop_counts_as_the_kernel_says_and_the_loop_by_what_it_was_seen_at() -> None:
    """What the loop did without the lock of Python is the server's; nothing is lost of what the kernel counted."""
    found = parts(STACKS, 200, 16, {16: 1.0, 17: 0.5, 18: 0.25})

    assert 1.75 == pytest.approx(sum(found.values()))
    assert [0.1, 0.2, 0.25, 0.6, 0.6] == sorted(round(one, 3) for one in found.values())
    # Of the writer's thread, and of the loop where that writes.
    assert 0.6 == found["writing: rows, driver, commit (SQLite: the writer's thread; PostgreSQL: the event loop)"]
    assert 0.25 == found["other threads"]


def test_threads_named_in_another_way_are_no_figures() -> None:
    """A release of the profiler that writes something else must not lead to a table of noughts."""
    with pytest.raises(RuntimeError, match="names its threads in another way"):
        parts("MainThread;run (x.py:1) 3\n", 200, 16, {16: 1.0})
