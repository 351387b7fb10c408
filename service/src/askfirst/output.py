"""How commands speak: plain lines, tables where there is a terminal, JSON where it is asked for."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

_out = Console(highlight=False, soft_wrap=True)


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
        """Show `done` of `of`."""
        ...


@contextmanager
def working(title: str) -> Iterator[None]:
    """Show that something goes on whose end nobody knows: a moving mark on a terminal, nothing elsewhere."""
    if not _out.is_terminal:
        yield
        return
    with _out.status(title):
        yield


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """Show how far something has come: a bar on a terminal, a plain line for each tenth elsewhere."""
    if not _out.is_terminal:
        shown = -1

        def lines(done: int, of: int) -> None:
            nonlocal shown
            tenth = 10 * done // of if of else 10
            if tenth > shown:
                shown = tenth
                say(f"{title}: {done:,} of {of:,}")

        yield lines
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_out, transient=True) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done, of: bars.update(task, completed=done, total=of)
