"""How commands speak: plain lines, tables where there is a terminal, JSON where it is asked for."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

_out = Console(highlight=False, soft_wrap=True)
_aside = Console(stderr=True, highlight=False, soft_wrap=True)
# Where there is no terminal: after how long a command begins to say that it goes on, and how often again.
QUIET_S = 2.0
AGAIN_S = 10.0
# On one: how often a bar is drawn anew.
DRAWN_S = 0.1


def say(text: str) -> None:
    """Print a line."""
    _out.print(text, markup=False)


def say_json(value: object) -> None:
    """Print a value as JSON."""
    _out.print(json.dumps(value, indent=2, ensure_ascii=False), markup=False)


def say_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows: as a table on a terminal, with tabs between the columns elsewhere."""
    if not _out.is_terminal:
        for row in (columns, *rows):
            typer.echo("\t".join(row))  # rich would turn the tabs into spaces
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    _out.print(table)


def utc(ms: int) -> str:
    """Return milliseconds since 1970 as people read a time, in UTC."""
    try:
        return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"no time: {ms}"  # an altered row is shown as it is


class Advance(Protocol):
    """Tells how far something has come."""

    def __call__(self, done: int, of: int) -> None:
        """Show `done` of `of`, which is 0 where nobody knows the end."""
        ...


@contextmanager
def working(title: str) -> Iterator[None]:
    """Show that something goes on whose end nobody knows: a moving mark on a terminal; elsewhere a line after two
    seconds, and one every ten, on standard error: what a command is asked for may be read by a program."""
    if _out.is_terminal:
        with _out.status(title):
            yield
        return
    begun, ended = time.monotonic(), threading.Event()

    def lines() -> None:
        wait = QUIET_S
        while not ended.wait(wait):
            _aside.print(f"{title}: {time.monotonic() - begun:.0f} seconds so far", markup=False)
            wait = AGAIN_S

    teller = threading.Thread(target=lines, name="askfirst-working", daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """Show how far something has come: a bar on a terminal; elsewhere, after two seconds, a plain line for each tenth,
    or one every ten seconds where nobody knows the end."""
    if not _out.is_terminal:
        yield _Lines(title)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Drawn by whoever tells of progress, and by no thread: a process with one could not be copied (verifying.py).
    with Progress(*columns, console=_out, transient=True, auto_refresh=False) as bars:
        yield _Bar(bars, title)


class _Bar:
    """Progress on a terminal."""

    def __init__(self, bars: Progress, title: str) -> None:
        self._bars, self._task = bars, bars.add_task(title, total=None)
        self._drawn = 0.0

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        draw = now - self._drawn >= DRAWN_S or done == of
        if draw:
            self._drawn = now
        self._bars.update(self._task, completed=done, total=of or None, refresh=draw)


class _Lines:
    """Progress where there is no terminal."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._tenth = -1
        self._quiet = time.monotonic() + QUIET_S

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now < self._quiet:
            return
        if not of:
            self._quiet = now + AGAIN_S
            say(f"{self._title}: {done:,} so far")
        elif (tenth := 10 * done // of) > self._tenth:
            self._tenth = tenth
            say(f"{self._title}: {done:,} of {of:,}")
